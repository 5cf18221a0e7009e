"""Every instrument of the synthesiser: its voice, how it answers a key's release and a velocity, and one note of it.

A note is rendered at full level and its own brightness; loudness by velocity, pan and release are added when it is
laid into a part.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.kit.errors import UserError
from core.music.composer.synth.shape import SAMPLE_RATE, Sound, biquad, fall, filtered, frames_of, rise
from core.music.composer.synth.voices import bass, fx, keys, kits, leads, pads, plucks

Voice = Callable[[int, float, int, np.random.Generator], Sound]

_LENGTHS = tuple(0.3 * 1.5**step for step in range(14))
"""Length classes in seconds: a note is rendered to the first that holds it, so that equal notes meet in the bank."""


@dataclass(frozen=True)
class Instrument:
    voice: Voice
    release_s: float
    """How long it takes to fall silent after the key is let go."""
    longest_s: float = 60.0
    """After this it has died away by itself (struck and plucked things)."""
    layers: int = 3
    takes: int = 1
    """Different renderings of one note, used in turn."""
    curve: float = 1.6
    """Amplitude is (velocity / 127) ** curve."""
    level_db: float = 0.0
    """Against the other instruments at equal velocity."""
    lows: bool = False
    """Judged by its lows as well when levels are matched (basses)."""


@dataclass(frozen=True, order=True)
class NoteKey:
    """What makes two notes the same sound."""

    instrument: str
    pitch: int
    layer: int
    take: int
    length: int
    """Index of the length class; 0 for drums."""

    @property
    def name(self) -> str:
        return f"{self.pitch:03d}-{self.layer}-{self.take}-{self.length:02d}"


INSTRUMENTS: Mapping[str, Instrument] = {
    "grand_piano": Instrument(keys.grand_piano, 0.28, 12.0, layers=4),
    "felt_piano": Instrument(keys.felt_piano, 0.45, 10.0, layers=4),
    "electric_piano": Instrument(keys.electric_piano, 0.22, 9.0, layers=4),
    "organ": Instrument(keys.organ, 0.06, curve=0.9, layers=2),
    "music_box": Instrument(keys.music_box, 1.2, 5.0, layers=2),
    "marimba": Instrument(keys.marimba, 0.8, 3.0),
    "vibraphone": Instrument(keys.vibraphone, 0.7, 9.0),
    "bell": Instrument(keys.bell, 1.6, 7.0, layers=2),
    "pluck_synth": Instrument(plucks.pluck_synth, 0.18, 2.2),
    "harp": Instrument(plucks.harp, 1.4, 6.0),
    "nylon_guitar": Instrument(plucks.nylon_guitar, 0.2, 5.0),
    "steel_guitar": Instrument(plucks.steel_guitar, 0.22, 7.0),
    "clean_guitar": Instrument(plucks.clean_guitar, 0.2, 7.0),
    "distorted_guitar": Instrument(plucks.distorted_guitar, 0.07, 9.0, layers=2, takes=2, curve=0.8),
    "muted_guitar": Instrument(plucks.muted_guitar, 0.06, 0.8, takes=3),
    "warm_pad": Instrument(pads.warm_pad, 1.1, layers=2, curve=1.2),
    "air_pad": Instrument(pads.air_pad, 1.5, layers=2, curve=1.2),
    "dark_pad": Instrument(pads.dark_pad, 1.4, layers=2, curve=1.2),
    "string_section": Instrument(pads.string_section, 0.45, layers=3, curve=1.3),
    "string_staccato": Instrument(pads.string_staccato, 0.16, 1.2, takes=2),
    "choir_pad": Instrument(pads.choir_pad, 0.7, layers=2, curve=1.2),
    "brass_section": Instrument(pads.brass_section, 0.18, layers=3),
    "solo_cello": Instrument(pads.solo_cello, 0.25, curve=1.3),
    "upright_bass": Instrument(bass.upright_bass, 0.12, 4.5, takes=2, lows=True),
    "electric_bass": Instrument(bass.electric_bass, 0.08, 7.0, takes=2, lows=True),
    "synth_bass": Instrument(bass.synth_bass, 0.06, curve=1.2, lows=True),
    "sub_bass": Instrument(bass.sub_bass, 0.07, layers=2, curve=1.0, lows=True),
    "reese_bass": Instrument(bass.reese_bass, 0.09, layers=2, curve=1.1, lows=True),
    "saw_lead": Instrument(leads.saw_lead, 0.16, curve=1.3),
    "square_lead": Instrument(leads.square_lead, 0.12, curve=1.3),
    "soft_lead": Instrument(leads.soft_lead, 0.22, curve=1.3),
    "flute": Instrument(leads.flute, 0.12, curve=1.2),
    "whistle": Instrument(leads.whistle, 0.12, curve=1.2),
    "trumpet_muted": Instrument(leads.trumpet_muted, 0.1, curve=1.3),
    "riser": Instrument(fx.riser, 0.08, layers=1, curve=1.0),
    "impact": Instrument(fx.impact, 0.8, 3.5, layers=1, curve=1.0),
    "vinyl_noise": Instrument(fx.vinyl_noise, 0.4, layers=1, curve=1.0),
    "noise_swell": Instrument(fx.noise_swell, 0.12, layers=1, curve=1.0),
    **{name: Instrument(partial(kits.strike, name), 0.03, layers=4, takes=4, curve=1.5) for name in kits.KITS},
}

_TARGET = 0.16
"""Level of the loudest 0.4 s of a note at full velocity, about -16 dB."""
_HIGHEST_PEAK = 0.98


def instrument(name: str) -> Instrument:
    try:
        return INSTRUMENTS[name]
    except KeyError:
        raise UserError(
            f"There is no instrument “{name}”.", "Instruments: " + ", ".join(sorted(INSTRUMENTS)) + "."
        ) from None


def is_kit(name: str) -> bool:
    return name in kits.KITS


def length_class(name: str, seconds: float) -> int:
    """Index of the shortest class that holds a note sounding this long (with its release)."""
    if is_kit(name):
        return 0
    known = instrument(name)
    wanted = min(seconds + known.release_s, known.longest_s)
    for index, length in enumerate(_LENGTHS):
        if length >= wanted - 1e-9:
            return index
    return len(_LENGTHS) - 1


def balance(pan: float) -> tuple[float, float]:
    """Constant-power gains of the two sides, one at the centre."""
    angle = (min(1.0, max(-1.0, pan)) + 1) * math.pi / 4
    return math.cos(angle) * math.sqrt(2), math.sin(angle) * math.sqrt(2)


def render_note(key: NoteKey) -> Sound:
    """The note, (1 or 2, frames), levelled against every other instrument. Depends on nothing but `key`."""
    known = instrument(key.instrument)
    rng = np.random.default_rng(zlib.crc32(f"{key.instrument} {key.pitch} {key.layer} {key.take}".encode()))
    strength = (key.layer + 0.5) / known.layers
    if is_kit(key.instrument):
        sound = np.atleast_2d(known.voice(key.pitch, strength, 0, rng))
        sound = _trim(filtered(sound, biquad("high", 22.0)))
        if place := kits.PLACES.get(key.pitch):
            sound = sound * np.array(balance(place), np.float32)[:, None]
        peak_db = kits.KITS[key.instrument][key.pitch][1]
        sound *= np.float32(10 ** (peak_db / 20) / (np.abs(sound).max() + 1e-9))
    else:
        length = min(_LENGTHS[key.length], known.longest_s)
        sound = np.atleast_2d(known.voice(key.pitch, strength, frames_of(length), rng))
        sound = filtered(sound, biquad("high", 24.0))
        gain = min(_TARGET / _loudness(sound, known.lows), _HIGHEST_PEAK / float(np.abs(sound).max() + 1e-9))
        sound *= np.float32(gain * 10 ** (known.level_db / 20))
    return fall(np.ascontiguousarray(sound * rise(sound.shape[1], 0.0003), np.float32), 0.02)


def _loudness(sound: Sound, lows: bool) -> float:
    """Level of the loudest 0.4 s as the ear weighs it: the filter of BS.1770, gentler on the lows of a bass."""
    part = sound[:, : 7 * SAMPLE_RATE // 4]
    weighted = filtered(part, biquad("high_shelf", 1500, 0.7, 4.0), biquad("high", 20.0 if lows else 60.0, 0.5))
    power = np.mean(weighted * weighted, axis=0)
    window = min(power.size, frames_of(0.4))
    total = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    return float(np.sqrt(max((total[window:] - total[:-window]).max() / window, 1e-12)))


def _trim(sound: Sound) -> Sound:
    """Cut once the tail has fallen 72 dB under the peak."""
    envelope = np.abs(sound).max(axis=0)
    heard = np.flatnonzero(envelope > envelope.max() * 2.5e-4)
    return sound[:, : int(heard[-1]) + 1] if heard.size else sound
