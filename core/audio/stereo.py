"""The stereo image: how alike the channels are, how wide, and which side is louder, over all and over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

STEP_S = 0.5
_QUIET = 1e-9


@dataclass(frozen=True)
class Sums:
    """Energies per STEP_S: left, right, and left times right; adding them up joins files and moments alike."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    both: NDArray[np.float64]


def measure(samples: Samples, sample_rate: int) -> Sums | None:
    """None unless there are two channels."""
    if samples.shape[0] != 2 or samples.shape[1] == 0:
        return None
    left, right = samples
    edges = np.arange(0, samples.shape[1], max(1, round(STEP_S * sample_rate)))
    return Sums(*(np.add.reduceat(x * y, edges, dtype=np.float64)
                  for x, y in ((left, left), (right, right), (left, right))))  # fmt: skip


def joined(parts: list[Sums]) -> Sums:
    return Sums(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "both")))


def correlation(sums: Sums) -> NDArray[np.float64]:
    """-1 (inverted) to 1 (mono) per step; 1 where it is silent."""
    norm = np.sqrt(sums.left * sums.right)
    return np.asarray(np.where(norm > _QUIET, np.clip(sums.both / np.maximum(norm, _QUIET), -1, 1), 1.0))


def width(sums: Sums) -> NDArray[np.float64]:
    """Share of the energy that lies in the difference of the channels: 0 mono, 0.5 unrelated, 1 inverted."""
    whole = sums.left + sums.right
    return np.asarray(np.where(whole > _QUIET, (0.5 * whole - sums.both) / np.maximum(whole, _QUIET), 0.0))


def balance_db(sums: Sums) -> NDArray[np.float64]:
    """Right over left, at most 60 dB either way; 0 where it is silent."""
    ratio = 10 * np.log10((sums.right + 1e-12) / (sums.left + 1e-12))
    return np.asarray(np.where(sums.left + sums.right > _QUIET, np.clip(ratio, -60, 60), 0.0))


def image(sums: Sums) -> dict[str, float]:
    whole = Sums(*(np.asarray([values.sum()]) for values in (sums.left, sums.right, sums.both)))
    return {
        "correlation": round(float(correlation(whole)[0]), 3), "width": round(float(width(whole)[0]), 3),
        "balance_db": round(float(balance_db(whole)[0]), 2),
    }  # fmt: skip
