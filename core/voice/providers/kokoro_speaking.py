"""One request in the child that keeps the model: sentence by sentence, into one WAV file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.errors import Rejected, UserError
from core.models.devices import give_memory_back, is_memory
from core.voice.providers.kokoro_model import RATE, Loaded, loaded, no_memory
from core.voice.providers.kokoro_reading import Chunk, chunks
from core.voice.providers.kokoro_voices import Blend, Language
from core.voice.sentences import sentence_spans

Times = list[tuple[int, int, float, float]]
_WORD = re.compile(r"\S+")
_TOUCHING = "\"'“”‘’«»()[]{}.,;:!?…—–-"


@dataclass(frozen=True)
class SpeakRequest:
    text: str
    blend: Blend
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
    words: Times | None
    """Places in the text, seconds in the sound; None where the reader gives no times."""
    device: str
    chunks: int


def speak(request: SpeakRequest, progress: Callable[[str, float], None]) -> Spoken:
    """Runs in the child. StudioErrors only, but for defects."""
    device = request.device
    try:
        progress("Loading the model", 0.0)
        model = loaded(request.weights, request.device, request.threads)
        device = model.device
        return _speak(model, request, progress)
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device) from None


def _speak(model: Loaded, request: SpeakRequest, progress: Callable[[str, float], None]) -> Spoken:
    import soundfile
    import torch

    if request.seed is None:
        torch.seed()
    else:
        torch.manual_seed(request.seed)
    sound: list[np.ndarray[Any, np.dtype[np.float32]]] = []
    words: Times | None = []
    at = 0.0
    made = 0
    for chunk in _chunks(model, request):
        progress("Speaking", chunk.start / len(request.text))
        samples, durations = _say(model, request, chunk)
        timed = _times(chunk, durations, at, len(samples) / RATE)
        words = None if words is None or timed is None else words + timed
        sound.append(samples)
        at += len(samples) / RATE
        made += 1
    if not sound:
        raise UserError("There is nothing to say.", "Give at least one word in the language of the voice.")
    soundfile.write(request.out, np.concatenate(sound), RATE, subtype="PCM_16", format="WAV")
    progress("Speaking", 1.0)
    return Spoken(at, words, model.device, made)


def _chunks(model: Loaded, request: SpeakRequest) -> Iterator[Chunk]:
    read = model.read(request.language)
    for span in sentence_spans(request.text, request.language.language):
        sentence = request.text[span.start : span.end]
        yield from chunks(sentence.lstrip(), span.end - len(sentence.lstrip()), read)


def _say(model: Loaded, request: SpeakRequest, chunk: Chunk) -> tuple[np.ndarray[Any, np.dtype[np.float32]], Any]:
    style = model.pack(request.blend)[len(chunk.phonemes) - 1]
    output = model.model(chunk.phonemes, style, request.speed, return_output=True)
    samples = np.atleast_1d(output.audio.numpy().astype(np.float32))
    if not np.isfinite(samples).all():
        raise Rejected("The model gave no sound for this text.", "Check its weights: studio models list --check")
    return np.clip(samples, -1.0, 1.0), output.pred_dur


def _times(chunk: Chunk, durations: Any, at: float, seconds: float) -> Times | None:
    """Of every written word, from misaki's tokens; None where one of them has no time."""
    if not chunk.tokens:
        return None
    from kokoro import KPipeline

    KPipeline.join_timestamps(list(chunk.tokens), durations)
    spans = _places(chunk)
    if spans is None:
        return None
    times: Times = []
    heard = 0.0
    for match in _WORD.finditer(chunk.text):
        start, end = _bare(match.group(), match.start())
        if start == end:
            continue
        inside = [token for place, token in spans if match.start() <= place < match.end()]
        known = [token for token in inside if token.start_ts is not None and token.end_ts is not None]
        if not known:
            return None
        begins = min(seconds, max(heard, float(known[0].start_ts)))
        heard = min(seconds, max(begins, float(known[-1].end_ts)))
        times.append((chunk.start + start, chunk.start + end, at + begins, at + heard))
    return times


def _places(chunk: Chunk) -> Sequence[tuple[int, Any]] | None:
    """Where each token with a sound begins in the text; None where misaki wrote something else than it was given."""
    found: list[tuple[int, Any]] = []
    at = 0
    for token in chunk.tokens:
        place = chunk.text.find(token.text, at)
        if place < 0:
            return None
        at = place + len(token.text)
        if token.phonemes and any(letter.isalnum() for letter in token.text):
            found.append((place, token))
    return found


def _bare(word: str, start: int) -> tuple[int, int]:
    """Without the punctuation that touches it."""
    left = len(word) - len(word.lstrip(_TOUCHING))
    return start + left, start + max(left, len(word.rstrip(_TOUCHING)))
