"""Karaoke captions, read back by the library that editors use."""

from __future__ import annotations

import re

import pysubs2
import pytest

from core.voice import captions
from core.voice.karaoke import ass
from core.voice.types import Caption, WordTime

WORDS = [
    WordTime("The", 0.04, 0.213, 0), WordTime("harbour", 0.213, 0.777, 4), WordTime("wakes,", 0.9, 1.333, 12, "clause"),
    WordTime("before", 1.333, 1.666, 19), WordTime("the", 1.666, 1.75, 26), WordTime("town.", 1.751, 2.2, 30, "sentence"),
    WordTime("Late.", 3725.5, 3726.0, 36, "paragraph"),
]  # fmt: skip


def hundredths(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\{\\k(\d+)\}", text)]


def test_the_times_of_a_line_sum_to_its_length() -> None:
    found = captions.captions(WORDS)
    read = pysubs2.SSAFile.from_string(ass(found))
    assert len(read) == len(found)
    for event, caption in zip(read, found, strict=True):
        assert event.plaintext == caption.text
        assert sum(hundredths(event.text)) * 10 == event.end - event.start
        assert event.start == pytest.approx(caption.start_s * 1000, abs=5.1)
        assert event.end == pytest.approx(caption.end_s * 1000, abs=5.1)


def test_each_word_lights_up_when_it_is_said() -> None:
    found = captions.captions(WORDS[:6])
    event = pysubs2.SSAFile.from_string(ass(found))[0]
    at, begins = event.start, {}
    for time, text in re.findall(r"\{\\k(\d+)\}([^{]*)", event.text):
        if text:
            begins[text.strip()] = at
        at += int(time) * 10
    assert begins == {
        word.word: pytest.approx(word.start_s * 1000, abs=5.1) for word in WORDS[:6]
    }  # no drift: each within half a hundredth


def test_many_words_do_not_drift() -> None:
    words = [WordTime(f"w{n}", n * 0.1233, (n + 1) * 0.1233, n * 5) for n in range(50)]
    for event in pysubs2.SSAFile.from_string(ass(captions.captions(words))):
        assert sum(hundredths(event.text)) * 10 == event.end - event.start


@pytest.mark.parametrize("word", ["{\\k99}", "{\\fs200}big", "a\\Nb", "a\nDialogue: 0,", "}{", "\\h"])
def test_what_a_script_says_never_becomes_a_command(word: str) -> None:
    text = f"Say {word} now"
    caption = Caption(0.0, 2.0, text, (WordTime("Say", 0, 0.5), WordTime(word, 0.5, 1), WordTime("now", 1, 2)))
    read = pysubs2.SSAFile.from_string(ass([caption]))
    assert len(read) == 1
    assert hundredths(read[0].text) == [50, 50, 100]
    assert set(re.findall(r"\{[^}]*\}", read[0].text)) <= {"{\\k50}", "{\\k100}"}
    assert re.sub(r"\{\\k\d+\}", "", read[0].text).replace("\\N", "").count("\\") == 0


def test_scripts_without_blanks_and_words_without_times() -> None:
    text = "今天天气很好"
    words = [WordTime(character, n * 0.2, n * 0.2 + 0.2, n) for n, character in enumerate(text)]
    found = captions.captions(words)
    assert pysubs2.SSAFile.from_string(ass(found))[0].plaintext == text
    plain = pysubs2.SSAFile.from_string(ass(found, by_word=False))
    assert plain[0].text == text


def test_hours_are_written() -> None:
    assert "Dialogue: 0,1:02:05.50,1:02:06.50," in ass(captions.captions(WORDS[6:]))
