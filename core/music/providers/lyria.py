"""Music from Google's Lyria by the Interactions API, one request and one answer that holds the piece in base64.

Written from the wire of google-genai 3.4.0 (POST /v1beta/interactions: model, input; the answer's steps hold the audio),
not tried against the live service. It takes no length: a clip is 30 seconds, a song as long as it becomes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected
from core.kit.http import HttpAnswer
from core.music.engine import KIND
from core.music.providers.hearing import keep, primary, warnings
from core.music.providers.wording import WORDS, chosen_model, described
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, Units
from core.providers.refusals import NoSound, lost, refused

TITLE = "Google Lyria"
CLIP = "lyria-3-clip-preview"
CLIP_S = 30.0
LONGEST_PROMPT = 2_400
_SAFETY = ("safety", "blocked", "prohibited", "recitation", "filter")


class LyriaMusic:
    info = ProviderInfo(
        name="google",
        title=TITLE,
        kind=KIND,
        resource="net",
        units=("tracks",),
        settings_key="google_api_key",
        capabilities=WORDS | {"negative_prompt", "instrumental"},
        licence="unknown",
        models=(CLIP, "lyria-3.5"),
        concurrency=2,
    )
    default_model = CLIP

    def __init__(self, base_url: str = "", timeout_s: float = 300.0) -> None:
        """`timeout_s`: how long it may be silent, generating."""
        vendor = "https://generativelanguage.googleapis.com"
        self._at = rest.Service(TITLE, vendor, self.info.settings_key, base_url, timeout_s)

    def lengths(self, model: str) -> tuple[float, float]:
        """Nothing is refused for its length, since none is told."""
        chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, TITLE)
        return 3.0, 600.0

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        model = chosen_model(request, self.info.models, self.default_model, TITLE)
        parts = [described(request, TITLE, LONGEST_PROMPT)]
        parts += ["Instrumental, nobody sings"] if request.instrumental else []
        parts += [f"Without: {' '.join(request.negative_prompt.split())}"] if request.negative_prompt else []
        return {"model": model, "input": ". ".join(parts)}

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def make(self, request: MusicRequest, call: Call) -> Made:
        """UserError and SetupError before anything is sent. A cancel is not looked for: once sent, it is paid for."""
        body = dict(self.told(request))
        headers = {"x-goog-api-key": rest.usable(call.key, self._at)}
        call.progress("Generating", 0.1)
        answer = self._at.ask("/v1beta/interactions", headers, data=body, answer_max=128 << 20)
        if not 200 <= answer.status < 300:
            raise _refusal(answer, self._at)
        found = rest.fields(answer)
        named = f"; its interaction is {str(found['id'])[:80]}" if found.get("id") else ""
        if found.get("status") not in (None, "completed"):
            raise OutcomeUnknown(f"{TITLE} ended with “{str(found['status'])[:40]}” and gave no piece{named}")
        encoded = next(_sounds(found), "")
        try:
            data = base64.b64decode(encoded, validate=True)
            path, heard = keep(call.folder / "music", data, call)
        except (binascii.Error, ValueError, NoSound) as error:
            why = str(error) if isinstance(error, NoSound) else "the sound in its answer is cut off or garbled"
            raise lost(TITLE, f"{why}{named}") from error
        facts: dict[str, Any] = {"model": body["model"], "sent": body}
        facts |= {"interaction_id": str(found["id"])[:80]} if found.get("id") else {}
        facts |= warnings(heard, CLIP_S) if body["model"] == CLIP else {}
        return Made((primary(path, heard, request, self.info),), {"tracks": Decimal(1)}, facts=facts)


def _sounds(found: Mapping[str, Any]) -> Iterator[str]:
    """Its answer has the audio in its steps, older ones in `outputs`, and by the SDK also as `output_audio`."""
    steps = found.get("steps")
    blocks = [found.get("output_audio"), *_rows(found.get("outputs"))]
    for step in _rows(steps):
        blocks += _rows(step.get("content")) if isinstance(step, Mapping) else []
    for block in blocks:
        if isinstance(block, Mapping) and isinstance(block.get("data"), str) and block.get("type", "audio") == "audio":
            yield block["data"]


def _rows(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _refusal(answer: HttpAnswer, at: rest.Service) -> ProviderError:
    error = rest.fields(answer).get("error")
    error = error if isinstance(error, dict) else {}
    said = " ".join(str(error.get("message") or rest.words(answer)).split())[:300].rstrip(".")
    if answer.status == 400 and any(word in said.lower() for word in _SAFETY):
        return Rejected(f"The content filter of {TITLE} refused this: {said}.", "Say it otherwise, without names of artists or songs.")  # fmt: skip
    if answer.status == 429:
        return RateLimited(f"{TITLE} is asked too often: {said}." if said else f"{TITLE} is asked too often.", wait_s=_retry_s(error))  # fmt: skip
    return refused(TITLE, answer.status, said, key=at.variable)


def _retry_s(error: Mapping[str, Any]) -> float:
    for detail in _rows(error.get("details")):
        delay = detail.get("retryDelay") if isinstance(detail, Mapping) else None
        try:
            return min(90.0, max(0.0, float(str(delay).removesuffix("s"))))
        except ValueError:
            continue
    return 10.0
