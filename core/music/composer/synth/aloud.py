"""A piece heard while it is rendered: window after window, on a desk whose settings a sketch of the piece has fixed.

Balance, filters and level of the kept file are set by the whole, which nobody knows before its end. So the fullest section
is rendered first and the same measures are taken of it; a listener hears every window with those, unchanged from the first
to the last. What he hears and what is kept are the same notes on the same stems, sample for sample; they differ by these
fixed gains and filters, by the ridden faders (core.music.composer.synth.ride, 3 dB at most) and by the master's limiter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from core.audio.loudness import integrated_lufs
from core.music.composer.score import Score
from core.music.composer.synth import bus, mastering
from core.music.composer.synth.balance import balance_of
from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.ending import ending_of
from core.music.composer.synth.lay import lay
from core.music.composer.synth.mixing import desk_of
from core.music.composer.synth.plan import Line, beat_frames
from core.music.composer.synth.shape import SAMPLE_RATE, Filter, Sound
from core.music.composer.synth.sounds import NoteKey
from core.music.composer.synth.space import BLOCK
from core.music.composer.synth.strip import Play, gain_of, strips_of

AMPLIFIED = frozenset({"distorted_guitar"})
_SKETCH = 2 * BLOCK
_SHORTEST = BLOCK // 4
"""Frames: a rest shorter than that belongs to the window before it."""
_KNEE = 0.7


class Aloud(Protocol):
    """Who takes the sound as it comes."""

    def write(self, sound: Sound) -> None:
        """(2, frames)"""
        ...


@dataclass(frozen=True)
class Hearing:
    aloud: Aloud
    fill: Callable[[Sequence[NoteKey]], None]
    """Makes these notes, before they are played."""


class Synthesis:
    """Plays lines from the bank. An amplifier has to be given its whole line: where windows are asked for, that is played once
    and kept."""

    def __init__(self, notes: NoteBank, frames: int) -> None:
        self._notes = notes
        self._frames = frames
        self._whole: dict[int, Sound] = {}

    def __call__(self, line: Line, start: int, stop: int) -> Sound:
        if line.part.instrument not in AMPLIFIED:
            return lay(line, self._notes, start, stop)
        whole = self._whole.get(id(line))
        if whole is None:
            played = lay(line, self._notes, 0, self._frames)
            whole = bus.gate_hum(bus.amplifier(played), played)
            if (start, stop) == (0, self._frames):
                return whole
            self._whole[id(line)] = whole
        return whole[:, start:stop].copy()


class Monitor:
    """The desk a listener hears: fixed gains, filters and level, and a soft ceiling without memory."""

    def __init__(self, gains: Mapping[str, float], filters: Filter, level: float) -> None:
        self._gains = gains
        self._filters = filters
        self._level = np.float32(level)

    def next(self, stems: Mapping[str, Sound]) -> Sound:
        """(2, frames) of the next window of all stems."""
        mix = np.sum([sound * np.float32(self._gains.get(name, 1.0)) for name, sound in stems.items()], axis=0)
        mix = self._filters.next(mix) * self._level
        over = np.maximum(np.abs(mix) - np.float32(_KNEE), 0)
        room = np.float32(gain_of(mastering.CEILING_DBTP) - _KNEE)
        return np.where(over > 0, np.sign(mix) * (_KNEE + room * np.tanh(over / room)), mix).astype(np.float32)


def sketched(
    score: Score, groups: Mapping[str, Sequence[Line]], play: Play, frames: int, fill: Callable[[Sequence[NoteKey]], None],
    workers: int,
) -> Monitor:  # fmt: skip
    """By twelve seconds of the section with the most energy."""
    peak = max(score.sections, key=lambda section: (section.energy, -section.start_bar), default=None)
    per_bar = score.beats_per_bar * beat_frames(score)
    start = max(0, min(round(peak.start_bar * per_bar) if peak else 0, frames - _SKETCH))
    stop = min(frames, start + _SKETCH)
    parts = {name: [_within(line, start, stop) for line in lines] for name, lines in groups.items()}
    fill([event.key for lines in parts.values() for line in lines for event in line.events])
    strips = strips_of(score, parts, play, frames, start)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        stems = dict(zip(strips, pool.map(lambda strip: strip.next(stop), strips.values()), strict=True))
    desk = desk_of(score.genre)
    gains = balance_of(stems, groups, desk, workers)
    for name, gain in gains.items():
        stems[name] *= np.float32(gain)
    mix = mastering.total(stems)
    sections = mastering.correction(mix, desk.air_db)
    loud = integrated_lufs(Filter(*sections).next(mix), SAMPLE_RATE)
    return Monitor(gains, Filter(*sections), 1.0 if loud is None else gain_of(mastering.TARGET_LUFS - loud))


def played_aloud(
    score: Score, groups: Mapping[str, Sequence[Line]], play: Play, frames: int, hearing: Hearing,
    progress: Callable[[float], None], workers: int,
) -> dict[str, Sound]:  # fmt: skip
    """The stems, each window handed over as soon as it is there. `frames`: with the tail of a loop, which is heard at the
    start of the kept file alone: whoever listens hears the loop for the first time."""
    amplified = [line for lines in groups.values() for line in lines if line.part.instrument in AMPLIFIED]
    hearing.fill([event.key for line in amplified for event in line.events])
    monitor = sketched(score, groups, play, frames, hearing.fill, workers)
    heard = round(score.seconds * SAMPLE_RATE)
    ending = None if score.loopable else ending_of(score, heard)
    strips = strips_of(score, groups, play, frames)
    stems = {name: np.zeros((2, frames), np.float32) for name in strips}
    events = [event for lines in groups.values() for line in lines for event in line.events]
    start = 0
    for stop in borders(frames):
        hearing.fill([event.key for event in events if start <= event.onset < stop])
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            for name, sound in zip(strips, pool.map(lambda strip: strip.next(stop), strips.values()), strict=True):  # noqa: B023
                stems[name][:, start:stop] = sound
        sound = monitor.next({name: whole[:, start:stop] for name, whole in stems.items()})[:, : max(0, heard - start)]
        if ending is not None:
            sound *= ending[start : start + sound.shape[1]]
        if sound.shape[1]:
            hearing.aloud.write(sound)
        progress(stop / frames)
        start = stop
    return stems


def borders(frames: int) -> list[int]:
    """Where windows end: whole blocks, so that joined they are what one window of all would be."""
    found = [*range(BLOCK, frames, BLOCK), frames]
    return [*found[:-2], frames] if len(found) > 1 and found[-1] - found[-2] < _SHORTEST else found


def _within(line: Line, start: int, stop: int) -> Line:
    """What begins there. An amplified line stays whole: its level is the whole's."""
    if line.part.instrument in AMPLIFIED:
        return line
    return replace(line, events=tuple(event for event in line.events if start <= event.onset < stop))
