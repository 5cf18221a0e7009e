"""ElevenLabs as its contract sheet describes it, on loopback.

A stand-in written from the contract sheet: it proves that the studio agrees with the sheet, not with the live service.
Its account counts credits as the service's would, apart from the studio's ledger, so that the two can be compared.
"""

from __future__ import annotations

import base64
import io
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import soundfile

from tests.clouds.elevenlabs_cloning import Clones, form

KEY = "sk_0123456789abcdef"
VOICE = "21m00Tcm4TlvDq8ikWAM"
SECONDS_A_CHARACTER = 0.0625
TAIL_S = 0.3
CHEAP = ("eleven_flash_v2", "eleven_flash_v2_5", "eleven_turbo_v2", "eleven_turbo_v2_5")
LONGEST = {"eleven_multilingual_v2": 10_000, "eleven_flash_v2": 30_000, "eleven_v3": 5_000, "eleven_v4": 10_000}


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of an ordinary answer. `billed`: the service makes and counts the sound first,
    and then loses its own answer on the way."""

    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    act: str = ""
    """slow (whole, but in pieces), silent, stalled (half, then nothing), truncated (half, then the end), unframed (the
    same with no length announced), reset_unread, reset_read, closed"""
    content_type: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    """Fields of an otherwise good answer, put in its place."""
    raw: bytes | None = None
    """The whole body of an otherwise good answer."""
    billed: bool = False


def error(status: int, code: str, message: str = "", **headers: str) -> Fault:
    """The present shape. Underscores in header names stand for dashes."""
    kinds = {400: "validation_error", 401: "authentication_error", 404: "not_found", 429: "rate_limit_error"}
    detail = {"type": kinds.get(status, "error"), "code": code, "message": message or code, "status": code}
    return Fault(status, {"detail": detail | {"request_id": "req_x"}}, _dashed(headers))


def legacy(status: int, code: str, message: str = "", **headers: str) -> Fault:
    return Fault(status, {"detail": {"status": code, "message": message or code}}, _dashed(headers))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    key: str


class ElevenLabsServer:
    """`with ElevenLabsServer() as server:` then `base_url=server.url`. `script` holds the faults of the next requests in
    order; None is an ordinary answer."""

    def __init__(self, *, credits: int = 100_000, tier: str = "creator") -> None:
        self.asked: list[Asked] = []
        self.script: deque[Fault | None] = deque()
        self.limit = credits
        self.used = 0
        self.made = 0
        self.tier = tier
        self.voices: list[dict[str, Any]] = [{"voice_id": VOICE, "name": "Rachel", "category": "premade"}]
        self.models: Any = [model(name, longest=longest) for name, longest in LONGEST.items()]
        self.clones = Clones(self)
        self.spoken_of: Callable[[str], list[str]] = list
        """How the service cuts a text into characters."""
        self.lock = threading.Lock()
        self.over = threading.Event()

    def __enter__(self) -> ElevenLabsServer:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": self}))
        self._http.daemon_threads = True
        self._http.handle_error = lambda request, address: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def speech(self) -> list[Asked]:
        return [each for each in self.asked if each.method == "POST"]

    def next(self) -> Fault | None:
        with self.lock:
            return self.script.popleft() if self.script else None

    # --- what the service does ----------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.key != KEY:
            return _refuse(error(401, "invalid_api_key", "Invalid API key"))
        parts = asked.path.strip("/").split("/")
        if asked.method == "POST" and parts[:2] == ["v1", "text-to-speech"] and parts[3:] == ["with-timestamps"]:
            return self.speak(parts[2], asked)
        if asked.method == "POST" and asked.path == "/v1/sound-generation":
            return self.sound(asked)
        if asked.path == "/v2/voices":
            return 200, self.page(asked.query), {}
        if parts[:2] == ["v1", "voices"]:
            return self.clones.answer(asked.method, parts[2:], asked.body)
        if asked.path == "/v1/models":
            return 200, self.models, {}
        if asked.path == "/v1/user/subscription":
            return 200, self.subscription(), {}
        return _refuse(error(404, "not_found", "no such page"))

    def speak(self, voice_id: str, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        body = asked.body
        if not isinstance(body.get("text"), str):
            missing = {"loc": ["body", "text"], "msg": "field required", "type": "value_error.missing"}
            return 422, {"detail": [missing]}, {}
        settings = body.get("voice_settings") or {}
        for name, value in settings.items():
            low, high = (0.7, 1.2) if name == "speed" else (0.0, 1.0)
            if value is not None and not low <= value <= high:
                wrong = {
                    "loc": ["body", "voice_settings", name],
                    "msg": f"must be {low} to {high}",
                    "type": "value_error",
                }
                return 422, {"detail": [wrong]}, {}
        if voice_id not in {voice["voice_id"] for voice in self.voices}:
            return _refuse(error(404, "voice_not_found", f"A voice with id {voice_id} was not found."))
        model_id = body.get("model_id") or "eleven_multilingual_v2"
        text = body["text"]
        if len(text) > LONGEST.get(model_id, 40_000):
            return _refuse(error(400, "max_character_limit_exceeded", f"{len(text)} characters"))
        cost = -(-len(text) // 2) if model_id in CHEAP else len(text)
        with self.lock:
            if self.used + cost > self.limit:
                left = f"You have {self.limit - self.used} credits remaining, while {cost} are required."
                return _refuse(legacy(401, "quota_exceeded", left))
            self.used += cost
            self.made += 1
            number = self.made
        characters = self.spoken_of(text)
        step = SECONDS_A_CHARACTER / float(settings.get("speed") or 1.0)
        seconds = step * len(characters) + TAIL_S
        times = {
            "characters": characters,
            "character_start_times_seconds": [round(step * n, 4) for n in range(len(characters))],
            "character_end_times_seconds": [round(step * (n + 1), 4) for n in range(len(characters))],
        }
        sound = base64.b64encode(tone(asked.query.get("output_format", "mp3_44100_128"), seconds)).decode()
        headers = {"request-id": f"req_{number}", "character-cost": str(cost)}
        said = times | {"characters": [each.upper() for each in characters]}  # as if spelt out: not what was sent
        return 200, {"audio_base64": sound, "alignment": times, "normalized_alignment": said}, headers

    def sound(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        body = asked.body
        wrong = [
            name
            for name, low, high in (("duration_seconds", 0.5, 30), ("prompt_influence", 0, 1))
            if not low <= body.get(name, low) <= high
        ]
        if not isinstance(body.get("text"), str) or wrong:
            where = ["body", *(wrong[:1] or ["text"])]
            return 422, {"detail": [{"loc": where, "msg": "out of range", "type": "value_error"}]}, {}
        with self.lock:
            self.made += 1
            number = self.made
        sound = tone(asked.query.get("output_format", "mp3_44100_128"), float(body.get("duration_seconds") or 2.0))
        return 200, sound, {"request-id": f"req_{number}", "content-type": "audio/mpeg"}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        size = min(100, int(query.get("page_size", 10)))
        start = int(query.get("next_page_token") or 0)
        wanted = query.get("search", "").lower()
        found = [each for each in self.voices if wanted in f"{each.get('name')} {each.get('labels')}".lower()]
        if query.get("category"):
            found = [each for each in found if each.get("category") == query["category"]]
        more = start + size < len(found)
        return {
            "voices": found[start : start + size], "has_more": more, "total_count": len(found),
            "next_page_token": str(start + size) if more else None,
        }  # fmt: skip

    def subscription(self) -> dict[str, Any]:
        return {
            "tier": self.tier, "status": "active", "character_count": self.used, "character_limit": self.limit,
            "next_character_count_reset_unix": 1_798_761_600, "can_use_instant_voice_cloning": self.tier != "free",
            "voice_slots_used": 3, "voice_limit": 30, "max_credit_limit_extension": "unlimited",
        }  # fmt: skip


def model(name: str, *, longest: int | None = 10_000, **fields: Any) -> dict[str, Any]:
    return {
        "model_id": name, "name": name.title(), "can_do_text_to_speech": True, "can_use_style": True,
        "can_use_speaker_boost": True, "token_cost_factor": 1.0, "maximum_text_length_per_request": longest,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "hi", "name": "Hindi"}],
        "model_rates": {"character_cost_multiplier": 0.5 if name in CHEAP else 1.0},
    } | fields  # fmt: skip


@lru_cache(maxsize=64)
def tone(output_format: str, seconds: float) -> bytes:
    """A real file in the format: 220 Hz for so long."""
    codec, _, rest = output_format.partition("_")
    rate = int(rest.split("_")[0])
    samples = (0.2 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)
    container, subtype = {
        "mp3": ("MP3", None), "opus": ("OGG", "OPUS"), "wav": ("WAV", "PCM_16"), "pcm": ("RAW", "PCM_16"),
        "ulaw": ("RAW", "ULAW"), "alaw": ("RAW", "ALAW"),
    }[codec]  # fmt: skip
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=container, subtype=subtype)
    return out.getvalue()


def _refuse(fault: Fault) -> tuple[int, Any, dict[str, str]]:
    return fault.status, fault.body, fault.headers


class _Handler(BaseHTTPRequestHandler):
    service: ElevenLabsServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        fault = self.service.next()
        if fault is not None and fault.act == "reset_unread":
            self._reset()
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        address = urlsplit(self.path)
        asked = Asked(
            self.command, address.path, {name: each[0] for name, each in parse_qs(address.query).items()},
            form(self.headers.get("content-type", ""), body), self.headers.get("xi-api-key", ""),
        )  # fmt: skip
        self.service.asked.append(asked)
        if fault is None:
            self._reply(*self.service.answer(asked))
        elif fault.status:
            self._reply(fault.status, fault.body, fault.headers, fault.content_type)
        else:
            self._misbehave(fault, asked)

    def _misbehave(self, fault: Fault, asked: Asked) -> None:
        status, answer, headers = self.service.answer(asked) if fault.billed else (200, {}, {})
        if fault.act == "reset_read":
            self._reset()
            return
        if fault.act == "closed":
            self.close_connection = True
            return
        plain = answer if isinstance(answer, bytes) else json.dumps(answer | fault.change).encode()
        whole = fault.raw if fault.raw is not None else plain
        if fault.act == "silent":
            self.service.over.wait(20)
            return
        if fault.act:
            self._piecemeal(fault, whole, status, headers)
            return
        self._reply(status, whole, headers | fault.headers, fault.content_type)

    def _piecemeal(self, fault: Fault, whole: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        headers = dict(headers)
        self.send_header("content-type", headers.pop("content-type", "application/json"))
        if fault.act == "unframed":
            self.send_header("connection", "close")
        else:
            self.send_header("content-length", str(len(whole)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(whole) // 2
        self.wfile.write(whole[:half])
        self.wfile.flush()
        if fault.act == "slow":
            time.sleep(0.1)
            self.wfile.write(whole[half:])
        elif fault.act == "stalled":
            self.service.over.wait(20)
        self.close_connection = True

    def _reply(self, status: int, body: Any, headers: dict[str, str], content_type: str = "") -> None:
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        headers = dict(headers)
        kind = headers.pop("content-type", "application/json")
        self.send_header("content-type", content_type or kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _reset(self) -> None:
        """RST instead of a goodbye."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


GOOD = Fault(billed=True)
"""An ordinary answer, to be changed: replace(GOOD, change={…})."""

REFUSALS: dict[str, Fault] = {
    "text too long": error(400, "max_character_limit_exceeded"),
    "bad parameters": error(400, "invalid_parameters", "voice_settings cannot be used"),
    "no free slot": error(400, "voice_limit_reached"),
    "wrong key": error(401, "invalid_api_key", "Invalid API key"),
    "plan used up": legacy(401, "quota_exceeded", "You have 3 credits remaining, while 40 are required."),
    "plan used up, present shape": error(402, "quota_exceeded"),
    "key may not": error(401, "missing_permissions", "The key is missing the permission text_to_speech"),
    "shut out": legacy(401, "detected_unusual_activity", "Unusual activity detected."),
    "not in the plan": error(403, "output_format_not_allowed", "mp3_44100_192 needs Creator"),
    "to be paid": error(402, "payment_required"),
    "no such voice": error(404, "voice_not_found"),
    "field by field": Fault(
        422, {"detail": [{"loc": ["body", "text"], "msg": "field required", "type": "value_error.missing"}]}
    ),
    "a sentence": Fault(401, {"detail": "Invalid API key (invalid_api_key)"}),
}
LIMITS: dict[str, Fault] = {
    "rate": error(429, "rate_limit_exceeded", retry_after="7"),
    "at once": error(429, "concurrent_limit_exceeded"),
    "at once, older": legacy(429, "too_many_concurrent_requests"),
    "busy": legacy(429, "system_busy"),
    "no code": Fault(429, "slow down", {"retry-after-ms": "1500"}, content_type="text/plain"),
}
_SOUND = base64.b64encode(tone("wav_16000", 0.2)).decode()
DOUBTS: dict[str, Fault] = {
    "silent": Fault(act="silent", billed=True),
    "stalled": Fault(act="stalled", billed=True),
    "truncated": Fault(act="truncated", billed=True),
    "truncated, length not announced": Fault(act="unframed", billed=True),
    "reset after reading": Fault(act="reset_read", billed=True),
    "reset before reading": Fault(act="reset_unread"),
    "closed without a word": Fault(act="closed", billed=True),
    "wrong content type": replace(GOOD, content_type="text/html"),
    "bare sound": replace(GOOD, raw=b"\xff\xfb\x90\x64" + bytes(400), content_type="audio/mpeg"),
    "web page": replace(GOOD, raw=b"<html>welcome to the hotel wifi</html>", content_type="text/html"),
    "half of its JSON": replace(GOOD, raw=b'{"audio_base64": "SUQzBAAAAAAAI1RTU0UAAAAPAAADTGF2Zj'),
    "not an object": replace(GOOD, raw=b'["a"]'),
    "nothing": replace(GOOD, raw=b""),
    "null": replace(GOOD, raw=b"null"),
    "no sound": replace(GOOD, change={"audio_base64": None}),
    "empty sound": replace(GOOD, change={"audio_base64": ""}),
    "garbled base64": replace(GOOD, change={"audio_base64": f"{_SOUND[:100]}*{_SOUND[100:]}"}),
    "base64 cut off": replace(GOOD, change={"audio_base64": "SUQzB"}),
    "no sound in the sound": replace(GOOD, change={"audio_base64": base64.b64encode(b"not a sound" * 40).decode()}),
    "gateway gave up": Fault(504, "<html>504 Gateway Time-out</html>", content_type="text/html"),
}
