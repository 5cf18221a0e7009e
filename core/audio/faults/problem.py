"""A fault found: what, where, and what helps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
TINY = 1e-12

REMEDIES = {
    "clipping": "Export it again at a lower level, or use a de-clipper; turning it down does not bring the peaks back.",
    "click": "Use a de-clicker there, or cut the click out on the nearest zero crossings.",
    "dropout": "Record or export that place again; very short holes can be filled by interpolation.",
    "hum": "Notch the mains frequency and its harmonics, or record again with balanced cables, away from power supplies.",
    "hiss": "Use gentle noise reduction with a print of the pause, or record closer and with less gain.",
    "dc_offset": "Put a high-pass filter at 20 Hz over it.",
    "dead_channel": "Copy the sounding channel to both sides, or export it as mono; check the cable or the pan.",
    "inverted_polarity": "Invert the polarity of one channel.",
    "silence": "Check that the right track was exported.",
    "silence_lead": "Trim the beginning.",
    "silence_gap": "Close the gap, unless it is meant.",
    "silence_trail": "Trim the end.",
    "low_level": "Bring it to a loudness target; listen for noise that comes up with it.",
    "reverb": "Record closer to the microphone and in a damped room, or use a de-reverb tool.",
}


@dataclass(frozen=True)
class Problem:
    kind: str
    start_s: float
    end_s: float
    detail: str

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.kind, "")

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind, "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3), "detail": self.detail,
            "remedy": self.remedy,
        }  # fmt: skip


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 2) first and one past the last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return edges.reshape(-1, 2)


def clusters(starts: NDArray[np.int64], ends: NDArray[np.int64], gap: int) -> list[tuple[int, int, int]]:
    """Spans in order of their start, those nearer than `gap` taken together: (first, last, how many)."""
    if starts.size == 0:
        return []
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    cuts = np.flatnonzero(starts[1:] - ends[:-1] > gap) + 1
    firsts, lasts = np.concatenate(([0], cuts)), np.concatenate((cuts, [starts.size]))
    return [(int(starts[a]), int(ends[b - 1]), int(b - a)) for a, b in zip(firsts, lasts, strict=True)]


def at_most(found: list[Problem], most: int = 60) -> list[Problem]:
    """Hundreds of the same fault tell no more than the first sixty and their number."""
    if len(found) <= most:
        return found
    last = found[most - 1]
    more = f"{last.detail} And {len(found) - most} more up to here."
    return [*found[: most - 1], Problem(last.kind, last.start_s, found[-1].end_s, more)]
