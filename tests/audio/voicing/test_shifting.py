from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.audio.voicing.shifting import shifted
from core.voice import captions
from core.voice.types import WordTime

WORDS = [WordTime("Two", 1.0, 1.4, 0), WordTime("words.", 1.5, 2.0, 4, "sentence")]


def texts(tmp_path: Path, words: list[WordTime], duration_s: float) -> dict[str, str]:
    tmp_path.mkdir(exist_ok=True)
    made = captions.files(tmp_path, words, "en", duration_s)
    return {output.path.suffix[1:]: output.path.read_text(encoding="utf-8") for output in made}


@pytest.mark.parametrize("seconds", [0.75, -0.5, 3600.0])
def test_shifted_files_are_those_of_shifted_words(tmp_path: Path, seconds: float) -> None:
    before = texts(tmp_path / "a", WORDS, 3.0)
    later = [WordTime(w.word, w.start_s + seconds, w.end_s + seconds, w.source, w.breaks) for w in WORDS]
    after = texts(tmp_path / "b", later, 3.0 + seconds)
    for format, text in before.items():
        assert shifted(text, format, seconds, 3.0 + seconds) == after[format], format


def test_words_that_look_like_times_stay() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nAt 10:20:30,400 sharp.\n"
    assert shifted(text, "srt", 1.0, 9.0) == "1\n00:00:02,000 --> 00:00:03,000\nAt 10:20:30,400 sharp.\n"


def test_nothing_goes_below_zero() -> None:
    document = {"duration_s": 2.0, "words": [], "captions": [{"start_s": 0.1, "end_s": 1.0, "text": "x"}]}
    moved = json.loads(shifted(json.dumps(document), "json", -0.5, 1.5))
    assert moved["captions"] == [{"start_s": 0.0, "end_s": 0.5, "text": "x"}]
