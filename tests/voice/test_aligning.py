"""Word times of recordings that say the text, against the engine's own exact ones; and what does not say it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.kit.children import Children
from core.kit.errors import UserError
from core.voice.aligning import TRUSTED, Alignment, AlignRequest, align, aligned
from core.voice.providers.espeak_process import SAMPLE_RATE
from core.voice.reading import Reading, engine_voice, read
from core.voice.spreading import sentences

TEXT = "The ferry leaves at seven, and nobody waits. Bring a warm coat, two sandwiches and something to read."
OTHER = "Our quarterly numbers were better than anyone expected. Thank you all for a remarkable year of work."
HINDI = "कल सुबह हम नदी के किनारे घूमने जाएँगे। वहाँ बहुत सारे पक्षी आते हैं।"
MEAN_MS, WORST_MS = 40.0, 250.0
"""Several times what tests/bench/alignment.py measured on clean speech."""


def spoken(text: str = TEXT, voice: str = "en-us+f3", rate: int = 175) -> Reading:
    return read(text, voice, rate)


def off_ms(found: Alignment, truth: Reading, later_s: float = 0.0) -> NDArray[np.float64]:
    assert [word[:2] for word in found.words] == [word[:2] for word in truth.words]
    starts = np.asarray([word[2] for word in found.words])
    return 1000 * np.abs(starts - later_s - np.asarray([word[2] for word in truth.words]))


@pytest.mark.parametrize(
    ("text", "voice", "language", "rate"),
    [
        (TEXT, "en-us+f3", "en", 175),
        (TEXT, "en-us+m3", "en-GB", 255),
        (TEXT, "en-us+Annie", "", 125),
        (HINDI, "hi+f3", "hi", 175),
    ],
)
def test_another_voice_at_another_speed(text: str, voice: str, language: str, rate: int) -> None:
    truth = spoken(text, voice, rate)
    found = align(truth.mono[None], SAMPLE_RATE, text, language)
    off = off_ms(found, truth)
    assert off.mean() < MEAN_MS
    assert off.max() < WORST_MS
    assert found.trusted
    for before, after in zip(found.words, found.words[1:], strict=False):
        assert before[2] <= before[3] <= after[2]


def test_silence_around_and_inside_pulls_no_word() -> None:
    truth = spoken()
    cut = round((truth.words[7][3] + truth.words[8][2]) / 2 * SAMPLE_RATE)  # between the sentences
    still = np.zeros(2 * SAMPLE_RATE, dtype=np.float32)
    sound = np.concatenate([still, truth.mono[:cut], still, truth.mono[cut:], still])
    sound += np.random.default_rng(1).standard_normal(sound.size).astype(np.float32) * np.float32(0.002)
    found = align(np.stack([sound, sound]), SAMPLE_RATE, TEXT, "en")
    shift = np.asarray([2.0 if begins * SAMPLE_RATE < cut else 4.0 for _, _, begins, _ in truth.words])
    off = 1000 * np.abs(
        np.asarray([word[2] for word in found.words]) - shift - np.asarray([word[2] for word in truth.words])
    )
    assert off.mean() < MEAN_MS
    assert off.max() < WORST_MS
    assert found.words[7][3] < cut / SAMPLE_RATE + 2.2
    assert found.words[-1][3] < sound.size / SAMPLE_RATE - 1.8
    assert found.trusted


def test_noise_and_another_sample_rate() -> None:
    from core.audio.effects import resample

    truth = spoken()
    low = resample(truth.mono[None], SAMPLE_RATE, 16_000)
    level = float(np.sqrt(np.square(low).mean()))
    low = low + np.random.default_rng(2).standard_normal(low.shape).astype(np.float32) * np.float32(level / 10)
    found = align(low, 16_000, TEXT, "en")
    assert off_ms(found, truth).mean() < 2 * MEAN_MS
    assert found.trusted


def test_another_text_noise_a_tone_and_silence_are_not_trusted() -> None:
    right = spoken()
    random = np.random.default_rng(3)
    seconds = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    wrong = {
        "another text": (right.mono, OTHER),
        "noise": (random.standard_normal(seconds.size).astype(np.float32) * np.float32(0.1), TEXT),
        "tone": (np.sin(2 * np.pi * 220 * seconds * (1 + 0.05 * np.floor(2 * seconds))).astype(np.float32), TEXT),
        "silence": (np.zeros(seconds.size, dtype=np.float32), TEXT),
        "too short for it": (right.mono[: SAMPLE_RATE // 2], TEXT),
    }
    told = {name: align(mono[None], SAMPLE_RATE, text, "en") for name, (mono, text) in wrong.items()}
    assert {name: found.confidence < TRUSTED for name, found in told.items()} == dict.fromkeys(wrong, True)
    for name, (mono, text) in wrong.items():
        words = told[name].words
        assert len(words) == len(text.split()), name
        assert all(0 <= begins <= ends <= mono.size / SAMPLE_RATE for _, _, begins, ends in words), name


def test_in_a_child_it_is_the_same(children: Children) -> None:
    mono = spoken().mono[None]
    there = children.run(aligned, AlignRequest(mono, SAMPLE_RATE, TEXT, "en"))
    here = align(mono, SAMPLE_RATE, TEXT, "en")
    assert there.words == here.words
    assert there.confidence == pytest.approx(here.confidence, abs=1e-3)


def test_what_cannot_be_aligned_is_refused_or_shared_out() -> None:
    with pytest.raises(UserError, match="not numbers"):
        align(np.full((1, 4000), np.nan, dtype=np.float32), SAMPLE_RATE, TEXT)
    with pytest.raises(UserError, match="no sound"):
        align(np.zeros((1, 0), dtype=np.float32), SAMPLE_RATE, TEXT)
    empty = align(spoken().mono[None], SAMPLE_RATE, "…", "en")
    assert empty.confidence == 0


def test_languages_find_their_voice() -> None:
    found = {code: engine_voice(code) for code in ("en", "en-US", "fr", "zh", "pt-BR", "no", "xx", "")}
    assert found == {
        "en": "en", "en-US": "en-us", "fr": "fr", "zh": "cmn", "pt-BR": "pt-br", "no": "nb", "xx": "en-us", "": "en-us",
    }  # fmt: skip
    assert engine_voice("", HINDI) == "hi"


def test_sentences_end_at_the_pauses() -> None:
    truth = spoken()
    cut = round((truth.words[7][3] + truth.words[8][2]) / 2 * SAMPLE_RATE)
    sound = np.concatenate([truth.mono[:cut], np.zeros(SAMPLE_RATE, dtype=np.float32), truth.mono[cut:]])
    first, second = sentences(sound[None], SAMPLE_RATE, TEXT, "en")
    assert TEXT[slice(*first[:2])].endswith("waits.")
    assert TEXT[slice(*second[:2])].startswith("Bring")
    assert first[2] == pytest.approx(truth.words[0][2], abs=0.1)
    assert first[3] == pytest.approx(truth.words[7][3], abs=0.15)
    assert second[2] == pytest.approx(truth.words[8][2] + 1, abs=0.15)
    assert second[3] == pytest.approx(truth.words[-1][3] + 1, abs=0.15)
