"""Clicks, hiss and reverb; faults with their places; and what is done with detectors that are not proven."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio import card, defects
from core.audio.faults.problem import REMEDIES, Problem, at_most
from core.audio.faults.reverb import reverb
from core.audio.files import decode
from core.audio.loudness import integrated_lufs
from core.audio.spectrum import measure

from .signals import MEDIA, RATE, metronome, noise, piece, sine


@pytest.fixture(scope="module")
def speech() -> tuple[np.ndarray, int]:
    clean = decode(MEDIA / "clean_control.flac")
    return clean.samples, clean.sample_rate


def found(samples: np.ndarray, rate: int) -> tuple[Problem, ...]:
    samples = samples.astype(np.float32)
    return defects.find(samples, rate, integrated_lufs(samples, rate))


def kinds(samples: np.ndarray, rate: int) -> set[str]:
    return {problem.kind for problem in found(samples, rate)}


def test_every_click_is_placed(speech: tuple[np.ndarray, int]) -> None:
    samples, rate = speech[0].copy(), speech[1]
    places = [1.42, 2.26, 5.2]
    for at in places:
        samples[:, round(at * rate)] += 0.8
    clicks = [problem for problem in found(samples, rate) if problem.kind == "click"]
    assert [problem.start_s for problem in clicks] == pytest.approx(places, abs=0.003)


def test_drums_are_no_clicks() -> None:
    assert "click" not in kinds(piece(6), RATE) | kinds(metronome(140, 6), RATE)


def test_hiss_on_speech_and_on_music(speech: tuple[np.ndarray, int]) -> None:
    samples, rate = speech
    hiss = noise(samples.shape[1] / rate, 1.0, 1, rate=rate)[:, : samples.shape[1]]
    assert kinds(samples + 0.006 * hiss, rate) == {"hiss"}
    music = piece(8)
    assert kinds(music + noise(8, 0.01), RATE) == {"hiss"}
    assert kinds(music, RATE) == set()


def test_a_room_that_rings_is_told_from_a_dry_one(speech: tuple[np.ndarray, int]) -> None:
    from scipy.signal import fftconvolve

    samples, rate = speech
    time = np.arange(rate) / rate
    room = np.random.default_rng(5).standard_normal(rate) * 10 ** (-3 * time / 0.9)
    room /= np.sqrt(np.square(room).sum())
    wet = (0.5 * samples + 0.75 * fftconvolve(samples[0], room)[: samples.shape[1]]).astype(np.float32)
    (problem,) = reverb(measure(wet[0], rate), speech=1.0)
    assert problem.kind == "reverb"
    assert reverb(measure(samples[0], rate), speech=1.0) == []
    assert reverb(measure(wet[0], rate), speech=0.2) == []


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_under_music(mains: int) -> None:
    time = np.arange(8 * RATE) / RATE
    hum = sum(0.01 * np.sin(2 * np.pi * mains * h * time) / h for h in (1, 2, 3, 4, 5))
    (problem,) = found(piece(8) + hum, RATE)
    assert problem.kind == "hum"
    assert str(4 * mains) in problem.detail


def test_clipping_is_told_where_it_is(speech: tuple[np.ndarray, int]) -> None:
    samples, rate = speech[0].copy(), speech[1]
    part = slice(4 * rate, 6 * rate)
    samples[:, part] = np.clip(samples[:, part] * 20, -0.95, 0.95)
    for gain in (1.0, 0.3):
        spans = [problem for problem in found(samples * gain, rate) if problem.kind == "clipping"]
        assert spans
        assert all(3.9 < problem.start_s < problem.end_s < 6.1 for problem in spans)


def test_every_kind_has_a_remedy() -> None:
    assert all(Problem(kind, 0, 1, "").remedy for kind in REMEDIES)
    told = Problem("click", 1.23456, 1.3, "A click.").as_dict()
    assert (told["start_s"], told["remedy"]) == (1.235, REMEDIES["click"])


def test_hundreds_are_summed_up() -> None:
    many = [Problem("click", at, at + 0.001, "A click.") for at in range(500)]
    short = at_most(many)
    assert len(short) == 60
    assert "440 more" in short[-1].detail
    assert short[-1].end_s == many[-1].end_s


def test_what_lasts_over_a_border_is_one() -> None:
    parts = [(0.0, [Problem("hum", 0, 300, "h"), Problem("click", 5, 5.1, "c")]), (300.0, [Problem("hum", 0, 60, "h")])]
    assert [(p.kind, p.start_s, p.end_s) for p in defects.joined(parts)] == [("hum", 0, 360), ("click", 5, 5.1)]


def test_an_unproven_detector_is_not_told_as_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"hum": {"precision": 0.9, "recall": 0.5, "faulty": 20, "clean": 100}}
    rows["reverb"] = {"precision": 0.79, "recall": 0.9, "faulty": 10, "clean": 90}
    monkeypatch.setattr(card, "card", lambda: {"detectors": rows})
    both = (Problem("hum", 0, 1, "h"), Problem("reverb", 0, 1, "r"), Problem("click", 2, 3, "c"))
    facts, doubtful = card.judged(both)
    assert [problem.kind for problem in facts] == ["hum"]
    assert [(row["kind"], row["precision"], len(row["found"])) for row in doubtful] == [
        ("reverb", 0.79, 1), ("click", None, 1),
    ]  # fmt: skip
    monkeypatch.setattr(card, "card", dict)
    assert card.judged(both)[0] == ()


def test_the_shipped_card_holds_every_detector() -> None:
    shipped = card.card()
    assert {card.detector_of(kind) for kind in REMEDIES} == set(shipped["detectors"])
    assert all(row["faulty"] + row["clean"] >= 100 for row in shipped["detectors"].values())
    assert {"tempo", "key", "chords", "speech", "split"} <= set(shipped)


def test_a_pure_tone_is_clean() -> None:
    assert kinds(sine(440, 4), RATE) == set()
