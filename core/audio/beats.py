"""Where the beats fall, once the tempo is known, and which of them begins a bar.

Dynamic programming over the onset curve (Ellis 2007): the best chain of onsets that lie about one beat apart. It follows
a player who breathes, within a few per cent of the tempo.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.spectrum import CHROMA_PER_SECOND, FRAMES_PER_SECOND

Curve = NDArray[np.float64]

_TIGHT = 400.0
_BARS = (4, 3)
"""Beats to a bar that are tried; four wins unless three is clearly better."""


def track(onsets: Curve, bpm: float) -> Curve:
    """Seconds of the beats."""
    period = 60.0 * FRAMES_PER_SECOND / bpm
    if onsets.size < 2 * period or onsets.max(initial=0.0) <= 0:
        return np.zeros(0)
    local = onsets / (onsets.std() + 1e-9)
    width = np.arange(-round(period), round(period) + 1)
    local = np.convolve(local, np.exp(-0.5 * (width * 32 / period) ** 2), mode="same")
    lags = np.arange(round(period / 2), round(2 * period) + 1)
    cost = -_TIGHT * np.log(lags / period) ** 2
    score, back = local.copy(), np.full(local.size, -1)
    nearest = int(lags[0])
    for first in range(nearest, local.size, nearest):
        # Within one stride no beat depends on another of the same stride.
        here = np.arange(first, min(local.size, first + nearest))
        before = here[:, None] - lags
        reached = np.where(before >= 0, score[np.maximum(before, 0)], 0.0) + cost
        best = reached.argmax(axis=1)
        score[here] = local[here] + reached[np.arange(here.size), best]
        back[here] = before[np.arange(here.size), best]
    last = int(local.size - round(2 * period) + score[-round(2 * period) :].argmax())
    chain = []
    while last >= 0:
        chain.append(last)
        last = int(back[last])
    beats = np.asarray(chain[::-1], dtype=np.float64)
    # Leading beats in silence are no beats.
    loud = local[beats.astype(int)] > 0.1 * np.median(local[beats.astype(int)])
    sounding = np.flatnonzero(loud)
    return beats[sounding[0] : sounding[-1] + 1] / FRAMES_PER_SECOND if sounding.size else np.zeros(0)


def bars(beats: Curve, bass: Curve, chroma: NDArray[np.float32]) -> tuple[Curve, int]:
    """(seconds of the first beats of the bars, beats to a bar): bars begin where the bass enters and the harmony turns."""
    if beats.size < 8:
        return beats[:1], 4
    frame = np.minimum(np.rint(beats * FRAMES_PER_SECOND).astype(int), bass.size - 1)
    reach = np.arange(-3, 4)
    low = bass[np.clip(frame[:, None] + reach, 0, bass.size - 1)].max(axis=1)
    turn = np.zeros(beats.size)
    edges = np.minimum((beats * CHROMA_PER_SECOND).astype(int), chroma.shape[1] - 1)
    for number in range(1, beats.size - 1):
        before = chroma[:, edges[number - 1] : max(edges[number - 1] + 1, edges[number])].mean(axis=1)
        after = chroma[:, edges[number] : max(edges[number] + 1, edges[number + 1])].mean(axis=1)
        turn[number] = 1 - float(before @ after) / (float(np.linalg.norm(before) * np.linalg.norm(after)) + 1e-9)
    weight = low / (low.mean() + 1e-9) + 2.0 * turn / (turn.mean() + 1e-9)
    best, chosen, meter = -1.0, 0, _BARS[0]
    for count in _BARS:
        means = np.asarray([weight[phase::count].mean() for phase in range(count)])
        clear = float(means.max() / (means.mean() + 1e-9)) * (1.0 if count == _BARS[0] else 0.85)
        if clear > best:
            best, chosen, meter = clear, int(means.argmax()), count
    return beats[chosen::meter], meter
