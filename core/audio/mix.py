"""Several sounds on one time line, mastered as one piece, with stems that still add up to it.

Everything after the parts have been placed is one gain curve: the master's linear gain and its limiter. The stems get
the same curve, so their sum is the mix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import effects
from core.audio.ducking import DuckSettings, duck_curve
from core.audio.files import to_stereo
from core.audio.loudness import LoudnessTarget, integrated_lufs, normalise
from core.kit.errors import UserError

__all__ = ["DuckSettings", "MixPart", "Rendered", "loop_to_length", "render_mix"]

Samples = NDArray[np.float32]
Progress = Callable[[str, float], None]

MAX_SECONDS = 3600.0
TAIL_S = 2.0
BED_FADE_S = 2.0
EDGE_FADE_S = 0.003  # a part cut out of a longer sound must not click
QUIET = 10 ** (-60 / 20)


@dataclass(frozen=True)
class MixPart:
    """One sound and where it goes. Parts of the same name share a stem; `role` "voice" is what ducking listens to."""

    samples: Samples
    sample_rate: int
    role: str = "music"
    name: str = ""
    start_s: float = 0.0
    offset_s: float = 0.0
    """Leave out this much of its beginning."""
    length_s: float | None = None
    """Use this much of it (None: all that is left after `offset_s`)."""
    gain_db: float = 0.0
    pan: float = 0.0
    level_lufs: float | None = None
    """Bring the part to this loudness first, so that gain_db means the same for every recording."""
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    loop: bool = False
    """A bed: repeated, or cut, to reach the end of the mix, and faded out there."""
    seam_s: float = 1.0
    """Length of the cross-fade between two rounds; 0 for sound made to loop, which must stay in time."""
    duck: DuckSettings | None = None

    @property
    def stem(self) -> str:
        return self.name or self.role


@dataclass(frozen=True)
class Rendered:
    samples: Samples
    """(2, frames)"""
    sample_rate: int
    stems: dict[str, Samples]
    facts: dict[str, Any] = field(default_factory=dict)
    """seconds, lufs, dbtp, gain_db, limiter_db, ducked_s"""


def render_mix(
    parts: Sequence[MixPart],
    sample_rate: int = 44100,
    target: LoudnessTarget | None = None,
    *,
    length_s: float | None = None,
    progress: Progress | None = None,
) -> Rendered:
    """Place, pan, fade, duck, sum and master. `target` None leaves the level as it falls.

    Without `length_s` the mix ends with its last part; beds go on for TAIL_S after the others, fading.
    """
    tell = progress or (lambda stage, fraction: None)
    for part in parts:
        check(part)
    sources = [_source(part, sample_rate) for part in parts]
    frames = _length(parts, sources, sample_rate, length_s)
    stems: dict[str, Samples] = {}
    voice = np.zeros((2, frames), dtype=np.float32)
    placed: list[Samples] = []
    for number, (part, source) in enumerate(zip(parts, sources, strict=True)):
        tell("Placing the parts", number / len(parts))
        placed.append(_place(part, source, sample_rate, frames))
        if part.role == "voice":
            voice += placed[-1]
    ducked_s = 0.0
    for number, (part, sound) in enumerate(zip(parts, placed, strict=True)):
        tell("Ducking", number / len(parts))
        ducked = sound
        if part.duck is not None and part.role != "voice":
            curve = duck_curve(voice, sample_rate, part.duck)
            ducked_s = max(ducked_s, float((curve < 0.999).sum()) / sample_rate)
            ducked = sound * curve
        stems[part.stem] = stems[part.stem] + ducked if part.stem in stems else ducked
    mix = np.zeros((2, frames), dtype=np.float32)
    for sound in stems.values():
        mix += sound
    tell("Mastering", 0.0)
    facts: dict[str, Any] = {"seconds": frames / sample_rate, "ducked_s": ducked_s}
    if target is not None:
        mastered = normalise(mix, sample_rate, target)
        mix = mastered.samples
        stems = {name: sound * mastered.gain_curve for name, sound in stems.items()}
        deepest = mastered.gain_db - 20 * math.log10(max(float(mastered.gain_curve.min()), 1e-9))
        facts |= {"lufs": mastered.lufs, "dbtp": mastered.dbtp, "target": target.name}
        facts |= {"gain_db": mastered.gain_db, "limiter_db": max(0.0, deepest), "on_target": mastered.on_target}
    tell("Mastering", 1.0)
    return Rendered(mix, sample_rate, stems, facts)


def loop_to_length(samples: Samples, frames: int, seam: int) -> Samples:
    """Repeat to `frames` with rounds that overlap by `seam` frames in an equal-power cross-fade; longer sound is cut.

    With a seam, silence at both ends is left out first: a piece that has rung out would loop with a hole.
    """
    have = samples.shape[1]
    if have >= frames:
        return samples[:, :frames]
    if seam <= 0:
        return np.tile(samples, (1, -(-frames // have)))[:, :frames]
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > QUIET * float(np.abs(samples).max()))
    if loud.size:
        samples = samples[:, loud[0] : loud[-1] + 1]
        have = samples.shape[1]
    seam = min(seam, have // 3)
    step = have - seam
    looped = np.zeros((samples.shape[0], frames + have), dtype=np.float32)
    rounds = -(-frames // step)
    rising, falling = effects.fade_curve(seam, rising=True), effects.fade_curve(seam, rising=False)
    for number in range(rounds):
        turn = samples.copy()
        if number > 0:
            turn[:, :seam] *= rising
        if number < rounds - 1:
            turn[:, have - seam :] *= falling
        looped[:, number * step : number * step + have] += turn
    return looped[:, :frames]


def check(part: MixPart) -> None:
    """UserError for what cannot be placed."""
    numbers = (part.start_s, part.offset_s, part.gain_db, part.pan, part.fade_in_s, part.fade_out_s, part.seam_s)
    if not all(math.isfinite(number) for number in numbers):
        raise UserError(f"A setting of “{part.stem}” is not a number.", "Correct its start, gain, pan or fades.")
    if not (0 <= part.start_s <= MAX_SECONDS and part.offset_s >= 0 and part.fade_in_s >= 0 and part.fade_out_s >= 0):
        raise UserError(f"“{part.stem}” lies outside the mix.", "Starts, offsets and fades are 0 seconds or more.")
    if not -90 <= part.gain_db <= 40:
        raise UserError(f"A gain of {part.gain_db:g} dB is out of range.", "Gain goes from -90 to 40 dB.")
    if part.samples.shape[1] == 0 or (part.length_s is not None and not part.length_s > 0):
        raise UserError(f"“{part.stem}” is empty.", "Every part needs some sound.")


def _source(part: MixPart, sample_rate: int) -> Samples:
    """The piece of it that is used, at the mix's rate, levelled: not yet placed."""
    first = round(part.offset_s * part.sample_rate)
    last = part.samples.shape[1] if part.length_s is None else first + round(part.length_s * part.sample_rate)
    samples = part.samples[:, first:last]
    if samples.shape[1] == 0:
        raise UserError(f"“{part.stem}” is shorter than its offset.", "Start earlier in the file.")
    samples = effects.resample(samples, part.sample_rate, sample_rate)
    if part.level_lufs is not None:
        lufs = integrated_lufs(samples, sample_rate)
        samples = samples if lufs is None else effects.gain(samples, part.level_lufs - lufs)
    cut = EDGE_FADE_S if part.offset_s > 0 else 0.0
    cut_off = EDGE_FADE_S if last < part.samples.shape[1] else 0.0
    return effects.fade(samples, sample_rate, in_s=cut, out_s=cut_off)


def _length(parts: Sequence[MixPart], sources: list[Samples], sample_rate: int, length_s: float | None) -> int:
    lying = [(part.loop, part.start_s, source.shape[1]) for part, source in zip(parts, sources, strict=True)]
    return length_of(lying, sample_rate, length_s)


def length_of(lying: Sequence[tuple[bool, float, int]], sample_rate: int, length_s: float | None) -> int:
    """Frames of a mix. `lying`: of every part whether it loops, its start in seconds and its frames."""
    if not lying:
        raise UserError("There is nothing to mix.", "Add at least one sound.")
    if length_s is not None:
        seconds = length_s
    else:
        ends = [(loop, start_s + frames / sample_rate) for loop, start_s, frames in lying]
        fixed = [end for loop, end in ends if not loop]
        seconds = max(fixed or [end for _, end in ends])
        if fixed and len(fixed) < len(ends):
            seconds += TAIL_S
    if not (0 < seconds <= MAX_SECONDS):
        raise UserError(
            f"A mix of {seconds:g} seconds cannot be made.", f"Its length goes up to {MAX_SECONDS / 60:g} minutes."
        )
    return max(1, round(seconds * sample_rate))


def _place(part: MixPart, samples: Samples, sample_rate: int, frames: int) -> Samples:
    start = round(part.start_s * sample_rate)
    room = frames - start
    placed = np.zeros((2, frames), dtype=np.float32)
    if room <= 0:
        return placed
    fade_out_s = part.fade_out_s
    if part.loop:
        cut = samples.shape[1] != room
        samples = loop_to_length(samples, room, round(part.seam_s * sample_rate))
        if cut and fade_out_s == 0:
            fade_out_s = min(BED_FADE_S, 0.5 * room / sample_rate)
    elif samples.shape[1] > room:
        samples = samples[:, :room]
        fade_out_s = max(fade_out_s, EDGE_FADE_S)
    samples = effects.gain(samples, part.gain_db)
    samples = effects.fade(samples, sample_rate, in_s=part.fade_in_s, out_s=fade_out_s)
    mono_or_stereo = samples if samples.shape[0] <= 2 else to_stereo(samples)
    placed[:, start : start + samples.shape[1]] = effects.pan(mono_or_stereo, part.pan)
    return placed
