"""Equaliser and compressor of a voice, by pedalboard except for the low cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

Samples = NDArray[np.float32]

STEPS: dict[str, dict[str, float]] = {
    "high_pass": {"hz": 80.0},
    "low_shelf": {"hz": 150.0, "db": 0.0},
    "peak": {"hz": 3000.0, "db": 0.0, "q": 1.0},
    "high_shelf": {"hz": 8000.0, "db": 0.0},
    "compressor": {"threshold_db": -20.0, "ratio": 2.0, "attack_ms": 8.0, "release_ms": 120.0},
}
"""Every step with its settings as they stand unless given. The compressor's threshold is in dBFS: level the voice first."""


def shape(samples: Samples, sample_rate: int, steps: Sequence[tuple[str, Mapping[str, float]]]) -> Samples:
    """The samples through (step, settings) pairs, in order; same shape. UserError for a step or setting there is not."""
    if not steps or samples.shape[1] == 0:
        return samples
    import pedalboard

    engine: Any = pedalboard  # its stubs leave out the board itself
    for name, given in steps:
        settings = _settings(name, given)
        if name == "high_pass":
            samples = _high_pass(samples, sample_rate, settings["hz"])
        else:
            board = engine.Pedalboard([_plugin(engine, name, settings, sample_rate)])
            samples = np.asarray(board(np.ascontiguousarray(samples), sample_rate), dtype=np.float32)
    return samples


def _high_pass(samples: Samples, sample_rate: int, hertz: float) -> Samples:
    """24 dB an octave. pedalboard's falls by 6; two of those at 70 Hz take 2.5 dB off a man's fundamental, this 0.1."""
    from scipy.signal import butter, sosfilt

    corner = min(max(hertz, 10.0), 0.45 * sample_rate)
    sections = butter(4, corner, btype="highpass", fs=sample_rate, output="sos")
    return np.asarray(sosfilt(sections, samples.astype(np.float64), axis=1), dtype=np.float32)


def _settings(name: str, given: Mapping[str, float]) -> dict[str, float]:
    if name not in STEPS:
        raise UserError(f"There is no step {name!r} for a voice.", f"Choose from: {', '.join(STEPS)}.")
    unknown = sorted(set(given) - set(STEPS[name]))
    if unknown:
        raise UserError(f"{name} has no setting {unknown[0]!r}.", f"It has: {', '.join(STEPS[name])}.")
    return STEPS[name] | {key: float(value) for key, value in given.items()}


def _plugin(pedalboard: Any, name: str, settings: dict[str, float], sample_rate: int) -> Any:
    if name == "compressor":
        return pedalboard.Compressor(
            threshold_db=settings["threshold_db"], ratio=max(1.0, settings["ratio"]),
            attack_ms=settings["attack_ms"], release_ms=settings["release_ms"],
        )  # fmt: skip
    hz = min(max(settings["hz"], 10.0), 0.45 * sample_rate)
    if name == "peak":
        return pedalboard.PeakFilter(cutoff_frequency_hz=hz, gain_db=settings["db"], q=settings["q"])
    kind = pedalboard.LowShelfFilter if name == "low_shelf" else pedalboard.HighShelfFilter
    return kind(cutoff_frequency_hz=hz, gain_db=settings["db"])
