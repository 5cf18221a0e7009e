"""A track's effects: low cut, high cut, compressor and reverb, in the order given, by pedalboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

Samples = NDArray[np.float32]

DEFAULTS: dict[str, dict[str, float]] = {
    "low_cut": {"hz": 80.0},
    "high_cut": {"hz": 12_000.0},
    "compressor": {"threshold_db": -24.0, "ratio": 3.0, "attack_ms": 8.0, "release_ms": 120.0},
    "reverb": {"room": 0.3, "wet": 0.15},
}
"""Every effect with its settings as they stand unless given."""


def apply(samples: Samples, sample_rate: int, effects: Sequence[tuple[str, Mapping[str, float]]]) -> Samples:
    """The samples through (effect name, settings) pairs; same shape. A compressor's threshold is in dBFS, so level the
    sound first. The tail of a reverb ends with the samples."""
    return Chain(effects, sample_rate)(samples) if effects else samples


class Chain:
    """The same for sound that comes in blocks, each after the one before."""

    def __init__(self, effects: Sequence[tuple[str, Mapping[str, float]]], sample_rate: int) -> None:
        import pedalboard

        engine: Any = pedalboard  # its stubs leave out the board itself
        plugins: list[Any] = []
        for name, given in effects:
            if name not in DEFAULTS:
                raise UserError(f"There is no effect {name!r}.", f"Choose from: {', '.join(DEFAULTS)}.")
            unknown = sorted(set(given) - set(DEFAULTS[name]))
            if unknown:
                raise UserError(f"{name} has no setting {unknown[0]!r}.", f"It has: {', '.join(DEFAULTS[name])}.")
            plugins.extend(_plugins(engine, name, DEFAULTS[name] | dict(given), sample_rate))
        self._board = engine.Pedalboard(plugins)
        self._rate = sample_rate

    def __call__(self, samples: Samples) -> Samples:
        return np.asarray(self._board(np.ascontiguousarray(samples), self._rate, reset=False), dtype=np.float32)


def _plugins(pedalboard: Any, name: str, settings: dict[str, float], sample_rate: int) -> list[Any]:
    if name in ("low_cut", "high_cut"):
        hz = min(max(settings["hz"], 10.0), 0.45 * sample_rate)
        kind = pedalboard.HighpassFilter if name == "low_cut" else pedalboard.LowpassFilter
        return [kind(cutoff_frequency_hz=hz), kind(cutoff_frequency_hz=hz)]  # two of 6 dB an octave each
    if name == "compressor":
        return [
            pedalboard.Compressor(
                threshold_db=settings["threshold_db"], ratio=max(1.0, settings["ratio"]),
                attack_ms=settings["attack_ms"], release_ms=settings["release_ms"],
            )
        ]  # fmt: skip
    wet = min(max(settings["wet"], 0.0), 1.0)
    return [pedalboard.Reverb(room_size=min(max(settings["room"], 0.0), 1.0), wet_level=wet, dry_level=1.0 - wet)]
