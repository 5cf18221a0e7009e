"""ElevenLabs' POST /v1/music as the contract sheet describes it, beside what its stand-in speaks."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

from tests.clouds import elevenlabs, service
from tests.clouds.elevenlabs import Asked, ElevenLabsServer, error

MODELS = ("music_v1", "music_v2", "music_v2_5")
SUGGESTION = "A slow ballad with a warm male voice"
BAD_PROMPT = service.Fault(
    400,
    {"detail": {"status": "bad_prompt", "message": "Your prompt names an artist.", "data": {"prompt_suggestion": SUGGESTION}}},
)  # fmt: skip
_ACTS = {"cut": "truncated"}


class MusicServer(ElevenLabsServer):
    KEY = elevenlabs.KEY

    def __init__(self) -> None:
        super().__init__()
        self.faults: defaultdict[str, deque[service.Fault]] = defaultdict(deque)

    def seen(self) -> int:
        return len(self.asked)

    def creates(self) -> list[Asked]:
        return [each for each in self.asked if each.path == "/v1/music"]

    def next(self) -> elevenlabs.Fault | None:
        with self.lock:
            if not self.faults["create"]:
                return None
            fault = self.faults["create"].popleft()
        if fault.act:
            return elevenlabs.Fault(act=_ACTS.get(fault.act, fault.act), billed=True)
        self.made += fault.made
        headers = dict(fault.headers)
        kind = headers.pop("content-type", "application/json")
        return elevenlabs.Fault(fault.status, fault.body, headers, content_type=kind)

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path != "/v1/music" or asked.key != elevenlabs.KEY:
            return super().answer(asked)
        wrong = _wrong(asked.body)
        if wrong:
            refused = error(422, "invalid_parameters", wrong)
            return refused.status, refused.body, refused.headers
        with self.lock:
            self.made += 1
        headers = {"request-id": f"req_{self.made}", "content-type": "audio/mpeg"}
        return 200, service.tone(_milliseconds(asked.body) / 1000), headers


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    plan = body["composition_plan"]
    found: list[dict[str, Any]] = plan["sections"] if body["model_id"] == "music_v1" else plan["chunks"]
    return found


def _milliseconds(body: dict[str, Any]) -> int:
    if "prompt" in body:
        return int(body["music_length_ms"])
    return sum(part["duration_ms"] for part in _parts(body))


def _wrong(body: dict[str, Any]) -> str:
    if ("prompt" in body) == ("composition_plan" in body):
        return "exactly one of prompt and composition_plan"
    if body.get("model_id") not in MODELS:
        return "model_id"
    if "prompt" in body:
        if "seed" in body or not 3_000 <= body["music_length_ms"] <= 600_000:
            return "seed or music_length_ms"
        return ""
    if {"music_length_ms", "force_instrumental"} & set(body):
        return "music_length_ms and force_instrumental go with a prompt alone"
    if ("sections" in body["composition_plan"]) != (body["model_id"] == "music_v1"):
        return "the plan is another model's"
    if not all(3_000 <= part["duration_ms"] <= 120_000 for part in _parts(body)):
        return "duration_ms"
    return "" if _milliseconds(body) <= 600_000 else "too long"
