"""Google's Interactions API as far as Lyria goes, on loopback: from the contract sheet, and the wire of google-genai 3.4.0
where the sheet names only the SDK's call."""

from __future__ import annotations

import base64
from typing import Any

from tests.clouds.service import Asked, Fault, Service, tone

SECONDS = {"lyria-3-clip-preview": 30.0, "lyria-3.5": 61.0}


def error(status: int, name: str, said: str, **more: Any) -> Fault:
    return Fault(status, {"error": {"code": status, "message": said, "status": name, **more}})


LIMIT = error(429, "RESOURCE_EXHAUSTED", "Quota", details=[{"@type": "RetryInfo", "retryDelay": "7s"}])


class LyriaServer(Service):
    KEY = "AIza-stand-in-0123456789"

    def where(self, asked: Asked) -> str:
        return "create"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.headers.get("x-goog-api-key") != self.KEY:
            return 401, error(401, "UNAUTHENTICATED", "API key not valid").body, {}
        if asked.path != "/v1beta/interactions" or asked.body.get("model") not in SECONDS:
            return 404, error(404, "NOT_FOUND", "no such model").body, {}
        if set(asked.body) != {"model", "input"}:
            return 400, error(400, "INVALID_ARGUMENT", "unknown field").body, {}
        audio = base64.b64encode(tone(SECONDS[asked.body["model"]])).decode()
        content = [{"type": "audio", "mime_type": "audio/mp3", "data": audio}]
        return 200, {
            "id": f"interaction_{self.count()}", "status": "completed", "model": asked.body["model"],
            "steps": [{"type": "model_output", "content": content}],
        }, {}  # fmt: skip
