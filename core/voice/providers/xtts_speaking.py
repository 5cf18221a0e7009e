"""One request in the process that keeps the model: piece by piece, into one WAV file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import NotFound, SetupError, UserError
from core.models.devices import give_memory_back, is_memory
from core.voice.providers.coqui_trouble import no_memory
from core.voice.providers.xtts_latents import Latents
from core.voice.providers.xtts_model import RATE, Loaded, loaded
from core.voice.providers.xtts_voices import Language
from core.voice.sentences import sentence_spans

_CUTS = (re.compile(r"[;:,،、，—–]+\s*"), re.compile(r"\s+"))
_REST_S = 0.15
"""Between two pieces that were spoken apart."""


@dataclass(frozen=True)
class XttsRequest:
    text: str
    voice: Latents | str
    """What was learned, or the name of a speaker that comes with the weights."""
    language: Language
    speed: float
    seed: int | None
    weights: Path
    device: str
    threads: int
    out: Path


@dataclass(frozen=True)
class Spoken:
    seconds: float
    device: str
    pieces: int
    work_s: float
    """Without the loading."""


def speak(request: XttsRequest, progress: Callable[[str, float], None]) -> Spoken:
    """Runs in the child. StudioErrors only, but for defects."""

    def spoken(model: Loaded) -> Spoken:
        voice = _voice(model, request.voice)
        parts = chunks(request.text, request.language, model)

        def say(text: str) -> NDArray[np.float32]:
            return model.say(text, request.language.code, voice, request.speed)

        return utter(parts, say, request, RATE, model.device, progress)

    found: Spoken = with_model(request, loaded, spoken, progress)
    return found


def with_model(request: Any, load: Callable[..., Any], work: Callable[[Any], Any], progress: Any) -> Any:
    """`work` with the model of the request, and one clear error where the memory ends."""
    device = request.device
    try:
        progress("Loading the model", 0.0)
        model = load(request.weights, request.device, request.threads)
        device = model.device
        return work(model)
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device) from None


def utter(
    parts: Iterator[str],
    say: Callable[[str], NDArray[np.float32]],
    request: Any,
    rate: int,
    device: str,
    progress: Callable[[str, float], None],
) -> Spoken:
    import soundfile

    _sow(request.seed)
    sound: list[NDArray[np.float32]] = []
    rest = np.zeros(int(_REST_S * rate), dtype=np.float32)
    done, began = 0, time.monotonic()
    for part in parts:
        share = done / len(request.text)
        left = (time.monotonic() - began) * (1 - share) / share if share else 0.0
        progress(f"Speaking, about {left:.0f} s more" if left > 5 else "Speaking", share)
        if any(character.isalnum() for character in part):
            sound += [rest, say(part)] if sound else [say(part)]
        done += len(part)
    if not sound:
        raise UserError("There is nothing to say.", "Give at least one word.")
    samples = np.concatenate(sound)
    soundfile.write(request.out, samples, rate, subtype="PCM_16", format="WAV")
    progress("Speaking", 1.0)
    return Spoken(len(samples) / rate, device, (len(sound) + 1) // 2, round(time.monotonic() - began, 3))


def chunks(text: str, language: Language, model: Loaded) -> Iterator[str]:
    """Together the text: sentences, and what is too long for the model cut at a comma, a space, or anywhere."""
    for span in sentence_spans(text, language.id):
        yield from _cut(text[span.start : span.end], language, model)


def _cut(text: str, language: Language, model: Loaded) -> Iterator[str]:
    if len(text) <= 1 or (len(text) <= language.longest and model.tokens(text, language.code) <= model.most_tokens):
        yield text
        return
    at = _middle(text)
    yield from _cut(text[:at], language, model)
    yield from _cut(text[at:], language, model)


def _middle(text: str) -> int:
    half = len(text) / 2
    for cut in _CUTS:
        places = [match.end() for match in cut.finditer(text) if len(text) * 0.2 < match.end() < len(text) * 0.8]
        if places:
            return min(places, key=lambda place: abs(place - half))
    return int(half)


def _voice(model: Loaded, voice: Latents | str) -> Latents:
    if isinstance(voice, Latents):
        return voice
    if not model.speakers:
        raise SetupError("speakers_xtts.pth holds no speakers.", "Run: studio models pull xtts", "no_weights")
    if voice not in model.speakers:
        raise NotFound(
            f"The weights here have no speaker {voice!r}.", f"They have {', '.join(list(model.speakers)[:4])}, …", "no_voice"
        )  # fmt: skip
    return model.speakers[voice]


def _sow(seed: int | None) -> None:
    import torch

    if seed is None:
        torch.seed()
    else:
        torch.manual_seed(seed)
