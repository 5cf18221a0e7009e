"""Voice over music: depth of the ducking, seams of the bed, stems that add up."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.ducking import DuckSettings
from core.audio.files import decode
from core.audio.loudness import target
from core.kit.errors import UserError

from .signals import MEDIA, RATE, db, noise, piece, sine
from .whole_mix import Rendered, mixed, sound


def level(samples: np.ndarray, start: float, end: float) -> float:
    part = samples[:, round(start * RATE) : round(end * RATE)]
    return db(float(np.square(part, dtype=np.float64).mean()))


def spoken(start: float = 3, end: float = 6, seconds: float = 10) -> np.ndarray:
    voice = np.zeros((1, round(seconds * RATE)), np.float32)
    voice[0, round(start * RATE) : round(end * RATE)] = noise(end - start, 0.1, 1)[0]
    return voice


@pytest.mark.parametrize("depth", [6.0, 9.7, 20.0])
def test_music_goes_down_by_the_depth_and_comes_back(depth: float) -> None:
    bed = sound(sine(440, 10), RATE, duck=DuckSettings(depth_db=depth))
    music = mixed([sound(spoken(), RATE, "voice"), bed], RATE).stems["music"]
    before, under, after = level(music, 1, 2.5), level(music, 3.05, 5.95), level(music, 7.2, 9)
    assert under - before == pytest.approx(-depth, abs=0.1)
    assert after == pytest.approx(before, abs=0.05)
    # Down in time for the first syllable, and without steps anyone could hear.
    assert level(music, 2.97, 3.0) - before == pytest.approx(-depth, abs=0.3)
    gain = np.abs(music[0, 50::100])
    assert np.abs(np.diff(music[0])).max() <= 2 * np.pi * 440 / RATE * 0.55
    assert gain.size


def test_short_pauses_stay_down_and_long_ones_open_up() -> None:
    voice = spoken(2, 4, 14) + spoken(4.3, 6, 14) + spoken(10, 12, 14)
    bed = sound(sine(440, 14), RATE, duck=DuckSettings())
    music = mixed([sound(voice, RATE, "voice"), bed], RATE).stems["music"]
    assert level(music, 4.05, 4.25) - level(music, 0, 1) == pytest.approx(-10, abs=0.1)
    assert level(music, 8, 9) == pytest.approx(level(music, 0, 1), abs=0.05)


def test_ducking_follows_real_speech_however_quiet() -> None:
    speech = decode(MEDIA / "clean_control.flac")
    bed = sine(200, 14)
    for gain_db in (0.0, -25.0):
        parts = [
            sound(speech.samples, speech.sample_rate, "voice", start_s=2, gain_db=gain_db),
            sound(bed, RATE, duck=DuckSettings()),
        ]
        music = mixed(parts, RATE).stems["music"]
        assert level(music, 5, 5.5) - level(music, 0, 1) == pytest.approx(-10, abs=0.2)


def voice_over_music() -> Rendered:
    speech = decode(MEDIA / "clean_control.flac")
    parts = [
        sound(speech.samples, speech.sample_rate, "voice", start_s=1, level_lufs=-16),
        sound(piece(4), RATE, "music", level_lufs=-20, loop=True, duck=DuckSettings(), fade_in_s=0.5),
        sound(sine(2000, 0.3), RATE, "effect", start_s=2, pan=0.7, gain_db=-6),
    ]
    return mixed(parts, RATE, target("streaming"))


def test_stems_add_up_to_the_mastered_mix() -> None:
    made = voice_over_music()
    assert set(made.stems) == {"voice", "music", "effect"}
    rest = sum(made.stems.values()) - made.samples
    assert 20 * np.log10(np.abs(rest).max() + 1e-12) < -110
    assert made.facts["lufs"] == pytest.approx(-14, abs=0.1)
    assert made.facts["dbtp"] <= -1.0
    assert made.facts["limiter_db"] > 0  # so the null holds through the limiter
    assert made.facts["seconds"] == pytest.approx(1 + 9.995 + 2, abs=0.01)
    assert np.abs(made.samples[:, -100:]).max() < 0.01
    again = voice_over_music()
    np.testing.assert_array_equal(again.samples, made.samples)


def looped_bed(samples: np.ndarray, seam_s: float) -> np.ndarray:
    """20 s of it, less the fade at the end."""
    return mixed([sound(samples, RATE, loop=True, seam_s=seam_s)], RATE, length_s=20).samples[:, : 18 * RATE]


@pytest.mark.parametrize("seam_s", [1.0, 0.05])
def test_a_looped_bed_has_no_click_and_no_hole(seam_s: float) -> None:
    tone = sine(440, 3.37)
    looped = looped_bed(tone, seam_s)
    assert np.abs(np.diff(looped[0])).max() < 1.5 * np.abs(np.diff(tone[0])).max()
    rung_out = np.concatenate([noise(2, 0.2), np.zeros((2, RATE), np.float32)], axis=1)
    looped = looped_bed(rung_out, seam_s)
    levels = [level(looped, s / 10, s / 10 + 0.1) for s in range(179)]
    assert max(levels) - min(levels) < 2.5


def test_sound_made_to_loop_stays_in_time() -> None:
    part = sound(piece(2.0), RATE, loop=True, seam_s=0)
    made = mixed([part], RATE, length_s=10)
    np.testing.assert_array_equal(made.samples[:, : 2 * RATE], made.samples[:, 2 * RATE : 4 * RATE])


def test_a_long_bed_is_cut_and_faded() -> None:
    made = mixed([sound(spoken(0, 3, 3), RATE, "voice"), sound(noise(60), RATE, loop=True)], RATE)
    assert made.facts["seconds"] == pytest.approx(5.0)
    assert level(made.stems["music"], 4.9, 5.0) < level(made.stems["music"], 0, 1) - 20


def test_parts_are_placed_cut_and_panned() -> None:
    part = sound(sine(440, 4), RATE, start_s=1.5, offset_s=1, length_s=2, pan=-1, name="a")
    made = mixed([part], RATE)
    heard = made.stems["a"]
    assert made.facts["seconds"] == pytest.approx(3.5)
    assert not heard[:, : round(1.5 * RATE)].any()
    assert np.abs(heard[1]).max() < 1e-6
    assert np.abs(np.diff(heard[0])).max() < 0.05
    assert level(heard, 2, 3) == pytest.approx(level(sine(440, 1), 0, 1) - 3.01, abs=0.1)


def test_parts_of_one_name_share_a_stem() -> None:
    parts = [sound(sine(440, 1), RATE, name="keys"), sound(sine(550, 1), RATE, name="keys", start_s=2)]
    made = mixed(parts, RATE)
    assert list(made.stems) == ["keys"]
    assert made.facts["seconds"] == 3


@pytest.mark.parametrize(
    "bad",
    [
        {"start_s": -1.0}, {"start_s": 1e9}, {"gain_db": float("nan")}, {"gain_db": 100.0}, {"pan": 3.0},
        {"offset_s": 9.0}, {"length_s": 0.0}, {"fade_in_s": -1.0}, {"duck": DuckSettings(depth_db=-3)},
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UserError) as refused:
        mixed([sound(spoken(), RATE, "voice"), sound(sine(440, 2), RATE, **bad)], RATE)  # type: ignore[arg-type]
    assert refused.value.hint


def test_nothing_and_forever_cannot_be_mixed() -> None:
    with pytest.raises(UserError, match="nothing to mix"):
        mixed([], RATE)
    for seconds in (0.0, -1.0, float("nan"), 1e6):
        with pytest.raises(UserError):
            mixed([sound(sine(440, 1), RATE)], RATE, length_s=seconds)
