"""Several sounds on one time line, mastered as one piece, with stems that still add up to it.

They lie on tapes and are placed, panned, faded, ducked, summed and mastered a few seconds at a time, so an hour takes no
more memory than a minute: what is held is one block of each part that plays there. Everything after the parts have been
placed is one gain curve, the master's linear gain and its limiter. The stems, on tapes of their own until it is found, get
the same curve, so their sum is the mix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import effects, mix
from core.audio.ducking import DuckSettings, duck_depths, gain_of, step_powers
from core.audio.files import to_stereo
from core.audio.loudness import LoudnessTarget
from core.audio.mastering import Gain, master
from core.audio.metering import Loudness, block_frames
from core.audio.mix import MixPart, Progress
from core.audio.tape import Recorder, Tape, resampled
from core.kit.errors import UserError

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Laid:
    """A tape and where it goes."""

    tape: Tape
    part: MixPart


@dataclass
class Mixed:
    """Before anything is done to its level. `blocks` may be read as often as needed."""

    sample_rate: int
    frames: int
    stems: Mapping[str, Tape]
    ducked_s: float
    gain: Gain | None = None

    def facts(self) -> dict[str, Any]:
        """seconds, ducked_s and, once mastered, lufs, dbtp, target, gain_db, limiter_db, on_target."""
        told: dict[str, Any] = {"seconds": self.frames / self.sample_rate, "ducked_s": self.ducked_s}
        if (gain := self.gain) is None:
            return told
        return told | {
            "lufs": gain.lufs, "dbtp": gain.dbtp, "target": gain.target.name, "gain_db": gain.gain_db,
            "limiter_db": gain.limiter_db, "on_target": gain.on_target,
        }  # fmt: skip

    def blocks(self) -> Iterator[Samples]:
        for at in range(0, self.frames, size := block_frames(self.sample_rate)):
            whole = np.zeros((2, min(size, self.frames - at)), dtype=np.float32)
            for tape in self.stems.values():
                whole += tape.read(at, size)
            yield whole

    def mastered(self, stem: str | None = None) -> Iterator[Samples]:
        """The mix, or one of its stems, as it is delivered."""
        at = 0
        for block in self.blocks() if stem is None else self.stems[stem].blocks():
            yield block if self.gain is None else block * self.gain.curve(at, block.shape[1])
            at += block.shape[1]


def mix_tapes(
    laid: Sequence[Laid],
    folder: Path,
    sample_rate: int,
    target: LoudnessTarget | None,
    *,
    length_s: float | None = None,
    stems: bool = True,
    progress: Progress = lambda stage, share: None,
) -> Mixed:
    """`target` None leaves the level as it falls. Without `length_s` the mix ends with its last part; beds go on for
    mix.TAIL_S after the others, fading. `folder`: for the tapes of the stems, and for what is resampled. Without `stems`
    there is one, the mix itself."""
    for each in laid:
        mix.check(each.part)
    strips = []
    for number, each in enumerate(laid):
        progress("Placing the parts", number / len(laid))
        strips.append(_Strip(each, folder / f"part-{number}.tape", sample_rate))
    frames = mix.length_of([(s.part.loop, s.part.start_s, s.frames) for s in strips], sample_rate, length_s)
    for strip in strips:
        strip.place(frames)
    size = block_frames(sample_rate)
    depths = _depths(strips, frames, sample_rate)
    names = list(dict.fromkeys(strip.part.stem for strip in strips)) if stems else ["mix"]
    recorders = {name: Recorder(folder / f"stem-{number}.tape", sample_rate) for number, name in enumerate(names)}
    down: dict[DuckSettings, int] = dict.fromkeys(depths, 0)
    for at in range(0, frames, size):
        progress("Mixing", at / frames)
        count = min(size, frames - at)
        sums = {name: np.zeros((2, count), dtype=np.float32) for name in names}
        curves = {duck: gain_of(depth, sample_rate, at, count) for duck, depth in depths.items()}
        for duck, curve in curves.items():
            down[duck] += int((curve < 0.999).sum())
        for strip in strips:
            for start, sound in strip.within(at, count):
                where = slice(start, start + sound.shape[1])
                name = strip.part.stem if stems else "mix"
                sums[name][:, where] += sound if strip.ducks is None else sound * curves[strip.ducks][where]
        for name, sound in sums.items():
            recorders[name].feed(sound)
    for strip in strips:
        strip.drop()
    made = Mixed(
        sample_rate, frames, {name: recorder.close() for name, recorder in recorders.items()},
        max(down.values(), default=0) / sample_rate,
    )  # fmt: skip
    if target is not None:
        progress("Mastering", 0.0)
        made.gain = master(made.blocks, sample_rate, target)
    progress("Mastering", 1.0)
    return made


def _depths(strips: Sequence[_Strip], frames: int, sample_rate: int) -> dict[DuckSettings, NDArray[np.float64] | None]:
    wanted = list(dict.fromkeys(strip.ducks for strip in strips if strip.ducks is not None))
    if not wanted:
        return {}
    powers, size = [], block_frames(sample_rate)
    speaking = [strip for strip in strips if strip.part.role == "voice"]
    for at in range(0, frames, size):
        voice = np.zeros((2, min(size, frames - at)), dtype=np.float32)
        for strip in speaking:
            for start, sound in strip.within(at, voice.shape[1]):
                voice[:, start : start + sound.shape[1]] += sound
        powers.append(step_powers(voice, sample_rate))
    heard = np.concatenate(powers)
    return {duck: duck_depths(heard, duck) for duck in wanted}


@dataclass
class _Fade:
    """effects.fade() of `frames`, applied to any stretch of them."""

    frames: int = 0
    first: int = 0
    last: int = 0

    @classmethod
    def of(cls, frames: int, sample_rate: int, in_s: float, out_s: float) -> _Fade:
        first, last = round(max(in_s, 0.0) * sample_rate), round(max(out_s, 0.0) * sample_rate)
        if first + last > frames:
            scale = frames / (first + last)
            first, last = int(first * scale), int(last * scale)
        return cls(frames, first, last)

    def apply(self, samples: Samples, start: int) -> Samples:
        end = start + samples.shape[1]
        if start < self.first:
            stop = min(end, self.first)
            samples[:, : stop - start] *= _rising(self.first, start, stop)
        if (begins := self.frames - self.last) < end:
            begin = max(start, begins)
            # Falling is rising, read backwards.
            samples[:, begin - start :] *= _rising(self.last, self.frames - end, self.frames - begin)[::-1]
        return samples


def _rising(frames: int, start: int, stop: int) -> NDArray[np.float32]:
    position = (np.arange(start, stop, dtype=np.float32) + 0.5) / max(frames, 1)
    return np.asarray(np.sin(position * np.float32(np.pi / 2)))


@dataclass
class _Strip:
    """One part: a stretch of its tape at the mix's rate, and after place() where it stands."""

    laid: Laid
    scratch: Path
    sample_rate: int
    frames: int = 0
    part: MixPart = field(init=False)
    _tape: Tape = field(init=False)
    _offset: int = 0
    _level_db: float = 0.0
    _edges: _Fade = field(default_factory=_Fade)
    _fade: _Fade = field(default_factory=_Fade)
    _start: int = 0
    _length: int = 0
    _loop: _Loop | None = None

    def __post_init__(self) -> None:
        self.part, self._tape = self.laid.part, self.laid.tape
        rate = self._tape.sample_rate
        first = round(self.part.offset_s * rate)
        last = self._tape.frames if self.part.length_s is None else first + round(self.part.length_s * rate)
        cut_off = last < self._tape.frames
        self.frames = min(last, self._tape.frames) - first
        if self.frames <= 0:
            raise UserError(f"“{self.part.stem}” is shorter than its offset.", "Start earlier in the file.")
        self._offset = first
        if rate != self.sample_rate:
            self._tape = resampled(self._tape, self.sample_rate, self.scratch, first, first + self.frames)
            self.frames, self._offset = self._tape.frames, 0
        if self.part.level_lufs is not None:
            heard = Loudness(self.sample_rate)
            for block in self._tape.blocks(self._offset, self._offset + self.frames):
                heard.feed(block)
            lufs = heard.lufs
            self._level_db = 0.0 if lufs is None else self.part.level_lufs - lufs
        cut_s = mix.EDGE_FADE_S
        self._edges = _Fade.of(
            self.frames, self.sample_rate, cut_s if self.part.offset_s > 0 else 0.0, cut_s if cut_off else 0.0
        )

    def drop(self) -> None:
        self.scratch.unlink(missing_ok=True)

    @property
    def ducks(self) -> DuckSettings | None:
        return None if self.part.role == "voice" else self.part.duck

    def place(self, frames: int) -> None:
        self._start = round(self.part.start_s * self.sample_rate)
        room = frames - self._start
        if room <= 0:
            return
        fade_out_s, self._length = self.part.fade_out_s, min(self.frames, room)
        if self.part.loop:
            if self.frames != room and fade_out_s == 0:
                fade_out_s = min(mix.BED_FADE_S, 0.5 * room / self.sample_rate)
            if self.frames < room:
                self._loop = _Loop.of(self, round(self.part.seam_s * self.sample_rate), room)
            self._length = room
        elif self.frames > room:
            fade_out_s = max(fade_out_s, mix.EDGE_FADE_S)
        self._fade = _Fade.of(self._length, self.sample_rate, self.part.fade_in_s, fade_out_s)

    def source(self, start: int, count: int) -> Samples:
        """Of the stretch itself, at its level."""
        samples = self._tape.read(self._offset + start, min(count, self.frames - start))
        return self._edges.apply(effects.gain(samples, self._level_db), start)

    def within(self, at: int, count: int) -> Iterator[tuple[int, Samples]]:
        """(where it begins in this block, what sounds of it there): none or one."""
        first, last = max(at, self._start), min(at + count, self._start + self._length)
        if first >= last:
            return
        begin = first - self._start
        samples = self.source(begin, last - first) if self._loop is None else self._loop.read(self, begin, last - first)
        samples = self._fade.apply(effects.gain(samples, self.part.gain_db), begin)
        yield first - at, effects.pan(samples if samples.shape[0] <= 2 else to_stereo(samples), self.part.pan)


@dataclass(frozen=True)
class _Loop:
    """A stretch repeated, with rounds that overlap in an equal-power cross-fade, read anywhere. With a seam, silence at
    both ends is left out first: a piece that has rung out would loop with a hole."""

    first: int
    have: int
    seam: int
    rounds: int

    @classmethod
    def of(cls, strip: _Strip, seam: int, room: int) -> _Loop:
        if seam <= 0:
            return cls(0, strip.frames, 0, -(-room // strip.frames))
        size, highest = block_frames(strip.sample_rate), 0.0
        starts = range(0, strip.frames, size)
        for at in starts:
            highest = max(highest, float(np.abs(strip.source(at, size)).max(initial=0.0)))
        first, last = strip.frames, -1
        for at in starts:
            loud = np.flatnonzero(np.abs(strip.source(at, size)).max(axis=0) > mix.QUIET * highest)
            if loud.size:
                first, last = min(first, at + int(loud[0])), at + int(loud[-1])
        if last < 0:
            first, last = 0, strip.frames - 1
        have = last + 1 - first
        seam = min(seam, have // 3)
        return cls(first, have, seam, -(-room // (have - seam)))

    def read(self, strip: _Strip, start: int, count: int) -> Samples:
        step, end = self.have - self.seam, start + count
        made = np.zeros((strip._tape.channels, count), dtype=np.float32)
        for number in range(max(0, (start - self.have) // step), min(self.rounds - 1, end // step) + 1):
            begin, stop = max(start, number * step), min(end, number * step + self.have)
            if begin >= stop:
                continue
            inside = begin - number * step
            turn = strip.source(self.first + inside, stop - begin)
            fade = _Fade(self.have, self.seam if number > 0 else 0, self.seam if number < self.rounds - 1 else 0)
            made[:, begin - start : stop - start] += fade.apply(turn, inside)
        return made
