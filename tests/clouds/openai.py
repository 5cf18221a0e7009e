"""A loopback stand-in for OpenAI's POST /v1/audio/speech, written from the contract sheet of 2026-11-21.

It proves that our client agrees with the sheet, and nothing about the live service. Answers are real wav files whose
length follows the text; `faults` are taken one per request, and once they are used up all goes well.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import numpy as np
import soundfile

KEY = "sk-stand-in-0123456789"
RATE = 24_000
SECONDS_PER_CHARACTER = 0.06
TOKENS_PER_SECOND = 20
MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
VOICES = [
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "fable",
    "onyx",
    "nova",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
]

REFUSALS: dict[str, tuple[int, str, str, str]] = {
    "key": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "forbidden": (403, "invalid_request_error", "unsupported_country", "Not from here."),
    "rate": (429, "requests", "rate_limit_exceeded", "Rate limit reached."),
    "quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    "bad": (400, "invalid_request_error", "", "Invalid value: 'voice'."),
    "policy": (400, "invalid_request_error", "content_policy_violation", "Not allowed."),
    "moderation": (400, "invalid_request_error", "moderation_blocked", "Blocked."),
    "missing": (404, "invalid_request_error", "model_not_found", "The model does not exist."),
    "unprocessable": (422, "invalid_request_error", "", "Cannot be processed."),
    "fault": (500, "server_error", "", "The server had an error."),
    "overloaded": (503, "server_error", "", "Overloaded."),
    "gateway": (502, "server_error", "", "Bad gateway."),
}
"""fault: status, type, code, message"""


@dataclass(frozen=True)
class Seen:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class OpenaiServer:
    """`with OpenaiServer("fault", "reset") as server:` then `server.url` is the SDK's base_url.

    Beyond REFUSALS: reset (before the answer), reset_body, cut (body ends early, politely), slow (many pieces, until
    `hurry` is set), type, empty, garbage, header (a wav without its length), short (a wav that announces more than it
    holds), no_sse (sound although events were asked), no_usage, no_done, bad_event, event_error, redirect, endless.
    """

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults)
        self.requests: list[Seen] = []
        self.hurry = threading.Event()
        self.speaking = threading.Event()
        """Set once the first piece of an answer is out."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hurry.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def spoken(text: str, speed: float) -> np.ndarray[Any, Any]:
    frames = round(len(text) * SECONDS_PER_CHARACTER / speed * RATE)
    return (0.3 * np.sin(np.arange(frames) * 2 * math.pi * 220 / RATE)).astype(np.float32)


def _wav(samples: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _resized(wav: bytes, size: int) -> bytes:
    """The same with other lengths in its header: of the file, and of the data that follows at 36."""
    return wav[:4] + struct.pack("<I", size) + wav[8:40] + struct.pack("<I", size) + wav[44:]


def _pieces(data: bytes, size: int = 8192) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


class _Handler(BaseHTTPRequestHandler):
    cloud: OpenaiServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        cloud = self.cloud
        fault = cloud.faults.pop(0) if cloud.faults else ""
        cloud.requests.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        refusal = REFUSALS.get(fault) or self._judge(body)
        if refusal:
            self._refuse(*refusal)
        elif fault == "redirect":
            self.send_response(307)
            self.send_header("location", f"{cloud.url}/audio/speech")
            self.send_header("content-length", "0")
            self.end_headers()
        elif fault == "reset":
            self._reset()
        else:
            with suppress(OSError):
                self._answer(body, fault)

    def _judge(self, body: dict[str, Any]) -> tuple[int, str, str, str] | None:
        """What the sheet's rules refuse."""
        bad = "invalid_request_error"
        plain = str(body.get("model")).startswith("tts-1")
        if self.headers.get("authorization") != f"Bearer {KEY}":
            return REFUSALS["key"]
        if self.path != "/v1/audio/speech" or body.get("model") not in MODELS:
            return REFUSALS["missing"]
        if not 0 < len(body.get("input", "")) <= 4096:
            return 400, bad, "string_above_max_length", "input"
        if body.get("voice") not in VOICES:
            return REFUSALS["bad"]
        if not 0.25 <= body.get("speed", 1.0) <= 4.0:
            return 400, bad, "", "speed"
        if body.get("response_format", "mp3") != "wav":
            return 400, bad, "", "this stand-in makes wav only"
        if plain and ("instructions" in body or body.get("stream_format") == "sse"):
            return 400, bad, "", "not for tts-1"
        return None

    def _refuse(self, status: int, kind: str, code: str, message: str) -> None:
        error = {"message": message, "type": kind, "param": None, "code": code or None}
        data = json.dumps({"error": error}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-request-id", "req_refused")
        if status == 429:
            self.send_header("retry-after", "0.05")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        samples = spoken(body["input"], body.get("speed", 1.0))
        sound = _wav(samples)
        sound = {
            "empty": _wav(samples[:0]), "garbage": b"no sound at all " * 50, "header": _resized(sound, 0xFFFFFFFF),
            "short": _resized(sound, 2 * len(sound)),
        }.get(fault, sound)  # fmt: skip
        events = body.get("stream_format") == "sse" and fault != "no_sse"
        pieces = self._events(body, sound, len(samples) / RATE, fault) if events else _pieces(sound)
        self.send_response(200)
        stated = "text/event-stream" if events else "audio/wav"
        self.send_header("content-type", "application/json" if fault == "type" else stated)
        self.send_header("x-request-id", f"req_{len(self.cloud.requests)}")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(pieces):
            if number == 1 and fault == "reset_body":
                return self._reset()
            if number == 1 and fault == "cut":
                self.close_connection = True
                return None
            if number and fault == "slow" and not self.cloud.hurry.is_set():
                time.sleep(0.05)
            self._chunk(piece)
            self.cloud.speaking.set()
        while fault == "endless":
            self._chunk(bytes(1 << 20))
        self._chunk(b"")
        return None

    def _events(self, body: dict[str, Any], sound: bytes, seconds: float, fault: str) -> Iterator[bytes]:
        for piece in _pieces(sound):
            audio = base64.b64encode(piece).decode()
            yield self._event({"type": "speech.audio.delta", "audio": "?" if fault == "bad_event" else audio})
        if fault == "event_error":
            yield self._event({"type": "error", "error": {"message": "broken"}})
        if fault == "no_done":
            return
        asked = len(body["input"] + body.get("instructions", "")) // 4 + 1
        heard = math.ceil(seconds * TOKENS_PER_SECOND)
        usage = {"input_tokens": asked, "output_tokens": heard, "total_tokens": asked + heard}
        yield self._event({"type": "speech.audio.done"} | ({} if fault == "no_usage" else {"usage": usage}))

    @staticmethod
    def _event(event: dict[str, Any]) -> bytes:
        return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _reset(self) -> None:
        """RST instead of FIN: the other side reads 'connection reset by peer'."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
