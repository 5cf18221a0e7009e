"""Dynamic time warping: which frame of a reference each frame of a recording stands at.

Every frame of the recording takes one step in the reference: it stays, goes on by one, or skips one or two. So a row of
the table depends on the row before alone and is a few numpy operations, and the cost of a path is a mean over the
recording, whatever the reference's length. Long ones go coarse first, then within a corridor around what was found:
time and memory grow with the length, not its square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

CELLS = 4_000_000
"""Of the table at most; beyond, coarser frames first."""
COARSER = 4
CORRIDOR = 100
"""Frames to either side of the coarser path that the finer one may go: a second at the finest."""
MOST_SKIPPED = 2
STAY, SKIP = 0.3, 0.3
"""Added to the cost of a frame for standing still, and for each reference frame left out: small beside a cost of 1."""
REST_SILENT, REST_SPOKEN = 0.2, 1.6
"""What a frame of the recording costs at a rest. Frames that have nothing in common are 1.4 apart."""
_ROWS = 256
_NEVER = np.float32(1e9)


@dataclass(frozen=True)
class Sound:
    """Frames to be compared, by the distance of their features."""

    features: Floats
    """(n, d), of mean square about 1 each."""
    silent: Floats
    """(n,), 0 to 1. In a recording: nobody speaks. In a reference: a rest, which may be left out, or last as long as the
    recording likes; its features are never looked at. Between 0 and 1: a part of a coarse frame."""

    @property
    def frames(self) -> int:
        return int(self.silent.size)


@dataclass(frozen=True)
class Path:
    places: Places
    """(frames of the recording,): the reference's frame of each; never goes back."""
    costs: Floats
    """(frames of the recording,): the distance to it, without the steps' price."""


def distances(recording: Sound, reference: Sound, rows: slice, first: int, last: int) -> Floats:
    """(rows, last - first): root mean square difference; rests cost by whether anybody speaks."""
    left, right = recording.features[rows], reference.features[first:last]
    size = left.shape[1]
    squares = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1)[None, :] - 2 * (left @ right.T)
    found = np.sqrt(np.maximum(squares, 0) / np.float32(size))
    silent, resting = reference.silent[first:last], _resting(recording.silent[rows])[:, None]
    found[:, np.flatnonzero(silent == 1)] = resting
    partly = np.flatnonzero((silent > 0) & (silent < 1))
    if partly.size:
        found[:, partly] = np.minimum(found[:, partly], resting)
    return np.asarray(found, dtype=np.float32)


def _resting(silent: Floats) -> Floats:
    return np.asarray(REST_SPOKEN + (REST_SILENT - REST_SPOKEN) * silent, dtype=np.float32)


def warp(recording: Sound, reference: Sound) -> Path | None:
    """The cheapest path from the reference's first frames to its last. None: too short for it, or nothing there."""
    if recording.frames < 1 or recording.frames * (MOST_SKIPPED + 1) < reference.frames:
        return None
    if recording.frames * reference.frames <= CELLS:
        return _within(recording, reference, np.zeros(recording.frames, dtype=np.int64), reference.frames)
    coarse = warp(coarser(recording), coarser(reference))
    if coarse is None:
        return None
    centres = np.repeat(coarse.places * COARSER, COARSER)
    centres = np.append(centres, np.full(max(0, recording.frames - centres.size), reference.frames))
    lows = np.clip(centres[: recording.frames] - CORRIDOR, 0, max(0, reference.frames - 2 * CORRIDOR))
    return _within(recording, reference, lows, min(reference.frames, 2 * CORRIDOR))


def coarser(sound: Sound) -> Sound:
    """COARSER frames in one, the mean of those in which somebody speaks."""
    count = -(-sound.frames // COARSER)
    missing = count * COARSER - sound.frames
    silent = np.pad(sound.silent, (0, missing), mode="edge").reshape(count, COARSER)
    features = np.pad(sound.features, ((0, missing), (0, 0)), mode="edge").reshape(count, COARSER, -1)
    weights = 1 - silent + np.float32(1e-6)
    means = np.einsum("nkd,nk->nd", features, weights / weights.sum(axis=1, keepdims=True))
    return Sound(np.asarray(means, dtype=np.float32), silent.mean(axis=1, dtype=np.float32))


def _within(recording: Sound, reference: Sound, lows: Places, width: int) -> Path | None:
    """The best path on which row i uses columns lows[i] … lows[i] + width - 1."""
    count = recording.frames
    stay = np.where(reference.silent > 0, 0, STAY).astype(np.float32)
    left_out = (SKIP * (1 - reference.silent)).astype(np.float32)
    # By place: what it costs to have jumped here over one, over two.
    one = np.concatenate([[0], left_out[:-1]]).astype(np.float32)
    two = one + np.concatenate([[0, 0], left_out[:-2]]).astype(np.float32)
    jump = np.diff(lows, prepend=lows[:1])
    reach = int(jump.max(initial=0))
    before = np.full(MOST_SKIPPED + 1 + width + reach, _NEVER, dtype=np.float32)
    steps = np.zeros((count, width), dtype=np.uint8)
    other, better = np.empty(width, dtype=np.float32), np.empty(width, dtype=bool)
    margin = MOST_SKIPPED + 1
    kept = np.empty((count, width), dtype=np.float32) if width <= 2 * CORRIDOR else None
    for block in range(0, count, _ROWS):
        rows = slice(block, min(count, block + _ROWS))
        first, last = int(lows[rows.start]), int(lows[rows.stop - 1]) + width
        table = distances(recording, reference, rows, first, last)
        for row in range(rows.start, rows.stop):
            low = int(lows[row])
            here = table[row - block, low - first : low - first + width]
            if kept is not None:
                kept[row] = here
            if row == 0:
                best = np.where(np.arange(low, low + width) <= MOST_SKIPPED, here, _NEVER)
            else:
                at = margin + int(jump[row])
                best = before[at - 1 : at - 1 + width].copy()
                step = steps[row]
                step[:] = 1
                for size, price in ((0, stay), (2, one), (3, two)):
                    np.add(before[at - size : at - size + width], price[low : low + width], out=other)
                    np.less(other, best, out=better)
                    np.minimum(other, best, out=best)
                    np.putmask(step, better, size)
                best += here
            before[margin : margin + width] = best
    return _traced(recording, reference, lows, steps, before[margin : margin + width], kept)


def _traced(
    recording: Sound, reference: Sound, lows: Places, steps: NDArray[np.uint8], last: Floats, kept: Floats | None
) -> Path | None:
    count, width = steps.shape
    ends = lows[-1] + np.arange(width) >= reference.frames - MOST_SKIPPED
    if not (ends & (last < _NEVER / 2)).any():
        return None
    place = int(lows[-1]) + int(np.where(ends, last, np.inf).argmin())
    places = np.empty(count, dtype=np.int64)
    for row in range(count - 1, -1, -1):
        places[row] = place
        place -= int(steps[row, place - int(lows[row])])
    if kept is not None:
        return Path(places, kept[np.arange(count), places - lows])
    gaps = np.sqrt(np.square(recording.features - reference.features[places]).mean(axis=1))
    silent = reference.silent[places]
    gaps[silent == 1] = _NEVER
    costs = np.where(silent > 0, np.minimum(gaps, _resting(recording.silent)), gaps)
    return Path(places, np.asarray(costs, dtype=np.float32))
