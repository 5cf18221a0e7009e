"""The faders are ridden: what the score plays softer is heard softer, also where a dense arrangement hides it.

Drums and distorted guitars sound much the same however hard they are played, so a verse of them is nearly as loud as its
chorus. One gain over time for all stems alike: they still add up to the mix.
"""

from __future__ import annotations

import numpy as np

from core.audio.loudness import integrated_lufs
from core.music.composer.score import Score
from core.music.composer.synth.plan import beat_frames
from core.music.composer.synth.shape import SAMPLE_RATE, Sound

DB_PER_ENERGY, LARGEST_DB = 14.0, 3.0
"""How much softer than the piece's peak a section should be, by how much less energy it has; what the fader adds at most."""


def ride(score: Score, mix: Sound) -> Sound:
    """The gain, one value a frame of the mix. In a loop the end meets the start."""
    frames = round(score.seconds * SAMPLE_RATE)
    curve = np.ones(mix.shape[1], np.float32)
    beat = beat_frames(score)
    starts = [min(frames, round(section.start_bar * score.beats_per_bar * beat)) for section in score.sections]
    gains = _gains(score, mix, starts, frames)
    if not gains or min(gains) == max(gains):
        return curve
    for start, stop, gain in zip(starts, [*starts[1:], frames], gains, strict=True):
        curve[start:stop] = gain
    for index in range(0 if score.loopable else 1, len(gains)):
        before, gain = gains[index - 1], gains[index]
        if gain > before:  # a swell over the last beat, to arrive with the section
            end = starts[index] or frames
            begin = max(0, end - round(beat))
            curve[begin:end] = np.linspace(before, gain, end - begin, dtype=np.float32)
        else:
            begin = starts[index]
            end = min(frames, begin + round(beat / 2))
            curve[begin:end] = np.linspace(before, gain, end - begin, dtype=np.float32)
    rest = curve.size - frames
    curve[frames:] = np.resize(curve[:frames], rest) if score.loopable else curve[frames - 1]
    return curve


def _gains(score: Score, mix: Sound, starts: list[int], frames: int) -> list[float]:
    """One of each section; empty where nothing can be compared."""
    levels = [loudness(mix[:, start:stop]) for start, stop in zip(starts, [*starts[1:], frames], strict=True)]
    known = [
        (section.energy, level) for section, level in zip(score.sections, levels, strict=True) if level is not None
    ]
    if len(known) < 2:
        return []
    energy, loudest = max(known)
    cuts: list[float] = []
    for section, level in zip(score.sections, levels, strict=True):
        if level is None or (section.name == "ending" and cuts):  # goes on as what it ends
            cuts.append(cuts[-1] if cuts else 0.0)
            continue
        wanted = DB_PER_ENERGY * (energy - section.energy)
        cuts.append(min(LARGEST_DB, max(0.0, wanted - (loudest - level))))
    return [float(10 ** (-cut / 20)) for cut in cuts]


def loudness(sound: Sound) -> float | None:
    """Integrated loudness of every fourth 400 ms: close enough to place a stem, at a quarter of the work. None: silent, or
    too short."""
    window = round(0.4 * SAMPLE_RATE)
    count = sound.shape[1] // (4 * window)
    if count < 12:
        return integrated_lufs(sound, SAMPLE_RATE) if sound.shape[1] >= window else None
    parts = sound[:, : count * 4 * window].reshape(2, count, 4 * window)[:, :, :window]
    return integrated_lufs(np.ascontiguousarray(parts).reshape(2, -1), SAMPLE_RATE)
