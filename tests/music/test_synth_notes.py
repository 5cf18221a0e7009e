"""Single notes: whole, quiet where they should be, and alike in loudness."""

from __future__ import annotations

import numpy as np
import pytest

from core.kit.errors import UserError
from core.music.composer.instruments import INSTRUMENTS as WRITTEN
from core.music.composer.synth import sounds
from core.music.composer.synth.shape import SAMPLE_RATE, Sound
from core.music.composer.synth.voices.kits import KITS, stroke_of

TONES = sorted(name for name in sounds.INSTRUMENTS if not sounds.is_kit(name))


def check(sound: Sound, what: str) -> None:
    assert sound.dtype == np.float32
    assert sound.shape[0] in (1, 2), what
    assert np.isfinite(sound).all(), what
    peak = float(np.abs(sound).max())
    assert 0.02 < peak <= 1.01, f"{what}: peak {peak}"
    assert np.abs(sound.mean(axis=1)).max() < 2e-3, f"{what}: DC"
    assert np.abs(sound[:, -1]).max() < 1e-3, f"{what}: ends with a step"
    assert np.abs(sound[:, 0]).max() < 0.12 * peak, f"{what}: begins with a step"


def test_every_instrument_of_the_composer_can_be_played() -> None:
    assert set(WRITTEN) == set(sounds.INSTRUMENTS)


@pytest.mark.parametrize("name", TONES)
def test_notes_are_clean(name: str) -> None:
    written = WRITTEN[name]
    pitches = (60,) if written.family == "fx" else (written.low, (written.low + written.high) // 2, written.high)
    for pitch in pitches:
        for layer in {0, sounds.INSTRUMENTS[name].layers - 1}:
            check(sounds.render_note(sounds.NoteKey(name, pitch, layer, 0, 3)), f"{name} {pitch} layer {layer}")


@pytest.mark.parametrize("kit", sorted(KITS))
def test_kits_have_every_number_and_are_clean(kit: str) -> None:
    for number in (36, 37, 38, 39, 40, 41, 45, 48, 42, 44, 46, 49, 51, 53, 54, 70, 75):
        assert stroke_of(kit, number) == number
        check(sounds.render_note(sounds.NoteKey(kit, number, 3, 1, 0)), f"{kit} {number}")
    assert all(stroke_of(kit, number) in KITS[kit] for number in range(128))
    assert stroke_of(kit, 57) == 49


def test_takes_and_layers_differ() -> None:
    strokes = [sounds.render_note(sounds.NoteKey("kit_acoustic", 38, 3, take, 0))[:, :4000] for take in (0, 1)]
    assert np.abs(strokes[0] - strokes[1]).max() > 0.02
    soft, loud = (sounds.render_note(sounds.NoteKey("grand_piano", 60, layer, 0, 4)) for layer in (0, 3))
    assert brightness(loud) > 1.2 * brightness(soft)


def brightness(sound: Sound) -> float:
    power = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
    return float((power * np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)).sum() / power.sum())


@pytest.mark.parametrize("name", ["synth_bass", "sub_bass", "reese_bass", "electric_bass", "upright_bass"])
def test_basses_keep_their_lows_in_the_middle(name: str) -> None:
    sound = sounds.render_note(sounds.NoteKey(name, 36, 0, 0, 4))
    if sound.shape[0] == 2:
        side, middle = np.abs(np.fft.rfft(np.stack([sound[0] - sound[1], sound[0] + sound[1]]))) ** 2
        lows = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE) < 110
        assert side[lows].sum() < 0.01 * middle[lows].sum()


@pytest.mark.parametrize("name", TONES)
def test_nothing_vanishes_in_mono(name: str) -> None:
    sound = sounds.render_note(sounds.NoteKey(name, 60, 0, 0, 4))
    stereo = np.square(sound).mean()
    assert np.square(sound.mean(axis=0)).mean() > 0.3 * stereo, name


def test_an_unknown_instrument_is_one_clear_error() -> None:
    with pytest.raises(UserError, match="kazoo"):
        sounds.instrument("kazoo")
