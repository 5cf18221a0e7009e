"""Mixing with all of the sound in memory, as a book has it: what core.audio.mixing, which holds a few seconds of each part,
is held against."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

from core.audio import effects, tape
from core.audio.ducking import duck_depths, gain_of, step_powers
from core.audio.files import to_stereo
from core.audio.loudness import LoudnessTarget, integrated_lufs, normalise
from core.audio.mix import BED_FADE_S, EDGE_FADE_S, QUIET, MixPart, check, length_of
from core.audio.mixing import Laid, Mixed, mix_tapes
from core.audio.tape import Tape

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    samples: Samples
    sample_rate: int
    part: MixPart


def sound(samples: Samples, sample_rate: int, role: str = "music", **how: Any) -> Sound:
    return Sound(samples, sample_rate, MixPart(role=role, **how))


@dataclass(frozen=True)
class Rendered:
    samples: Samples
    """(2, frames)"""
    sample_rate: int
    stems: dict[str, Samples]
    facts: dict[str, Any] = field(default_factory=dict)
    """seconds, lufs, dbtp, gain_db, limiter_db, ducked_s"""


def taped(samples: Samples, rate: int, folder: Path, name: str) -> Tape:
    path = folder / f"{name}.wav"
    wavfile.write(path, rate, np.ascontiguousarray(samples.T))
    return tape.record(path, folder / f"{name}.tape", measured=True)


def laid(sounds: Sequence[Sound], folder: Path) -> list[Laid]:
    return [Laid(taped(each.samples, each.sample_rate, folder, f"in-{n}"), each.part) for n, each in enumerate(sounds)]


def joined(blocks: Any) -> Samples:
    return np.concatenate(list(blocks), axis=1)


def mixed(
    sounds: Sequence[Sound], sample_rate: int, target: LoudnessTarget | None = None, *, length_s: float | None = None
) -> Rendered:
    """By the product."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made: Mixed = mix_tapes(laid(sounds, folder), folder, sample_rate, target, length_s=length_s)
        stems = {name: joined(made.mastered(name)) for name in made.stems}
        return Rendered(joined(made.mastered()), sample_rate, stems, made.facts())


def whole_mix(
    parts: Sequence[Sound], sample_rate: int, target: LoudnessTarget | None = None, *, length_s: float | None = None
) -> Rendered:
    """Place, pan, fade, duck, sum and master."""
    for part in parts:
        check(part.part)
    sources = [_source(part, sample_rate) for part in parts]
    frames = _length(parts, sources, sample_rate, length_s)
    stems: dict[str, Samples] = {}
    voice = np.zeros((2, frames), dtype=np.float32)
    placed: list[Samples] = []
    for part, source in zip(parts, sources, strict=True):
        placed.append(_place(part.part, source, sample_rate, frames))
        if part.part.role == "voice":
            voice += placed[-1]
    ducked_s = 0.0
    for each, sound in zip(parts, placed, strict=True):
        part = each.part
        ducked = sound
        if part.duck is not None and part.role != "voice":
            depths = duck_depths(step_powers(voice, sample_rate), part.duck)
            curve = gain_of(depths, sample_rate, 0, frames)
            ducked_s = max(ducked_s, float((curve < 0.999).sum()) / sample_rate)
            ducked = sound * curve
        stems[part.stem] = stems[part.stem] + ducked if part.stem in stems else ducked
    mix = np.zeros((2, frames), dtype=np.float32)
    for sound in stems.values():
        mix += sound
    facts: dict[str, Any] = {"seconds": frames / sample_rate, "ducked_s": ducked_s}
    if target is not None:
        mastered = normalise(mix, sample_rate, target)
        mix = mastered.samples
        stems = {name: sound * mastered.gain_curve for name, sound in stems.items()}
        deepest = mastered.gain_db - 20 * math.log10(max(float(mastered.gain_curve.min()), 1e-9))
        facts |= {"lufs": mastered.lufs, "dbtp": mastered.dbtp, "target": target.name}
        facts |= {"gain_db": mastered.gain_db, "limiter_db": max(0.0, deepest), "on_target": mastered.on_target}
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


def _source(of: Sound, sample_rate: int) -> Samples:
    """The piece of it that is used, at the mix's rate, levelled: not yet placed."""
    part = of.part
    first = round(part.offset_s * of.sample_rate)
    last = of.samples.shape[1] if part.length_s is None else first + round(part.length_s * of.sample_rate)
    samples = of.samples[:, first:last]
    samples = effects.resample(samples, of.sample_rate, sample_rate)
    if part.level_lufs is not None:
        lufs = integrated_lufs(samples, sample_rate)
        samples = samples if lufs is None else effects.gain(samples, part.level_lufs - lufs)
    cut = EDGE_FADE_S if part.offset_s > 0 else 0.0
    cut_off = EDGE_FADE_S if last < of.samples.shape[1] else 0.0
    return effects.fade(samples, sample_rate, in_s=cut, out_s=cut_off)


def _length(parts: Sequence[Sound], sources: list[Samples], sample_rate: int, length_s: float | None) -> int:
    lying = [(part.part.loop, part.part.start_s, source.shape[1]) for part, source in zip(parts, sources, strict=True)]
    return length_of(lying, sample_rate, length_s)


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
