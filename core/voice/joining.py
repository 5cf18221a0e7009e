"""Utterances to one finished file: pace and pitch where the engine had none, exact pauses, one level, word times.

Runs in a child process: stretching takes seconds, and a cancel must end it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import ProviderError, UserError
from core.voice.levelled import LevelledFile
from core.voice.text import Break
from core.voice.types import WordTime
from core.voice.wording import BLOCK, BLOCK_RATE, Word, words

Samples = NDArray[np.float32]
Timed = tuple[int, int, float, float]
"""First character, past the last, begins, ends."""

EDGE_MS = 40
"""Silence before the first and after the last word, so that no player cuts into them."""
WINDOW_SECONDS = 120.0
_SILENT = 0.003
"""Of the part's peak (-50 dB): below is not speech."""
_FADE_MS = 3


@dataclass(frozen=True)
class Take:
    """One utterance as the engine gave it, and what is left to do to it."""

    path: Path
    text: str
    written: str
    places: tuple[int, ...]
    offsets: tuple[int, ...]
    ends: tuple[tuple[int, Break], ...]
    words: tuple[Timed, ...] | None
    """As the engine timed them: places in `text`, seconds in the file. None: they are found by alignment."""
    speed: float
    """Beyond what the engine did itself."""
    pitch: float
    before_ms: int
    after_ms: int
    section: str
    name: str
    """Who spoke it, for messages."""
    language: str = ""
    """For the alignment; "": by the script of the text."""


@dataclass(frozen=True)
class JoinRequest:
    takes: tuple[Take, ...]
    out: Path
    volume_db: float
    captions: bool = True


@dataclass(frozen=True)
class Joined:
    duration_s: float
    words: tuple[WordTime, ...]
    sections: tuple[tuple[str, float], ...]
    facts: dict[str, Any]
    confidence: float | None
    """Of the weakest alignment; None where the engine timed everything. Below aligning.TRUSTED only sentences are timed,
    and the words in them are shared out by length."""
    silent: tuple[str, ...] = ()
    """Beginnings of the pieces that came without any sound."""


def join(request: JoinRequest, progress: Callable[[str, float], None]) -> Joined:
    """ProviderError for a sound that cannot be decoded or holds no speech, UserError when it gets too long."""
    rate = max(_rate(take) for take in request.takes)
    times: list[WordTime] = []
    sections: list[tuple[str, float]] = []
    confidences: list[float] = []
    silent: list[str] = []
    with LevelledFile(request.out, rate, request.volume_db) as out:
        window = [_silence(EDGE_MS, rate)]
        held = window[0].shape[1]
        for index, take in enumerate(request.takes):
            progress("joining", index / len(request.takes))
            window.append(_silence(take.before_ms, rate))
            held += window[-1].shape[1]
            if take.section and (index == 0 or take.section != request.takes[index - 1].section):
                sections.append((take.section, (out.frames + held) / rate))
            raw = _decoded(take, rate)
            sound, first, last = _shaped(take, raw, rate)
            if last == 0:
                silent.append(take.written[:80])  # paid for all the same: the rest must not be lost for it
            if request.captions:
                timed, confidence = _timed(take, raw, rate)
                confidences += [] if confidence is None else [confidence]
                stretched = raw.shape[1] / sound.shape[1]
                times += _times(take, timed, sound, rate, first, last, stretched, (out.frames + held) / rate)
            window += [_faded(sound[:, first:last], rate), _silence(take.after_ms, rate)]
            held += last - first + window[-1].shape[1]
            if held > WINDOW_SECONDS * rate and index + 1 < len(request.takes):
                out.add(np.concatenate(window, axis=1))
                window, held = [], 0
        if len(silent) == len(request.takes):
            raise ProviderError(
                f"{request.takes[0].name} made no sound for this text.", "Choose a voice that speaks its language.",
                "no_sound",
            )  # fmt: skip
        window.append(_silence(EDGE_MS, rate))
        out.add(np.concatenate(window, axis=1))
    weakest = min(confidences) if confidences else None
    return Joined(out.frames / rate, tuple(times), tuple(sections), out.facts(), weakest, tuple(silent))


def _silence(milliseconds: int, rate: int) -> Samples:
    return np.zeros((1, round(milliseconds * rate / 1000)), dtype=np.float32)


def _rate(take: Take) -> int:
    from core.audio import files

    try:
        return files.probe(take.path).sample_rate
    except UserError as error:
        raise _unplayable(take, error) from error


def _unplayable(take: Take, error: UserError) -> ProviderError:
    return ProviderError(
        f"What {take.name} sent cannot be played: {error.message}",
        "Choose another voice and submit it anew.",
        "no_sound",
    )


def _decoded(take: Take, rate: int) -> Samples:
    from core.audio import effects, files

    try:
        audio = files.decode(take.path)
    except UserError as error:
        raise _unplayable(take, error) from error
    return effects.resample(files.to_mono(audio.samples), audio.sample_rate, rate)


def _shaped(take: Take, raw: Samples, rate: int) -> tuple[Samples, int, int]:
    """The sound at its pace and pitch, first and past the last frame of speech; both 0 where there is none."""
    from core.audio import effects

    sound = effects.time_stretch(raw, rate, speed=take.speed, semitones=take.pitch, voice=True)
    level = np.abs(sound[0])
    loud = np.flatnonzero(level > max(1e-4, _SILENT * float(level.max(initial=0.0))))
    return (sound, int(loud[0]), int(loud[-1]) + 1) if loud.size else (sound, 0, 0)


def _timed(take: Take, raw: Samples, rate: int) -> tuple[Sequence[Timed], float | None]:
    """Words, or sentences where the alignment is not to be trusted, with the confidence in it; seconds in `raw`."""
    if take.words is not None:
        return take.words, None
    from core.voice.aligning import align
    from core.voice.spreading import sentences

    try:
        found = align(raw, rate, take.text, take.language)
        if found.trusted:
            return found.words, found.confidence
        return sentences(raw, rate, take.text, take.language or "en"), found.confidence
    except Exception:
        return (), 0.0  # the sound is there and paid for: captions by length are better than none of both


def _faded(sound: Samples, rate: int) -> Samples:
    """The ends brought to nothing, so that no join clicks."""
    frames = min(rate * _FADE_MS // 1000, sound.shape[1] // 2)
    if frames:
        sound = sound.copy()
        ramp = np.linspace(0, 1, frames, endpoint=False, dtype=np.float32)
        sound[:, :frames] *= ramp
        sound[:, -frames:] *= ramp[::-1]
    return sound


def _times(
    take: Take,
    timed: Sequence[Timed],
    sound: Samples,
    rate: int,
    first: int,
    last: int,
    stretched: float,
    begins_s: float,
) -> list[WordTime]:
    """`begins_s`: where frame `first` of the sound comes to lie."""
    begin, end = round(first * BLOCK_RATE / rate), round(last * BLOCK_RATE / rate)
    events = tuple(
        (min(end, max(begin, round(starts / stretched * BLOCK_RATE))), start, past - start)
        for start, past, starts, _ in timed
    )
    found = words(take.written, take.places, events, begin, end, _quiet(sound, rate))
    return [
        WordTime(
            take.written[word.start : word.end],
            begins_s + (word.begins - begin) / BLOCK_RATE,
            begins_s + (word.finishes - begin) / BLOCK_RATE,
            take.offsets[word.start],
            _break(word, following, take.ends),
        )
        for word, following in zip(found, [*found[1:], None], strict=True)
    ]


def _quiet(sound: Samples, rate: int) -> NDArray[np.bool_]:
    """Per block of 5 ms: whether it is silent."""
    edges = np.arange(0, sound.shape[1], rate * BLOCK / BLOCK_RATE).astype(np.int64)
    level = np.maximum.reduceat(np.abs(sound[0]), edges)
    return np.asarray(level <= 2 * _SILENT * float(level.max(initial=0)), dtype=np.bool_)


def _break(word: Word, following: Word | None, ends: Sequence[tuple[int, Break]]) -> Break:
    """What ends with this word: that of the last segment that ends before the next word begins."""
    until = following.start if following is not None else ends[-1][0]
    ended: Break = next((kind for place, kind in reversed(ends) if word.end <= place <= until), "")
    return ended or word.breaks


def piece(take: Take, rate: int = 0) -> tuple[Samples, int]:
    """One take as it will lie in the joined file, with its pauses and not yet levelled, and its rate; 0: its own.
    ProviderError as join() raises it."""
    rate = rate or _rate(take)
    sound, first, last = _shaped(take, _decoded(take, rate), rate)
    spoken = _faded(sound[:, first:last], rate)
    return np.concatenate([_silence(take.before_ms, rate), spoken, _silence(take.after_ms, rate)], axis=1), rate


def piece_in_child(request: tuple[Take, int], progress: Callable[[str, float], None]) -> tuple[Samples, int]:
    """piece() where it has to be stretched, which takes seconds."""
    progress("stretching", 0.0)
    return piece(*request)
