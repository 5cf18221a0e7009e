"""When each word was said, for engines that do not tell.

The embedded voice reads the same text, and of its reading every word's time is known exactly. Recording and reading are
laid on each other by dynamic time warping (core/audio/warping.py), and the reading's word times are carried over. Any
two recordings can be warped, so the confidence asks: is this text cheaper than its own sounds in another order?
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio import mel
from core.audio.mono import heard
from core.audio.warping import COARSER, REST_SPOKEN, Path, Sound, coarser, warp
from core.kit.errors import UserError
from core.voice.providers.espeak_process import SAMPLE_RATE
from core.voice.reading import USUAL_RATE, Reading, Word, engine_voice, read
from core.voice.spreading import words as spread

Floats = NDArray[np.float32]

TRUSTED = 0.5
"""Confidence below which the recording may well say something else: callers show whole sentences instead."""
_EVEN_GAIN, _GAIN_SPREAD, _EVIDENCE_S = (0.025, 0.13), 0.05, 10.0
"""How much cheaper than in another order a text must be for a confidence of 0.5: a little, and more by chance the shorter
it is, as 1 / √seconds up to _EVIDENCE_S; and what changes the odds by a factor of e, also over √seconds."""
_VARIANTS = ("", "+f2")
_STRETCHES = (0.82, 0.9, 1.0, 1.1, 1.22)
"""Throats from longer to shorter than the reader's; those of adults differ by about a fifth either way."""
_PACES = (0.45, 2.5)
_SMALLEST_PIECES = 8


@dataclass(frozen=True)
class Alignment:
    words: tuple[Word, ...]
    """Every word of the text in order: (first character, past the last, begins_s, ends_s). They never overlap."""
    confidence: float
    """0 to 1: that the recording says this text. It speaks for the whole, not for each word."""

    @property
    def trusted(self) -> bool:
        return self.confidence >= TRUSTED


@dataclass(frozen=True)
class AlignRequest:
    samples: Floats
    """(channels, frames)"""
    sample_rate: int
    text: str
    language: str = ""


def aligned(request: AlignRequest, progress: Callable[[str, float], None]) -> Alignment:
    """`align` for a child process."""
    return align(request.samples, request.sample_rate, request.text, request.language, progress)


def align(
    samples: Floats,
    sample_rate: int,
    text: str,
    language: str = "",
    progress: Callable[[str, float], None] = lambda stage, fraction: None,
) -> Alignment:
    """Word times in samples of shape (channels, frames). `text` is what was said, without markup; `language` ISO 639-1,
    "" to go by its script.

    Where nothing is heard, or the text cannot be read or has no room in the recording, the words are spread evenly and
    the confidence is 0. UserError for samples that are not numbers.
    """
    recording = _heard(samples, sample_rate)
    voice = engine_voice(language, text)
    best: _Candidate | None = None
    if recording.activity.active.any():
        for index, variant in enumerate(_VARIANTS):
            progress("reading", index / len(_VARIANTS))
            for candidate in _candidates(recording, text, voice + variant):
                if best is None or candidate.cost < best.cost:
                    best = candidate
    progress("aligning", 0.0)
    path = warp(best.recording, best.reading) if best else None
    if best is None or path is None:
        return Alignment(spread(text, recording.activity.active), 0.0)
    words = _carried(best, path, recording.activity.active)
    progress("comparing", 0.5)
    return Alignment(words, _confidence(best))


@dataclass(frozen=True)
class _Recording:
    powers: Floats
    activity: mel.Activity
    top: float


@dataclass(frozen=True)
class _Candidate:
    """The recording beside one way of reading the text."""

    cost: float
    recording: Sound
    reading: Sound
    """Words with a rest before, between and after them."""
    places: NDArray[np.int64]
    """(words, 2): first frame of each in `reading`, and its rest, which is one past its last."""
    words: tuple[Word, ...]


def _heard(samples: Floats, sample_rate: int) -> _Recording:
    if samples.ndim != 2 or samples.shape[1] == 0:
        raise UserError("There is no sound to align.", "The recording must be longer than 0 seconds.")
    if not np.isfinite(samples).all():
        raise UserError("The recording holds values that are not numbers.", "Export it again from where it was made.")
    top = mel.top_hz(min(sample_rate, SAMPLE_RATE))
    powers = mel.bands(heard(samples), sample_rate, top)[0]
    return _Recording(powers, mel.activity(powers), top)


def _candidates(recording: _Recording, text: str, voice: str) -> list[_Candidate]:
    """The text as this voice reads it at the recording's pace, with longer and shorter throats; costs are coarse."""
    reading = read(text, voice, USUAL_RATE)
    spoken = sum(ends - begins for _, _, begins, ends in reading.words) * mel.FRAMES_PER_SECOND
    if not spoken:
        return []
    pace = float(np.clip(spoken / recording.activity.active.sum(), *_PACES))
    if not 0.9 < pace < 1.1:
        reading = read(text, voice, round(USUAL_RATE * pace))
    loudest = float(np.percentile(recording.powers.mean(axis=1), 95))
    floor = loudest * 10 ** (-mel.DEPTH_DB / 10)
    left = Sound(mel.features(recording.powers, recording.activity.active, floor), recording.activity.quiet)
    coarse = coarser(left)
    found = []
    for powers in mel.bands(reading.mono, SAMPLE_RATE, recording.top, _STRETCHES):
        active = mel.activity(powers).active
        if not active.any():
            continue
        # The reading gets the recording's level and noise, so that a hissing room is no difference between them.
        gain = recording.powers[recording.activity.active].mean() / powers[active].mean()
        noise = np.percentile(recording.powers, 5, axis=0).astype(np.float32)
        right, places = _with_rests(mel.features(powers * gain + noise, active, floor), reading)
        path = warp(coarse, coarser(right))
        if path is not None:
            found.append(_Candidate(_cost(coarse, path), left, right, places, reading.words))
    return found


def _with_rests(features: Floats, reading: Reading) -> tuple[Sound, NDArray[np.int64]]:
    frames, silent, places = [features[:1]], [np.ones(1)], []
    at = 1
    for _, _, begins, ends in reading.words:
        first = min(round(begins * mel.FRAMES_PER_SECOND), features.shape[0] - 1)
        last = max(first + 1, min(round(ends * mel.FRAMES_PER_SECOND), features.shape[0]))
        frames += [features[first:last], features[:1]]
        silent += [np.zeros(last - first), np.ones(1)]
        places.append((at, at + last - first))
        at += last - first + 1
    return Sound(np.concatenate(frames), np.concatenate(silent).astype(np.float32)), np.asarray(places, dtype=np.int64)


def _cost(recording: Sound, path: Path) -> float:
    """A frame of speech on average; rests say nothing about the text."""
    spoken = recording.silent < 0.5
    return float(path.costs[spoken].mean()) if spoken.any() else REST_SPOKEN


def _carried(candidate: _Candidate, path: Path, active: NDArray[np.bool_]) -> tuple[Word, ...]:
    """The words at the recording's times. Silence at a word's ends is none of it."""
    begins = np.searchsorted(path.places, candidate.places[:, 0])
    ends = np.searchsorted(path.places, candidate.places[:, 1])
    last_s = path.places.size / mel.FRAMES_PER_SECOND
    found = []
    for (start, end, _, _), first, last in zip(candidate.words, begins, ends, strict=True):
        run = first + np.flatnonzero(active[first:last])
        inner = [run[0], run[-1] + 1] if run.size else [first, last]
        # Frame k is centred at k: it begins half a frame earlier.
        edges = (np.asarray(inner) - 0.5) / mel.FRAMES_PER_SECOND
        begins_s, ends_s = np.clip(edges, 0, last_s)
        found.append((start, end, float(begins_s), float(ends_s)))
    return tuple(found)


def _confidence(candidate: _Candidate) -> float:
    recording, reading = coarser(candidate.recording), candidate.reading
    path = warp(recording, coarser(reading))
    if path is None or not (recording.silent < 0.5).any():
        return 0.0
    costs = []
    for order in _orders(candidate.places):
        other = warp(recording, coarser(Sound(reading.features[order], reading.silent[order])))
        costs.append(_cost(recording, other) if other is not None else REST_SPOKEN)
    gain = 1 - _cost(recording, path) / float(np.mean(costs))
    root = min(_EVIDENCE_S, float((recording.silent < 0.5).sum()) * COARSER / mel.FRAMES_PER_SECOND) ** 0.5
    odds = (gain - _EVEN_GAIN[0] - _EVEN_GAIN[1] / root) / (_GAIN_SPREAD / root)
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def _orders(places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Frames of the reading with its words backwards, turned by a half and by a third, and every other one first.

    Few words are cut into pieces, so that there is something to put in another order.
    """
    pieces = [np.arange(first, rest + 1) for first, rest in places]
    while len(pieces) < _SMALLEST_PIECES and max(piece.size for piece in pieces) > 4:
        pieces = [half for piece in pieces for half in np.array_split(piece, 2) if half.size]
    count = len(pieces)
    told = np.arange(count)
    orders = [told[::-1], np.roll(told, -(count // 2)), np.roll(told, -(count // 3))]
    orders.append(np.concatenate([told[::2][::-1], told[1::2]]))
    return [np.concatenate([[0], *(pieces[index] for index in order)]) for order in orders]
