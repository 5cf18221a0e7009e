"""Flat tops: runs of equal samples at the very highest level, with a corner at the edge.

It works after the file has been turned down too, as long as it was not encoded in between: equal stays equal. The corner
tells a cut wave from the round top of a low note, which is flat for a few samples as well.
"""

from __future__ import annotations

import numpy as np

from core.audio.faults.problem import Problem, Samples, at_most, clusters, runs

_TOGETHER_S = 1.0


def clipping(samples: Samples, sample_rate: int) -> list[Problem]:
    spans: list[np.ndarray] = []
    flat = 0
    for channel in samples:
        for sign in (1, -1):
            top = float(channel.max(initial=0.0) if sign > 0 else -channel.min(initial=0.0))
            if top < 0.01:
                continue
            limit = top * (1 - 3e-4)
            near = runs(np.asarray(channel >= limit if sign > 0 else channel <= -limit))
            near = near[(near[:, 1] - near[:, 0] >= 3) & (near[:, 0] > 0)]
            near = near[top - sign * channel[near[:, 0] - 1] > 0.002 * top]
            if len(near) >= 8:
                spans.append(near)
                flat += int((near[:, 1] - near[:, 0]).sum())
    if not spans or flat > 0.4 * samples.size:  # a square wave is flat all the time, and meant to be
        return []
    together = np.concatenate(spans)
    found = []
    for first, last, count in clusters(together[:, 0], together[:, 1], round(_TOGETHER_S * sample_rate)):
        detail = f"{count} peak{'s are' if count > 1 else ' is'} cut off flat."
        found.append(Problem("clipping", first / sample_rate, last / sample_rate, detail))
    return at_most(found)
