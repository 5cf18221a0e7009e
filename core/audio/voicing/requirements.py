"""A publisher's requirements, each held against the finished file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from core.audio.voicing.figures import Figures
from core.audio.voicing.presets import Preset, Target


@dataclass(frozen=True)
class Requirement:
    name: str
    title: str
    wanted: str
    """In words, with its unit."""
    measured: float | None
    passed: bool
    remedy: str
    """What helps; empty where it passed."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check(figures: Figures, chosen: Preset) -> tuple[Requirement, ...]:
    """Of a preset that goes by RMS (an audiobook); empty for the others, whose targets are aims and not conditions."""
    if chosen.rms is None:
        return ()
    found = []
    for name, (title, unit, measure, remedy) in _CHECKS.items():
        target: Target | None = getattr(chosen, name)
        if target is not None:
            value = measure(figures)
            passed = value is not None and _within(value, target)
            shown = None if value is None else round(value, 2)
            found.append(Requirement(name, title, _words(target, unit), shown, passed, "" if passed else remedy))
    if chosen.sample_rate is not None:
        fits = figures.sample_rate == chosen.sample_rate
        found.append(
            Requirement("sample_rate", "Sample rate", f"{chosen.sample_rate:,} Hz", float(figures.sample_rate), fits,
                        "" if fits else "Polish it again from the source.")
        )  # fmt: skip
    return tuple(found)


_Row = tuple[str, str, Callable[[Figures], float | None], str]
_CHECKS: dict[str, _Row] = {
    "rms": ("RMS", "dB", lambda f: f.rms_dbfs,
            "Its pauses are long or its peaks high: shorten the pauses, or record closer and more evenly."),
    "dbtp": ("Peak", "dB", lambda f: f.true_peak_dbtp, "Polish it again from the source."),
    "noise_floor": ("Noise floor", "dB RMS", lambda f: f.noise_floor_dbfs,
                    "Record in a quieter room, or closer to the microphone; a gate alone does not take it away."),
    "head_s": ("Room tone at the head", "s", lambda f: f.head_s, "Put silence before the first word, or cut some away."),
    "tail_s": ("Room tone at the tail", "s", lambda f: f.tail_s, "Put silence after the last word, or cut some away."),
    "length_s": ("Length", "s", lambda f: f.duration_s, "Split it into chapters."),
}  # fmt: skip


def _within(value: float, target: Target) -> bool:
    return (target.low is None or value >= target.low) and (target.high is None or value <= target.high)


def _words(target: Target, unit: str) -> str:
    if target.low is None:
        return f"at most {target.high:g} {unit}"
    return f"{target.low:g} to {target.high:g} {unit}"
