"""Pitch and intonation in the engine's own terms.

The engine's pitch parameter alone reaches -6 to +9 semitones and bends on the way, because it moves the base of the
voice and not its intonation. A voice file has both (`pitch LOW HIGH`), so a shifted voice is a voice file written for
the request: base and intonation scaled alike, in a data folder that is otherwise links to the installed one. Within
30 cents from -12 to +12, at no cost in time and with no artefacts, since nothing is stretched afterwards; the engine
moves the formants a little with the pitch, as a larger or smaller speaker would. Formulas: espeak-ng 1.52,
`SetPitch2` in setlengths.c and `V_PITCH` in voices.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_DEFAULT = (80, 118)
"""The engine's voice when no file says otherwise."""
_MEDIAN = 64
"""Where the median of a spoken contour lies between LOW and HIGH, in 128ths; measured on five voices."""
_PITCH_TABLE = {
    44: 118,
    45: 119,
    46: 121,
    47: 123,
    48: 124,
    49: 126,
    50: 128,
    51: 130,
    52: 132,
    53: 133,
    54: 135,
    55: 137,
}
"""The engine's pitch parameter to its factor in 128ths: the fine adjustment between whole numbers of a voice file."""
_PITCH_LINE = re.compile(r"^pitch[ \t]+(\d+)[ \t]+(\d+).*$", re.MULTILINE)


@dataclass(frozen=True)
class Shift:
    """A voice of the engine, moved."""

    low: int
    high: int
    pitch: int
    """The pitch parameter that goes with it."""


def shift(low: int, high: int, semitones: float, intonation: float) -> Shift:
    """The voice file's pitch line that moves the median F0 by exactly that much and scales the intonation around it."""
    factor = 2.0 ** (semitones / 12.0)
    span = max(0, round(factor * intonation * (high - low)))
    # F0 = base + position * range / 2, with base = (LOW - 9) * 4096 and range = (HIGH - LOW) * 108
    wanted = factor * ((low - 9) * 4096 + _MEDIAN * (high - low) * 54) - _MEDIAN * span * 54
    best = Shift(low, low + span, 50)
    nearest = float("inf")
    for parameter, numerator in _PITCH_TABLE.items():
        base = max(10, 9 + round(wanted * 128 / numerator / 4096))
        error = abs((base - 9) * 4096 * numerator / 128 / wanted - 1) + 0.0001 * abs(parameter - 50)
        if error < nearest:
            nearest, best = error, Shift(base, base + span, parameter)
    return best


def pitch_line(*texts: str) -> tuple[int, int]:
    """LOW and HIGH of the first text (variant first, then language) that has them."""
    for text in texts:
        found = _PITCH_LINE.search(text)
        if found:
            return int(found[1]), int(found[2])
    return _DEFAULT


def variant_text(original: str, name: str, moved: Shift) -> str:
    """The variant file with its pitch line replaced; an empty original is the plain voice."""
    body = _PITCH_LINE.sub("", original) if original else "language variant\n"
    return f"{body.rstrip()}\nname {name}\npitch {moved.low} {moved.high}\n"


def data_folder(installed: Path, target: Path, variants: dict[str, str]) -> Path:
    """A data folder at `target` with these variants and links to everything else."""
    (target / "voices" / "!v").mkdir(parents=True)
    for entry in installed.iterdir():
        if entry.name != "voices":
            (target / entry.name).symlink_to(entry)
    for entry in (installed / "voices" / "!v").iterdir():
        if entry.name not in variants:
            (target / "voices" / "!v" / entry.name).symlink_to(entry)
    for name, text in variants.items():
        (target / "voices" / "!v" / name).write_text(text, encoding="utf-8")
    return target
