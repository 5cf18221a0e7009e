"""Stable Audio as its API wants it: fields by model, what its errors mean, and a melody as it reads one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import OutcomeUnknown, ProviderError, RateLimited, Rejected, UserError
from core.kit.http import HttpAnswer
from core.music.providers.wording import WORDS, described, within
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call
from core.providers.refusals import refused

TITLE = "Stable Audio"
KEY = "stability_api_key"
CAPABILITIES = WORDS | {"duration", "seed", "steps", "guidance", "melody", "strength"}
LONGEST_PROMPT = 10_000
SHORTEST_MELODY_S, LONGEST_MELODY_S = 6.0, 190.0
_LOCKED_OUT_S = 60.0
"""Beyond 150 requests in 10 s it shuts everybody out for a minute, and names no time itself."""
_MELODY_BYTES = 10 << 20
_MOST_SEED = 4_294_967_294
_FILTERED = "CONTENT_FILTERED"


@dataclass(frozen=True)
class Model:
    longest_s: float
    steps: tuple[int, int]


MODELS = {
    "stable-audio-2.5": Model(190.0, (4, 8)),
    "stable-audio-2": Model(190.0, (30, 100)),
    "stable-audio-3": Model(380.0, (4, 8)),
}


def service(base_url: str, timeout_s: float) -> rest.Service:
    return rest.Service(TITLE, "https://api.stability.ai", KEY, base_url, timeout_s)


def headers(key: str, at: rest.Service) -> dict[str, str]:
    return {"Authorization": f"Bearer {rest.usable(key, at)}", "Accept": "audio/*"}


def told(request: MusicRequest, model: str) -> dict[str, str]:
    """The form, all but the file. UserError for what the service would refuse."""
    known = MODELS[model]
    seconds = within(request.seconds, 1.0, known.longest_s, f"{TITLE} ({model})")
    form = {
        "prompt": described(request, TITLE, LONGEST_PROMPT), "model": model, "duration": f"{seconds:g}",
        "output_format": "mp3",
    }  # fmt: skip
    if request.seed is not None:
        form["seed"] = str(request.seed or _MOST_SEED)  # 0 would draw one that nobody gets to know
    if request.steps is not None:
        _inside("steps", request.steps, *known.steps, model)
        form["steps"] = str(request.steps)
    if request.guidance is not None:
        _inside("guidance", request.guidance, 1, 25, model)
        form["cfg_scale"] = f"{request.guidance:g}"
    if request.strength is not None and _has_melody(request):
        form["strength"] = f"{request.strength:g}"
    return form


def _has_melody(request: MusicRequest) -> bool:
    return bool(request.melody or request.material.melody)


def _inside(name: str, value: float, least: float, most: float, model: str) -> None:
    if not least <= value <= most:
        raise UserError(f"{name} = {value:g} cannot be used with {model}.", f"{name} goes from {least} to {most}.")


def asked(at: rest.Service, folder: str, request: MusicRequest, model: str, call: Call) -> HttpAnswer:
    """The one request that is billed. Everything that can be refused here is refused before it."""
    form = told(request, model)
    sent = headers(call.key, at)
    files = {}
    if _has_melody(request):
        files["audio"] = ("melody.mp3", _melody(request, call), "audio/mpeg")
    call.progress("Generating", 0.1)
    path = f"/v2beta/audio/{folder}/{'audio-to-audio' if files else 'text-to-audio'}"
    answer = at.ask(path, sent, form=form, files=files, answer_max=64 << 20)
    if not 200 <= answer.status < 300:
        raise refusal(answer, at)
    return answer


def _melody(request: MusicRequest, call: Call) -> bytes:
    source = request.material.melody
    if source is None:
        raise UserError("The melody's file is not there.", "Choose it again.")
    path: Path = call.children.run(prepared, (source, call.folder / "melody-sent.mp3"), cancelled=call.cancelled)
    data = path.read_bytes()
    path.unlink()
    return data


def prepared(work: tuple[Path, Path], progress: Progress) -> Path:
    """The child's side: an MP3 of 6 to 190 seconds, whatever the file was; a longer one is cut."""
    from core.audio.files import decode_stereo, encode

    progress("Reading the melody", 0.0)
    source, target = work
    audio = decode_stereo(source)
    if audio.seconds < SHORTEST_MELODY_S:
        raise UserError(
            f"The melody is {audio.seconds:.1f} seconds long, too short for {TITLE}.",
            f"It takes {SHORTEST_MELODY_S:g} to {LONGEST_MELODY_S:g} seconds.",
        )
    samples = audio.samples[:, : int((LONGEST_MELODY_S - 0.5) * audio.sample_rate)]
    encode(target, samples, audio.sample_rate, "mp3")
    if target.stat().st_size > _MELODY_BYTES:
        raise UserError(f"The melody is too large for {TITLE}.", "Cut it to three minutes.")
    return target


def refusal(answer: HttpAnswer, at: rest.Service) -> ProviderError:
    """Calls that fail are not charged; only a gateway's word leaves it open."""
    said = rest.words(answer)
    told_of = f": {said}" if said else ""
    name = str(rest.fields(answer).get("name", ""))
    if name == "content_moderation":
        return Rejected(
            f"The content filter of {TITLE} refused this{told_of}.",
            "Say it otherwise, without names of artists or songs.",
        )
    if answer.status == 402:
        return Rejected(f"The credits at {TITLE} are used up{told_of}.", "Buy credits there, or choose another engine.")
    if answer.status == 429:
        return RateLimited(f"{TITLE} is asked too often{told_of}.", wait_s=_LOCKED_OUT_S)
    return refused(TITLE, answer.status, said, key=at.variable)


def unfiltered(headers_: Mapping[str, str]) -> None:
    """OutcomeUnknown where a good answer holds what the filter left of the piece: a 200, so it may be billed."""
    if headers_.get("finish-reason", "").upper() == _FILTERED:
        raise OutcomeUnknown(
            f"the content filter of {TITLE} took the piece away after it was made; its request is"
            f" {headers_.get('x-request-id', 'not named')[:60]}"
        )


def facts(model: str, form: Mapping[str, str], headers_: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"model": model, "sent": dict(form)}
    if headers_.get("seed", "").isdecimal():
        found["service_seed"] = int(headers_["seed"])
    if headers_.get("x-request-id"):
        found["request_id"] = headers_["x-request-id"][:80]
    return found
