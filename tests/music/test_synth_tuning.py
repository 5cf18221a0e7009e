"""Every pitched instrument plays in tune over the range the composer writes for it."""

from __future__ import annotations

import numpy as np
import pytest

from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.synth import sounds
from core.music.composer.synth.shape import SAMPLE_RATE, Sound, pitch_hz

PITCHED = sorted(name for name, known in INSTRUMENTS.items() if known.family not in {"drums", "fx"})
STRETCHED = {"grand_piano", "felt_piano", "music_box", "marimba", "vibraphone", "bell"}
"""Their overtones are not harmonic, as in the real thing: only the fundamental is judged."""


def cents_off(sound: Sound, f0: float, harmonics: int) -> float:
    """Power-weighted distance of the first partials from f0, 2 f0, 3 f0."""
    mono = sound.mean(axis=0)
    size = 1 << 19
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size), size)) ** 2
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    total, weights = 0.0, 0.0
    for n in range(1, harmonics + 1):
        reach = max(n * f0 * (2 ** (45 / 1200) - 1), 2.2 * SAMPLE_RATE / mono.size)
        near = np.abs(hz - n * f0) < reach
        part = np.where(power[near] > power[near].max() * 0.02, power[near], 0)
        weight = float(np.sqrt(part.sum()))
        total += weight * 1200 * np.log2((part * hz[near]).sum() / part.sum() / (n * f0))
        weights += weight
    return total / weights


def test_the_measure_sees_a_mistuned_sine() -> None:
    t = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    for cents in (-12.0, 0.0, 7.0):
        tone = np.sin(2 * np.pi * 220 * 2 ** (cents / 1200) * t).astype(np.float32)[None]
        assert cents_off(tone, 220.0, 1) == pytest.approx(cents, abs=0.3)


@pytest.mark.parametrize("name", PITCHED)
def test_in_tune_within_five_cents(name: str) -> None:
    known = INSTRUMENTS[name]
    for pitch in np.linspace(known.low, known.high, 4).astype(int):
        key = sounds.NoteKey(name, int(pitch), 0, 0, sounds.length_class(name, 2.6))
        off = cents_off(sounds.render_note(key), pitch_hz(pitch), 1 if name in STRETCHED else 3)
        assert abs(off) < 5, f"{name} at {pitch}: {off:+.1f} cents"
