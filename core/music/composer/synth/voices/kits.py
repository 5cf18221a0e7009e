"""The drum kits: which sound each General MIDI number makes, kit by kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from core.music.composer.synth.shape import Sound, biquad, filtered
from core.music.composer.synth.voices import cymbals, drums

Stroke = Callable[[float, np.random.Generator], Sound]
Kit = Mapping[int, tuple[Stroke, float]]
"""number -> (stroke, peak level in dB at full velocity)"""


def _kick(**more: Any) -> Stroke:
    base: dict[str, Any] = dict(
        hz=54, start_hz=150, drop_s=0.026, t60=0.5, click=0.35, click_hz=3400, shell=0.25, drive=1.5, seconds=0.7
    )
    return partial(drums.kick, **(base | more))


def _snare(**more: Any) -> Stroke:
    base: dict[str, Any] = dict(hz=188, ring_t60=0.26, wires=1.0, wires_t60=0.34, wires_hz=4200, crack=0.4, seconds=0.6)
    return partial(drums.snare, **(base | more))


def _toms(low: float, t60: float, drive: float = 1.2) -> dict[int, tuple[Stroke, float]]:
    return {
        number: (partial(drums.tom, hz=low * ratio, t60=t60 / ratio**0.4, drive=drive), -3.0)
        for number, ratio in ((41, 1.0), (45, 1.35), (48, 1.75))
    }


def _hats(bright: float = 1.0, synthetic: float = 0.0, closed: float = 0.1, opened: float = 0.85) -> dict[int, Any]:
    return {
        42: (partial(cymbals.hat, t60=closed, bright=bright, synthetic=synthetic, seconds=0.3), -12.0),
        44: (cymbals.pedal, -14.0),
        46: (partial(cymbals.hat, t60=opened, bright=bright, synthetic=synthetic, seconds=1.1), -11.5),
    }


_HANDS: dict[int, tuple[Stroke, float]] = {
    37: (drums.rim, -8.0),
    39: (drums.clap, -7.0),
    49: (cymbals.crash, -8.0),
    51: (cymbals.ride, -13.0),
    53: (partial(cymbals.ride, bell=True), -13.0),
    54: (drums.tambourine, -13.0),
    70: (drums.shaker, -15.0),
    75: (drums.claves, -12.0),
}


def _softer(stroke: Stroke, top_hz: float) -> Stroke:
    return partial(_soften, stroke, top_hz)


def _soften(stroke: Stroke, top_hz: float, strength: float, rng: np.random.Generator) -> Sound:
    """As through an old sampler: a soft top and a little grit."""
    sound = stroke(strength, rng)
    step = np.float32(1 / 180)
    return filtered(np.round(sound / step) * step, biquad("low", top_hz, 0.8), biquad("low_shelf", 140, 0.7, 1.5))


_ACOUSTIC: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_toms(92, 0.75), **_hats(),
    36: (_kick(), -1.0),
    38: (_snare(), -3.0),
    40: (_snare(hz=214, wires=0.85, ring_t60=0.2), -3.5),
}  # fmt: skip

_ROCK: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_toms(84, 0.9, 1.6), **_hats(1.1, opened=0.95),
    36: (_kick(hz=58, start_hz=190, click=0.55, click_hz=4200, drive=2.2, t60=0.42), 0.0),
    38: (_snare(hz=178, ring_t60=0.34, wires_t60=0.42, crack=0.7, body=1.15), -1.5),
    40: (_snare(hz=205, ring_t60=0.4, crack=0.8, wires=0.8), -2.5),
    49: (partial(cymbals.crash, t60=3.8), -7.0),
}  # fmt: skip

_ELECTRONIC: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_toms(98, 0.55, 1.8), **_hats(1.2, 0.35, 0.06, 0.5),
    36: (_kick(hz=49, start_hz=260, drop_s=0.03, click=0.3, t60=0.48, shell=0.05, drive=2.4), 0.0),
    38: (_snare(hz=196, ring_t60=0.16, wires=1.25, wires_t60=0.3, wires_hz=5200, crack=0.5), -3.0),
    40: (_snare(hz=230, ring_t60=0.12, wires=1.1, wires_t60=0.22, wires_hz=6000), -4.0),
    39: (partial(drums.clap, hz=1450, tail=0.28), -5.0),
}  # fmt: skip

_808: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_toms(86, 0.8), **_hats(1.15, 0.8, 0.065, 0.6),
    36: (_kick(hz=46, start_hz=140, drop_s=0.02, click=0.2, t60=1.25, shell=0.0, drive=1.9, seconds=1.5), 0.0),
    38: (_snare(hz=182, ring_t60=0.18, wires=0.95, wires_t60=0.24, wires_hz=4800, crack=0.3), -3.5),
    40: (_snare(hz=200, ring_t60=0.14, wires=1.1, wires_t60=0.2), -4.0),
    37: (partial(drums.rim, hz=1720), -8.0),
    39: (partial(drums.clap, hz=1120, tail=0.4), -5.5),
}  # fmt: skip

_HOUSE: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_toms(94, 0.5, 1.6), **_hats(1.15, 0.5, 0.06, 0.42),
    36: (_kick(hz=51, start_hz=230, drop_s=0.034, click=0.34, click_hz=3000, t60=0.44, shell=0.04, drive=2.8), 0.0),
    38: (_snare(hz=208, ring_t60=0.15, wires=1.1, wires_t60=0.24, wires_hz=5000), -4.0),
    40: (_snare(hz=240, ring_t60=0.1, wires=1.0, wires_t60=0.18), -5.0),
    39: (partial(drums.clap, hz=1250, tail=0.36), -4.5),
}  # fmt: skip

_LOFI: dict[int, tuple[Stroke, float]] = {
    number: (_softer(stroke, 5200 if number < 41 else 8000), level)
    for number, (stroke, level) in {
        **_ACOUSTIC,
        36: (_kick(hz=56, click=0.2, click_hz=1800, drive=2.4, t60=0.36), -0.5),
        38: (_snare(hz=172, ring_t60=0.2, wires_t60=0.26, crack=0.25), -3.5),
    }.items()
}

_BRUSHES: dict[int, tuple[Stroke, float]] = {
    **_ACOUSTIC,
    36: (_kick(hz=60, click=0.1, click_hz=1500, t60=0.55, shell=0.45, drive=1.1), -5.0),
    38: (partial(drums.brush, sweep=False), -8.0),
    40: (partial(drums.brush, sweep=True), -11.0),
    **_toms(108, 0.6),
}

_CINEMATIC: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_hats(0.8, closed=0.1),
    36: (partial(drums.taiko, hz=52, t60=1.9), 0.0),
    38: (partial(drums.taiko, hz=96, t60=1.1), -3.0),
    40: (_snare(hz=150, ring_t60=0.5, wires=0.8, wires_t60=0.7, seconds=1.0), -5.0),
    41: (partial(drums.taiko, hz=66, t60=1.7), -1.5),
    45: (partial(drums.taiko, hz=82, t60=1.4), -2.0),
    48: (partial(drums.taiko, hz=108, t60=1.1), -2.5),
    49: (partial(cymbals.crash, t60=4.5, dark=0.5), -8.0),
}  # fmt: skip

_PERCUSSION: dict[int, tuple[Stroke, float]] = {
    **_HANDS, **_hats(0.9),
    36: (partial(drums.conga, hz=78), -3.0),
    38: (partial(drums.conga, hz=260, slap=0.9), -6.0),
    40: (partial(drums.conga, hz=320, slap=0.6), -6.5),
    41: (partial(drums.conga, hz=150), -5.0),
    45: (partial(drums.conga, hz=205), -5.0),
    48: (partial(drums.conga, hz=300), -6.0),
}  # fmt: skip

KITS: Mapping[str, Kit] = {
    "kit_acoustic": _ACOUSTIC,
    "kit_rock": _ROCK,
    "kit_electronic": _ELECTRONIC,
    "kit_808": _808,
    "kit_lofi": _LOFI,
    "kit_house": _HOUSE,
    "kit_jazz_brushes": _BRUSHES,
    "kit_cinematic": _CINEMATIC,
    "kit_percussion": _PERCUSSION,
}

PLACES: Mapping[int, float] = {
    37: 0.08, 41: 0.35, 42: 0.22, 44: 0.22, 45: 0.05, 46: 0.22, 48: -0.25, 49: -0.2, 51: -0.3, 53: -0.3, 54: -0.35,
    70: 0.4, 75: -0.3,
}  # fmt: skip
"""Pan of the pieces that do not stand in the middle, as the audience sees the kit."""

_NEAREST = {35: 36, 43: 41, 47: 45, 50: 48, 52: 49, 55: 49, 57: 49, 59: 51, 69: 70, 82: 70, 76: 75, 77: 75, 31: 37}


def stroke_of(kit: str, number: int) -> int:
    """The number this kit plays for a General MIDI number: itself, its kin, or the nearest."""
    sounds = KITS[kit]
    number = _NEAREST.get(number, number)
    return number if number in sounds else min(sounds, key=lambda known: (abs(known - number), known))


def strike(kit: str, number: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """One stroke, as long as it rings: `frames` is not asked for."""
    del frames
    return KITS[kit][number][0](strength, rng)
