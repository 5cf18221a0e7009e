"""Holes and clicks: places where the wave is broken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.faults.problem import Problem, Samples, at_most, runs

_CLICK_FACTOR = 12.0
_CLICK_FLOOR = 0.004
_CLICK_MAX_FACTOR = 6.0
_CLICK_HEIGHT = 0.04
_CLICK_STEP = 0.45
_CLICK_BALANCE = 4.0
_BLOCK_S = 0.010


def dropouts(samples: Samples, sample_rate: int) -> list[Problem]:
    """Short stretches of exact zeros cut into running sound: about as loud right before as right after.

    Pauses between gated hits are not meant: those are longer, or fade before and start loud after.
    """
    zero = samples[0] == 0
    for channel in samples[1:]:
        zero &= channel == 0
    spans = runs(np.asarray(zero))
    length = (spans[:, 1] - spans[:, 0]) / sample_rate
    edge = max(4, sample_rate // 500)
    found = []
    for start, end in spans[(length >= 0.005) & (length <= 0.12)]:
        if start < edge or end + edge > samples.shape[1]:
            continue
        before, after = samples[:, start - edge : start], samples[:, end : end + edge]
        sides = [float(np.sqrt(np.square(side).mean(axis=1).max())) for side in (before, after)]
        if min(sides) > max(0.01, 0.25 * max(sides)):
            milliseconds = round((end - start) / sample_rate * 1000)
            detail = f"The sound drops out for {milliseconds} ms."
            found.append(Problem("dropout", float(start / sample_rate), float(end / sample_rate), detail))
    return at_most(found) if len(found) >= 2 else []


def clicks(samples: Samples, sample_rate: int) -> list[Problem]:
    """Impulses of a few samples that stand alone: nothing like them within 10 ms before and after.

    The third difference lifts a broken sample far above what it lifts of speech and music. An onset is told from a click by
    what comes after it: it goes on, and a cut leads to another level, but behind a click the wave runs on as before.
    """
    found: set[int] = set()
    for channel in samples:
        found |= set(_impulses(channel, sample_rate))
    places = sorted(found)
    kept = [at for number, at in enumerate(places) if number == 0 or at - places[number - 1] > 0.002 * sample_rate]
    return at_most(
        [
            Problem(
                "click", max(0.0, at / sample_rate - 0.001), at / sample_rate + 0.001, "An impulse of a few samples."
            )
            for at in kept
        ]
    )


def _impulses(wave: NDArray[np.float32], sample_rate: int) -> list[int]:
    if wave.size < 64:
        return []
    rough = np.abs(np.diff(wave, 3))
    block = max(8, round(_BLOCK_S * sample_rate))
    count = rough.size // block
    if count < 3:
        return []
    shaped = rough[: count * block].reshape(count, block)
    highest = shaped.max(axis=1)
    usual = np.sqrt(np.einsum("ns,ns->n", shaped, shaped) / block)
    # First a cheap look: a block whose peak stands far above its own root mean square, and that is not faint.
    wanted = np.flatnonzero((highest > 5.0 * usual) & (highest > _CLICK_FLOOR))
    found = []
    near = max(4, round(0.0006 * sample_rate))
    wide = max(24, round(0.010 * sample_rate))
    for number in wanted:
        at = int(number * block + shaped[number].argmax())
        low, high = at - wide, at + wide
        if low < 0 or high >= rough.size:
            continue
        before, after = rough[low : at - near], rough[at + near + 1 : high]
        around = np.concatenate((before, after))
        peak = float(rough[at])
        if peak < _CLICK_FACTOR * float(np.percentile(around, 98)) + _CLICK_FLOOR:
            continue
        if peak < _CLICK_MAX_FACTOR * float(around.max()):
            continue
        power = float(np.dot(before, before)) + 1e-12, float(np.dot(after, after)) + 1e-12
        if not 1 / _CLICK_BALANCE**2 < power[0] / power[1] < _CLICK_BALANCE**2:
            continue
        first, last = max(0, at - 3), min(wave.size - 1, at + 7)
        straight = np.linspace(wave[first], wave[last], last - first + 1)
        height = float(np.abs(wave[first : last + 1] - straight).max())
        if height < _CLICK_HEIGHT or abs(float(wave[last] - wave[first])) > _CLICK_STEP * height:
            continue
        found.append(at + 1)
    return found
