"""Where one shot fades to black and the next out of it.

A valley of light: black frames, to which the light falls evenly from one side and from which it rises evenly to the other.
A steep side is a hard cut, found as one; a film that begins or ends in black has one side only, and no shot goes by there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.video.footage import Frame

SLOPE_S = 2.0
"""A side takes no longer: a fade of four seconds. What gets dark more slowly is nightfall."""
_DARK, _DARKEST = 48.0, 16.0
"""Levels of the brightest channel that the points of a black picture stay under: codecs and noise lift black itself. Where
the shots themselves are dark, it is ..."""
_DARK_SHARE = 0.4
"""... this share of what their points reach, but no less than the second."""
_POINTS = 0.98
"""Share of the points that are looked at: lamps and stars keep a night from being black, a spark or two does not."""
_LIT = 8.0
"""Mean level, over that of the black, that both shots reach: a picture that is hardly lighter than black does not fade."""
_ONWARD = 0.85
"""How much of all that the light changes on a side goes one way."""
_STEP = 0.4
"""Share of the whole way that no single frame takes."""
_APART_S = 0.5
"""There is a picture for so long at least between two valleys: what is shorter flickers."""


@dataclass
class Fades:
    """Fed with every frame."""

    fps: float
    light: list[float] = field(default_factory=list)
    """Mean level, 0 to 255, of each frame."""
    _peaks: list[float] = field(default_factory=list)
    """Level that all but a few points stay under."""

    def see(self, frame: Frame) -> None:
        points = frame[::4, ::4]
        mean = float(points.mean())
        self.light.append(mean)
        peak = 255.0
        if mean < 2 * _DARK:  # others cannot be black: looking closer takes time
            levels = points.max(axis=2).reshape(-1)
            at = round(_POINTS * (levels.size - 1))
            peak = float(np.partition(levels, at)[at])
        self._peaks.append(peak)

    def found(self) -> list[tuple[int, int, int]]:
        """(first frame of the fade, its middle in the black, first frame after it), in order."""
        light = np.asarray(self.light)
        made = []
        for start, end in self._valleys():
            least = float(light[start:end].min())
            darkest = start + np.flatnonzero(light[start:end] <= least + 1.0)
            first, last = int(darkest[0]), int(darkest[-1])
            out, into = self._side(light[:first][::-1], least), self._side(light[last + 1 :], least)
            if out is not None and into is not None:
                made.append((first - out, int(darkest[darkest.size // 2]), last + into))
        return made

    def _valleys(self) -> Iterator[tuple[int, int]]:
        """(first black frame, first frame that is none), with enough of a picture before and after."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self._black(), [False]]).astype(np.int8)))
        runs = [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
        apart = round(_APART_S * self.fps)
        bounds = [(0, 0), *runs, (len(self.light), len(self.light))]
        for (_, before), (start, end), (after, _) in zip(bounds, bounds[1:], bounds[2:], strict=False):
            if start - before >= apart and after - end >= apart:
                yield start, end

    def _black(self) -> NDArray[np.bool_]:
        peaks = np.asarray(self._peaks)
        second = max(1, round(self.fps))
        reached = np.maximum.reduceat(peaks, np.arange(0, peaks.size, second)) if peaks.size else peaks
        near = round(SLOPE_S)
        around = [reached[max(0, at - near) : at + near + 1].max() for at in range(reached.size)]
        limit = np.clip(_DARK_SHARE * np.repeat(around, second)[: peaks.size], _DARKEST, _DARK)
        return np.asarray(peaks < limit)

    def _side(self, light: NDArray[np.float64], black: float) -> int | None:
        """How many frames, away from the black, the light grows until the shot is there; None where it does not do so
        evenly."""
        seen = np.concatenate([[black], light[: round(SLOPE_S * self.fps)]])
        whole = float(seen.max()) - black
        if whole < _LIT:
            return None
        there = int(np.flatnonzero(seen >= black + 0.9 * whole)[0])
        steps = np.diff(seen[: there + 1])
        even = float(np.maximum(steps, 0).sum()) >= _ONWARD * float(np.abs(steps).sum())
        return there if even and float(steps.max()) <= _STEP * whole else None
