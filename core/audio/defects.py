"""Faults that a meter can be sure of, each with its place and a remedy.

How sure is measured: data/reference/analysis_card.json holds precision and recall of every detector on files that it was
not tuned on, and core.audio.card keeps those under 0.8 out of what is told as a fact.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.audio.faults import breaks, clipping, level, noise, reverb
from core.audio.faults.problem import Problem, Samples
from core.audio.mono import heard
from core.audio.spectrum import Spectrum, measure

__all__ = ["Problem", "find", "find_local", "joined"]

_LASTING = ("dc_offset", "dead_channel", "inverted_polarity", "hum", "hiss", "reverb")


def find(samples: Samples, sample_rate: int, lufs: float | None) -> tuple[Problem, ...]:
    """`samples` finite, (channels, frames); `lufs` as measured, None for silence."""
    from core.audio.speech import share_of

    seconds = samples.shape[1] / sample_rate
    levels = level.levels(samples, sample_rate)
    if lufs is None and not (levels > level.SILENT_DB).any():
        return (Problem("silence", 0.0, seconds, "The whole file is silent."),)
    mono = heard(samples)
    spectrum = measure(mono, sample_rate)
    found = [*level.silences(levels, seconds), *level.low_level(lufs, seconds)]
    found += find_local(samples, sample_rate, mono, spectrum, share_of(spectrum))
    return ordered(found)


def find_local(
    samples: Samples, sample_rate: int, mono: np.ndarray, spectrum: Spectrum, speech: float
) -> list[Problem]:
    """What can be told from a stretch of the file alone, times from its beginning. `speech` is its share of speech."""
    seconds = samples.shape[1] / sample_rate
    found = [*level.channels(samples, seconds), *level.offset(samples, seconds)]
    if float(np.abs(samples).max(initial=0.0)) < 1e-5:
        return found
    found += clipping.clipping(samples, sample_rate)
    found += breaks.dropouts(samples, sample_rate)
    found += breaks.clicks(samples, sample_rate)
    found += noise.hum(mono, sample_rate)
    found += noise.hiss(seconds, spectrum)
    found += reverb.reverb(spectrum, speech)
    return found


def joined(parts: list[tuple[float, list[Problem]]]) -> list[Problem]:
    """(start of the stretch, its problems) of consecutive stretches: what lasts across a border becomes one."""
    found: list[Problem] = []
    for start, problems in parts:
        for problem in problems:
            moved = replace(problem, start_s=problem.start_s + start, end_s=problem.end_s + start)
            last = next((n for n in reversed(range(len(found))) if found[n].kind == problem.kind), None)
            if last is not None and problem.kind in _LASTING and moved.start_s - found[last].end_s < 0.05:
                found[last] = replace(found[last], end_s=moved.end_s)
            else:
                found.append(moved)
    return found


def ordered(found: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(found, key=lambda problem: (problem.start_s, problem.kind)))
