"""Utterances to one file: pauses, pace, pitch, level, and every word where it is heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import files
from core.audio.loudness import integrated_lufs
from core.kit.children import Children
from core.kit.errors import ProviderError
from core.providers.base import Call
from core.voice.aligning import TRUSTED
from core.voice.engine import Utterance
from core.voice.joining import EDGE_MS, JoinRequest, Take, join
from core.voice.providers.espeak import EspeakProvider

RATE = 24_000


def tones(path: Path, spans: list[tuple[float, float]], seconds: float, rate: int = RATE, hz: float = 220) -> Path:
    """Silence with a tone in each span."""
    time = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(time.size)
    for begins, ends in spans:
        here = (time >= begins) & (time < ends)
        sound[here] = 0.3 * np.sin(2 * np.pi * hz * time[here])
    soundfile.write(path, sound, rate)
    return path


def take(path: Path, text: str = "One two.", **values: object) -> Take:
    whole = Take(
        path=path, text=text, written=text, places=tuple(range(len(text))), offsets=tuple(range(len(text))),
        ends=((len(text), "sentence"),), words=((0, 3, 0.5, 1.0), (4, 8, 1.5, 2.0)), speed=1.0, pitch=0.0, before_ms=0,
        after_ms=0, section="", name="Test engine",
    )  # fmt: skip
    return replace(whole, **values)


def nothing(stage: str, fraction: float) -> None: ...


def joined(folder: Path, *takes: Take, volume_db: float = 0.0):  # type: ignore[no-untyped-def]
    return join(JoinRequest(takes, folder / "out.wav", volume_db), nothing)


def heard(folder: Path) -> list[tuple[float, float]]:
    """Where there is sound, to 5 ms."""
    sound, rate = soundfile.read(folder / "out.wav")
    size = rate // 200
    loud = np.abs(sound[: len(sound) // size * size]).reshape(-1, size).max(axis=1) > 0.01
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
    return [(a * size / rate, b * size / rate) for a, b in edges.reshape(-1, 2)]


@pytest.fixture
def two_words(tmp_path: Path) -> Path:
    return tones(tmp_path / "a.wav", [(0.5, 1.0), (1.5, 2.0)], 2.6)


def test_silence_around_goes_and_words_move_along(tmp_path: Path, two_words: Path) -> None:
    made = joined(tmp_path, take(two_words))
    assert made.duration_s == pytest.approx(1.5 + 2 * EDGE_MS / 1000, abs=0.01)
    first, second = made.words
    assert (first.word, second.word, second.breaks) == ("One", "two.", "sentence")
    assert (first.start_s, second.start_s) == (pytest.approx(0.04, abs=0.01), pytest.approx(1.04, abs=0.01))
    assert first.end_s == pytest.approx(0.54, abs=0.02), "a rest belongs to no word"
    spans = heard(tmp_path)
    assert spans[1][0] == pytest.approx(second.start_s, abs=0.02)


def test_pauses_are_exact(tmp_path: Path, two_words: Path) -> None:
    made = joined(tmp_path, take(two_words, before_ms=300, after_ms=700), take(two_words, section="Close"))
    spans = heard(tmp_path)
    assert spans[0][0] == pytest.approx(0.34, abs=0.02)
    assert spans[2][0] - spans[1][1] == pytest.approx(0.7, abs=0.03)
    assert made.sections == (("Close", pytest.approx(0.34 + 1.5 + 0.7, abs=0.02)),)
    assert made.words[2].start_s == pytest.approx(spans[2][0], abs=0.02)


def test_faster_and_higher_keeps_words_in_place(tmp_path: Path, two_words: Path) -> None:
    made = joined(tmp_path, take(two_words, speed=1.5, pitch=12.0))
    assert made.duration_s == pytest.approx(1.0 + 0.08, abs=0.05)
    spans = heard(tmp_path)
    assert made.words[1].start_s == pytest.approx(spans[-1][0], abs=0.05)
    sound, rate = soundfile.read(tmp_path / "out.wav")
    middle = sound[round(0.1 * rate) : round(0.3 * rate)]
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(middle.size)))) * rate / middle.size
    assert peak == pytest.approx(440, rel=0.02)


def test_the_level_is_set_and_may_be_moved(tmp_path: Path, two_words: Path) -> None:
    for volume_db, expected in ((0.0, -16.0), (-6.0, -22.0)):
        made = joined(tmp_path, *(take(two_words) for _ in range(4)), volume_db=volume_db)
        audio = files.decode(tmp_path / "out.wav")
        assert integrated_lufs(audio.samples, audio.sample_rate) == pytest.approx(expected, abs=0.2)
        assert made.facts["lufs"] == pytest.approx(expected, abs=0.2)
        assert made.facts["true_peak_dbtp"] <= -1.0


def test_engines_of_different_rates_meet_at_the_higher(tmp_path: Path, two_words: Path) -> None:
    low = tones(tmp_path / "low.wav", [(0.2, 0.9)], 1.2, rate=16_000)
    made = joined(
        tmp_path,
        take(two_words, after_ms=300),
        take(low, text="Three", words=((0, 5, 0.2, 0.9),), ends=((5, "sentence"),)),
    )
    assert made.facts["sample_rate"] == RATE
    assert made.words[2].start_s == pytest.approx(heard(tmp_path)[2][0], abs=0.02)


def test_words_that_the_engine_did_not_time_are_found(tmp_path: Path) -> None:
    """A voice whose times are exact, handed over without them, slowed down on top."""
    text = "The harbour wakes before the town does, and a rope creaks somewhere below the pier."
    children = Children(limit=1)
    spoke = EspeakProvider().make(
        Utterance(text, "en-us+m3", "espeak-ng-1.52"), Call("attempt_1", tmp_path, children)
    )  # fmt: skip
    children.close()
    exact = tuple((int(a), int(b), float(c), float(d)) for a, b, c, d in spoke.facts["words"])
    whole = ((len(text), "sentence"),)
    path = spoke.outputs[0].path
    known = joined(tmp_path, take(path, text=text, words=exact, ends=whole, speed=0.8))
    found = joined(tmp_path, take(path, text=text, words=None, ends=whole, speed=0.8))
    assert known.confidence is None
    assert (found.confidence or 0) > TRUSTED
    errors = [abs(a.start_s - b.start_s) for a, b in zip(known.words, found.words, strict=True)]
    assert max(errors) < 0.15, errors


def test_no_captions_no_search(tmp_path: Path, two_words: Path) -> None:
    made = join(JoinRequest((take(two_words, words=None),), tmp_path / "out.wav", 0.0, captions=False), nothing)
    assert (made.words, made.confidence) == ((), None)


def test_untimed_words_lie_within_the_speech_in_order(tmp_path: Path, two_words: Path) -> None:
    made = joined(tmp_path, take(two_words, words=None))
    assert made.confidence == pytest.approx(0, abs=TRUSTED / 2), "a tone says nothing"
    starts = [word.start_s for word in made.words]
    assert starts == sorted(starts)
    assert starts[0] == pytest.approx(0.04, abs=0.01)
    assert made.words[-1].end_s <= made.duration_s


def test_an_hour_goes_window_by_window(tmp_path: Path, two_words: Path) -> None:
    made = joined(tmp_path, *(take(two_words, after_ms=2000) for _ in range(120)))
    assert made.duration_s == pytest.approx(120 * 3.5 + 0.08, abs=0.5)
    assert len(made.words) == 240
    spans = heard(tmp_path)
    assert made.words[-1].start_s == pytest.approx(spans[-1][0], abs=0.02), "times drift from window to window"


@pytest.mark.parametrize("content", [b"", b"this is not sound", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_sound_is_the_engine_s_fault(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(content)
    with pytest.raises(ProviderError, match="Test engine"):
        joined(tmp_path, take(broken))


def test_one_silent_piece_does_not_lose_the_others(tmp_path: Path, two_words: Path) -> None:
    silent = tones(tmp_path / "silent.wav", [], 1.0)
    made = joined(
        tmp_path, take(two_words, after_ms=200), take(silent, text="Hm.", words=None, ends=((3, "sentence"),))
    )
    assert made.silent == ("Hm.",)
    assert made.duration_s == pytest.approx(1.5 + 0.2 + 0.08, abs=0.02)
    assert [word.word for word in made.words][:2] == ["One", "two."]


def test_silence_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="no sound"):
        joined(tmp_path, take(tones(tmp_path / "silent.wav", [], 1.0)))
