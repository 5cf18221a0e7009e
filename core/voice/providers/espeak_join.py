"""Segments of raw speech to one finished file: trimmed, joined with exact pauses, brought to level, measured.

The sample rate stays the engine's 22,050 Hz: there is nothing above 11 kHz in it, so 44.1 kHz would double the bytes
of an hour of speech (to 480 MB) for no sound, and the mix resamples everything to its own rate anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.levelled import LevelledFile
from core.voice.providers.espeak_process import SAMPLE_RATE, Spoke
from core.voice.text import Break
from core.voice.types import WordTime
from core.voice.wording import BLOCK, strongest, words

EDGE_MS = 40
"""Silence before the first and after the last word, so that no player cuts into them."""
LONGEST_SECONDS = 7200.0
"""50,000 characters at half speed last 1.5 hours; only endless digits or pauses reach this."""
WINDOW_SECONDS = 120.0
_SILENT = 0.003
"""Of the segment's peak (-50 dB): below is not speech."""
_MARGIN = 66
"""Frames (3 ms) kept outside the speech at each end, faded, so that no join clicks."""


@dataclass(frozen=True)
class Spoken:
    """One segment of the plan, as the joiner needs it."""

    text: str
    offsets: tuple[int, ...]
    places: tuple[int, ...]
    ends: Break
    before_ms: int
    after_ms: int
    section: str


@dataclass(frozen=True)
class JoinRequest:
    pcm: Path
    out: Path
    segments: tuple[Spoken, ...]
    spoke: tuple[Spoke, ...]
    volume_db: float


@dataclass(frozen=True)
class Joined:
    duration_s: float
    words: tuple[WordTime, ...]
    sections: tuple[tuple[str, float], ...]
    """(name, second at which it starts) of the sections that have a name."""
    facts: dict[str, Any]


def join(request: JoinRequest, progress: Callable[[str, float], None]) -> Joined:
    """Runs here or in a child process: a module-level function with an answer that pickles.

    Long speech goes window by window, cut at pauses, so that an hour takes the memory of two minutes; every window is
    brought to the same loudness, so the whole has it too.
    """
    cuts = _cuts(request)
    times: list[WordTime] = []
    sections: list[tuple[str, float]] = []
    with LevelledFile(request.out, SAMPLE_RATE, request.volume_db) as out:
        for first, last in _windows(request, cuts):
            progress("levelling", first / len(cuts))
            samples, found = _assembled(request, cuts, first, last, out.frames, sections)
            times += found
            out.add(samples)
    return Joined(out.frames / SAMPLE_RATE, tuple(times), tuple(sections), out.facts())


@dataclass(frozen=True)
class _Cut:
    """A segment's raw sound and the part of it that is speech."""

    sound: NDArray[np.int16]
    first: int
    last: int


def _cuts(request: JoinRequest) -> list[_Cut]:
    raw = np.memmap(request.pcm, dtype="<i2", mode="r") if request.pcm.stat().st_size else np.zeros(0, dtype="<i2")
    cuts = []
    at = 0
    for spoke in request.spoke:
        sound = np.asarray(raw[at : at + spoke.frames])
        cuts.append(_Cut(sound, *_speech(sound)))
        at += spoke.frames
    if not any(cut.last > cut.first for cut in cuts):
        raise UserError(
            "This voice makes no sound for this text.",
            "Choose a voice that speaks the language of the text.",
            "no_sound",
        )
    total = sum(_length(segment, cut) for segment, cut in zip(request.segments, cuts, strict=True)) / SAMPLE_RATE
    if total > LONGEST_SECONDS:
        raise too_long()
    return cuts


def too_long() -> UserError:
    return UserError(
        f"The speech would last more than {LONGEST_SECONDS // 3600:.0f} hours.",
        "Split the text, shorten its pauses or speak faster.",
        "speech_too_long",
    )


def _length(segment: Spoken, cut: _Cut) -> int:
    return cut.last - cut.first + _frames(segment.before_ms) + _frames(segment.after_ms)


def _windows(request: JoinRequest, cuts: list[_Cut]) -> list[tuple[int, int]]:
    """Ranges of segments of WINDOW_SECONDS or a little more, each ending in a pause where there is one."""
    windows = []
    start, frames = 0, 0
    left = sum(_length(segment, cut) for segment, cut in zip(request.segments, cuts, strict=True))
    for index, (segment, cut) in enumerate(zip(request.segments, cuts, strict=True)):
        frames += _length(segment, cut)
        left -= _length(segment, cut)
        full = frames > WINDOW_SECONDS * SAMPLE_RATE
        if (
            full
            and left > WINDOW_SECONDS * SAMPLE_RATE / 2
            and (segment.after_ms >= 10 or frames > 2 * WINDOW_SECONDS * SAMPLE_RATE)
        ):
            windows.append((start, index + 1))
            start, frames = index + 1, 0
    return [*windows, (start, len(cuts))]


def _assembled(
    request: JoinRequest, cuts: list[_Cut], first: int, last: int, before: int, sections: list[tuple[str, float]]
) -> tuple[NDArray[np.float32], list[WordTime]]:
    """Segments [first, last) as samples of shape (1, frames), and their words, `before` frames into the speech."""
    edge = _frames(EDGE_MS)
    cursor = edge if first == 0 else 0
    total = cursor + (edge if last == len(cuts) else 0)
    total += sum(_length(request.segments[index], cuts[index]) for index in range(first, last))
    samples = np.zeros((1, total), dtype=np.float32)
    times: list[WordTime] = []
    for index in range(first, last):
        segment, cut = request.segments[index], cuts[index]
        cursor += _frames(segment.before_ms)
        if segment.section and (index == 0 or segment.section != request.segments[index - 1].section):
            sections.append((segment.section, (before + cursor) / SAMPLE_RATE))
        _place(samples[0], cursor, cut)
        times += _word_times(segment, request.spoke[index], cut, before + cursor)
        cursor += cut.last - cut.first + _frames(segment.after_ms)
    return samples, times


def _frames(milliseconds: int) -> int:
    return round(milliseconds * SAMPLE_RATE / 1000)


def _speech(sound: NDArray[np.int16]) -> tuple[int, int]:
    """First and past the last frame that is not silence."""
    if not sound.size:
        return 0, 0
    level = np.abs(sound.astype(np.int32))
    loud = np.flatnonzero(level > max(8.0, _SILENT * float(level.max())))
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)


def _place(track: NDArray[np.float32], cursor: int, cut: _Cut) -> None:
    """Adds [first, last) at `cursor`, with faded margins around it that lie in the pauses."""
    sound, first, last = cut.sound, cut.first, cut.last
    if last <= first:
        return
    left, right = min(_MARGIN, first, cursor), min(_MARGIN, sound.size - last, track.size - cursor - (last - first))
    piece = sound[first - left : last + right].astype(np.float32) / 32768
    # Where the engine gives no margin, the fade takes the speech itself: 1 ms, too short to hear as an attack.
    fade_in, fade_out = max(left, 22), max(right, 22)
    if piece.size > fade_in + fade_out:
        piece[:fade_in] *= np.linspace(0, 1, fade_in, endpoint=False, dtype=np.float32)
        piece[-fade_out:] *= np.linspace(1, 0, fade_out + 1, dtype=np.float32)[1:]
    track[cursor - left : cursor - left + piece.size] += piece


def _word_times(segment: Spoken, spoke: Spoke, cut: _Cut, cursor: int) -> list[WordTime]:
    sound, first, last = cut.sound, cut.first, cut.last
    blocks = sound.size // BLOCK
    level = np.abs(sound[: blocks * BLOCK].astype(np.int32)).reshape(blocks, BLOCK).max(axis=1, initial=0)
    quiet = level <= max(8.0, 2 * _SILENT * float(level.max(initial=0)))
    found = words(segment.text, segment.places, spoke.words, first, last, quiet)
    return [
        WordTime(
            segment.text[word.start : word.end],
            (cursor + word.begins - first) / SAMPLE_RATE,
            (cursor + word.finishes - first) / SAMPLE_RATE,
            segment.offsets[word.start],
            strongest(word.breaks, segment.ends, index == len(found) - 1),
        )
        for index, word in enumerate(found)
    ]
