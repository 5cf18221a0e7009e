"""Stable Audio as its contract sheet describes it, on loopback: 2 and 2.5 at once, 3 by 202 and poll."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.clouds.service import Asked, Fault, Service, tone

_SYNCHRONOUS = "/v2beta/audio/stable-audio-2/"
_LATER = "/v2beta/audio/stable-audio/"
_RESULTS = "/v2beta/audio/results/"
_STEPS = {"stable-audio-2": (30, 100), "stable-audio-2.5": (4, 8), "stable-audio-3": (4, 8)}


def error(status: int, name: str, said: str) -> Fault:
    return Fault(status, {"id": "a1b2", "name": name, "errors": [said]})


REFUSALS = {
    "bad input": error(400, "bad_request", "duration: must be between 1 and 190"),
    "wrong key": error(401, "unauthorized", "invalid or missing API key"),
    "no credits": error(402, "payment_required", "you lack sufficient credits"),
    "moderated": error(403, "content_moderation", "your request was flagged"),
    "too large": error(413, "payload_too_large", "at most 10 MiB"),
    "well-formed but rejected": error(422, "unprocessable", "not this"),
}


class StabilityServer(Service):
    KEY = "sk-stand-in-0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, float] = {}

    def where(self, asked: Asked) -> str:
        return "create" if asked.method == "POST" else "poll"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.headers.get("authorization") != f"Bearer {self.KEY}":
            return _refused(REFUSALS["wrong key"])
        if asked.path.startswith(_RESULTS):
            return self.result(asked.path.removeprefix(_RESULTS))
        wrong = self.wrong(asked)
        if wrong:
            return _refused(error(400, "bad_request", wrong))
        seconds, number = float(asked.body["duration"]), self.count()
        if asked.path.startswith(_SYNCHRONOUS):
            return 200, tone(seconds), _headers(asked.body.get("seed", "0"), number)
        name = hashlib.sha256(str(number).encode()).hexdigest()
        self.jobs[name] = seconds
        return 202, {"id": name}, {}

    def wrong(self, asked: Asked) -> str:
        body, kind = asked.body, asked.headers.get("content-type", "")
        late = asked.path.startswith(_LATER)
        if not kind.startswith("multipart/form-data"):
            return "body: must be multipart/form-data"
        if body.get("model") not in (("stable-audio-3",) if late else ("stable-audio-2", "stable-audio-2.5")):
            return "model: unknown"
        least, most = _STEPS[body["model"]]
        if not 1 <= float(body.get("duration", 190)) <= (380 if late else 190):
            return "duration: out of range"
        if not least <= int(body.get("steps", least)) <= most:
            return "steps: out of range"
        if not 1 <= float(body.get("cfg_scale", 1)) <= 25 or not 0 <= int(body.get("seed", 0)) <= 4294967294:
            return "cfg_scale or seed: out of range"
        if asked.path.endswith("audio-to-audio") != ("audio" in body):
            return "audio: belongs to audio-to-audio"
        return "" if 1 <= len(body.get("prompt", "")) <= 10_000 else "prompt: out of range"

    def result(self, name: str) -> tuple[int, Any, dict[str, str]]:
        if name not in self.jobs:
            return _refused(error(404, "not_found", "no such generation"))
        if not self.ready(name):
            return 202, {"id": name, "status": "in-progress"}, {}
        return 200, tone(self.jobs[name]), _headers("5", 1)


def _headers(seed: str, number: int) -> dict[str, str]:
    return {"content-type": "audio/mpeg", "finish-reason": "SUCCESS", "seed": seed, "x-request-id": f"req-{number}"}


def _refused(fault: Fault) -> tuple[int, Any, dict[str, str]]:
    return fault.status, fault.body, fault.headers


FILTERED = Fault(200, tone(1.0), _headers("5", 7) | {"finish-reason": "CONTENT_FILTERED"}, made=True)
