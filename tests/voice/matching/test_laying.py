import numpy as np
import pytest

from core.audio.spectrum import measure as spectrum
from core.kit.errors import UserError
from core.voice.matching import laying, scale
from core.voice.matching.bases import say
from core.voice.matching.laying import lay, moves
from core.voice.matching.likeness import distance
from core.voice.matching.profile import Profile, measure
from core.voice.matching.world import RATE
from tests.voice.matching.conftest import MAN, SPOKEN, Laid


def test_it_comes_nearer_in_pitch_timbre_and_throat(heard: tuple[Profile, Profile], woman: Profile) -> None:
    """Against a profile of other words; before, the man is 10 semitones lower."""
    before, after = (distance(one, woman) for one in heard)
    assert before.pitch_semitones < -8
    assert abs(after.pitch_semitones) < 0.5
    assert after.spectrum_db < 0.6 * before.spectrum_db
    assert before.tract_percent is not None
    assert after.tract_percent is not None
    assert abs(after.tract_percent) < 0.7 * abs(before.tract_percent)
    assert after.score > 0.75 > before.score


def test_nothing_is_moved_in_time(laid: Laid) -> None:
    assert laid.after.shape == laid.before.shape
    assert laid.after.dtype == np.float32
    levels = [_level_db(sound) for sound in (laid.before, laid.after)]
    loud = levels[0] > levels[0].max() - 35
    assert np.corrcoef(levels[0][loud], levels[1][loud])[0, 1] > 0.8
    shifted = [np.corrcoef(np.roll(levels[0], by), levels[1])[0, 1] for by in range(-5, 6)]
    assert int(np.argmax(shifted)) == 5


def test_it_neither_clips_nor_clicks(laid: Laid) -> None:
    assert np.abs(laid.after).max() <= 0.99
    assert np.isfinite(laid.after).all()
    power = [float(np.square(sound).mean()) for sound in (laid.before, laid.after)]
    assert 10 * abs(np.log10(power[1] / power[0])) < 3
    # A click is a step in a quiet place.
    quiet = _level_db(laid.before) < -55
    assert _level_db(laid.after)[_worn(quiet)].max() < -40


def test_the_same_twice(man: Profile, woman: Profile) -> None:
    spoken = say(MAN, "Twice the same.")
    assert np.array_equal(lay(spoken, RATE, woman, man)[0], lay(spoken, RATE, woman, man)[0])


def test_a_voice_on_itself_changes_little(man: Profile) -> None:
    spoken = say(MAN, SPOKEN[:40])
    after, _ = lay(spoken, RATE, man, man)
    told = distance(measure([(after, RATE)]), measure([(spoken, RATE)]))
    assert abs(told.pitch_semitones) < 0.1
    assert told.spectrum_db < 1.2
    wanted = moves(man, man)
    assert (wanted.spread, wanted.stretch) == (1.0, 1.0)
    assert np.abs(10 * np.log10(wanted.gain)).max() < 0.1


def test_silence_stays_silent_and_hiss_stays_itself(man: Profile, woman: Profile) -> None:
    spoken = say(MAN, "Silence, please.")
    gap = np.zeros((1, RATE), dtype=np.float32)
    hiss = 0.05 * np.random.default_rng(5).standard_normal((1, RATE)).astype(np.float32)
    whole = np.concatenate([gap, spoken, gap, hiss], axis=1)
    after, _ = lay(whole, RATE, woman, man)
    edge, end = RATE // 20, RATE + spoken.shape[1]
    assert np.abs(after[0, : RATE - edge]).max() == 0
    assert np.abs(after[0, end + edge : end + RATE - edge]).max() == 0
    kept = np.isclose(after[0, -RATE + edge :], whole[0, -RATE + edge :] * (after[0, -edge] / whole[0, -edge]))
    assert kept.mean() > 0.8
    assert np.array_equal(lay(gap, RATE, woman, man)[0], gap)


def test_a_third_of_a_second(man: Profile, woman: Profile) -> None:
    spoken = say(MAN, "No.")[:, : round(0.3 * RATE)]
    after, _ = lay(spoken, RATE, woman, man)
    assert after.shape == spoken.shape
    assert not np.array_equal(after, spoken)
    assert lay(spoken[:, :50], RATE, woman, man)[0].shape == (1, 50)


def test_long_text_by_chunks_equals_the_whole(laid: Laid, man: Profile, woman: Profile) -> None:
    by_chunks, _ = lay(laid.before, RATE, woman, man, chunk_s=1.0)
    cuts = [last for _, last in laying._chunks(laid.before[0], 1.0)][:-1]
    assert len(cuts) >= 2
    ours, whole = (spectrum(sound[0], RATE).mel_db for sound in (by_chunks, laid.after))
    loud = whole > whole.max() - 45
    assert np.abs(ours - whole)[loud].mean() < 1.0  # dB: the breath in it is drawn anew
    steps = np.abs(np.diff(by_chunks[0]))
    for cut in cuts:
        assert steps[cut - 200 : cut + 200].max() <= np.percentile(steps, 99.5)


def test_the_time_is_told_and_bad_sound_is_refused(man: Profile, woman: Profile) -> None:
    told: list[float] = []
    lay(say(MAN, SPOKEN[:40]), RATE, woman, man, told.append, chunk_s=0.5)
    assert told == sorted(told)
    for sound in (np.zeros((1, 0), dtype=np.float32), np.full((1, 99), np.nan, dtype=np.float32)):
        with pytest.raises(UserError):
            lay(sound, RATE, woman, man)


def test_the_correction_has_bounds(man: Profile) -> None:
    """A profile from a recording that is nothing but bass cannot make it ring."""
    from dataclasses import replace

    steep = replace(man, timbre_db=tuple(-20.0 * n for n in range(scale.BANDS)), f0_hz=550.0, spread_semitones=20.0)
    wanted = moves(steep, man)
    gain = 10 * np.log10(wanted.gain)
    assert gain.max() - gain.min() <= 2 * laying.MOST_DB + 0.1
    assert np.abs(np.diff(gain)).max() < 6
    assert wanted.spread == laying.SPREADS[1]
    narrow = replace(
        man, top_hz=3500.0, timbre_db=tuple(value + 10.0 * (n > 40) for n, value in enumerate(man.timbre_db))
    )
    above = 10 * np.log10(moves(narrow, man).gain[laying.hertz() > 5500])
    assert above.max() - above.min() < 0.5


def _level_db(sound: np.ndarray) -> np.ndarray:
    blocks = sound[0][: sound.shape[1] // 441 * 441].reshape(-1, 441)
    return np.asarray(10 * np.log10(np.square(blocks).mean(axis=1) + 1e-9))


def _worn(flags: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(flags, iterations=2))
