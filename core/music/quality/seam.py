"""Where a loop's end meets its beginning: the wave, the level, the spectrum and the beat go on, or they stumble.

Level and spectrum jump at every bar line of music, so the seam is held against the piece's own bar lines. The wave is
held against its surroundings: a jump in phase shows as a step in it or in its slope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.spectrum import FRAMES_PER_SECOND
from core.music.quality.hearing import Heard
from core.music.quality.rules import graded, part, rule, unmeasured
from core.music.quality.types import Asked, Part

Curve = NDArray[np.float64]


def seam(heard: Heard, asked: Asked) -> Part:
    row = rule("seam")
    if not asked.loopable:
        return unmeasured("seam", "It was not asked to be looped.")
    expected = "no jump where it starts again"
    if heard.seconds < row["least_seconds"]:
        return unmeasured("seam", "It is too short to be judged as a loop.", expected)
    bpm = heard.bpm or asked.bpm
    step, least = wave_step(heard, row["around_s"])
    faults = {
        "The wave jumps: a click is heard": graded(step / max(least, row["least_step"]), *row["step"]),
        "The level jumps more than at its bar lines": graded(_level_excess(heard, bpm, row["level_s"]), *row["level_db"]),
        "The sound changes more than at its bar lines": graded(_colour_excess(heard, bpm, row["colour_s"]), *row["colour_db"]),
    }  # fmt: skip
    if heard.bpm:
        beats = heard.seconds * heard.bpm / 60
        faults["It is no whole number of beats: the rhythm stumbles"] = graded(abs(beats - round(beats)), *row["beats"])
    note, score = min(faults.items(), key=lambda item: item[1])
    if score == 1:
        note = "The end runs into the beginning as one bar runs into the next"
    return part("seam", round(step / max(least, row["least_step"]), 1), expected, score, f"{note}.")


def wave_step(heard: Heard, around_s: float) -> tuple[float, float]:
    """Of the channel that is worse: (highest bend of the wave at the seam, highest bend right before or after it). Bend:
    the second difference, which a step and a corner both raise. A hit that begins the loop goes on to bend the wave."""
    reach = max(16, round(around_s * heard.rate))
    worst = (0.0, 1.0)
    for channel in heard.samples:
        bend = np.abs(np.diff(np.concatenate([channel[-reach:], channel[:reach]]).astype(np.float64), 2))
        here = float(bend[reach - 2 : reach + 1].max())
        beside = float(max(bend[: reach - 4].max(), bend[reach + 3 :].max()))
        if here / max(beside, 1e-9) > worst[0] / max(worst[1], 1e-9):
            worst = (here, beside)
    return worst


def _bar_lines(heard: Heard, bpm: float | None) -> Curve:
    """Seconds of the bar lines inside, as the loop's own length divides; every second without a tempo."""
    bars = max(2, round(heard.seconds * bpm / 240)) if bpm else max(2, round(heard.seconds))
    return np.arange(1, bars) * heard.seconds / bars


def _level_excess(heard: Heard, bpm: float | None, window_s: float) -> float:
    """dB by which the level's jump at the seam is higher than nine in ten of those at the bar lines."""
    power = 10 ** (heard.levels / 10)
    floor = 10 ** ((heard.programme_db - 40) / 10)
    size = max(1, round(window_s * FRAMES_PER_SECOND))

    def jump(at: int) -> float:
        turned = np.roll(power, -at)
        after, before = turned[:size].mean() + floor, turned[-size:].mean() + floor
        return abs(float(10 * np.log10(after / before)))

    lines = [jump(round(float(at) * FRAMES_PER_SECOND)) for at in _bar_lines(heard, bpm)]
    return jump(0) - float(np.quantile(lines, 0.9))


def _colour_excess(heard: Heard, bpm: float | None, window_s: float) -> float:
    """The same of the mel spectrum's shape, in mean dB over its bands."""
    mel = np.maximum(heard.spectrum.mel_db, heard.spectrum.mel_db.max() - 60).astype(np.float64)
    size = max(1, round(window_s * FRAMES_PER_SECOND))

    def change(at: int) -> float:
        turned = np.take(mel, np.arange(at - size, at + size), axis=1, mode="wrap")
        apart = turned[:, size:].mean(axis=1) - turned[:, :size].mean(axis=1)
        return float(np.abs(apart - apart.mean()).mean())

    lines = [change(round(float(at) * FRAMES_PER_SECOND)) for at in _bar_lines(heard, bpm)]
    return change(0) - float(np.quantile(lines, 0.9))
