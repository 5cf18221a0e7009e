"""Words of the ElevenLabs engine land on the characters they were written with, or nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from core.providers.base import Made
from core.voice.providers.elevenlabs_answer import word_spans, words_heard
from tests.clouds import elevenlabs as cloud
from tests.clouds.elevenlabs import GOOD, ElevenLabsServer
from tests.clouds.elevenlabs_saying import sent, spoken

SCRIPTS = {
    "emoji": ("Hi 😀 there 👨‍👩‍👧 you", ["Hi 😀", "there 👨‍👩‍👧", "you"]),
    "marks": ("Cafe\u0301 ole\u0301!", ["Cafe\u0301", "ole\u0301!"]),
    "hindi": ("नमस्ते, यह मेरी आवाज़ है।", ["नमस्ते,", "यह", "मेरी", "आवाज़", "है।"]),
    "dash first": ("— so it begins", ["— so", "it", "begins"]),
    "chinese": ("你好,世界。这是一个测试", ["你好,", "世界。", "这是一个测试"]),
    "thai": ("สวัสดีครับ", ["สวัสดี", "ครับ"]),
    "mixed": ("用GPT写 it", ["用GPT", "写", "it"]),
    "lines": ("One\n\nTwo  three", ["One", "Two", "three"]),
    "brackets": ("[not a tag] word", ["[not", "a", "tag]", "word"]),
}


def clusters(text: str) -> list[str]:
    """Characters as a person counts them, roughly: marks and joined emoji stay with what they change."""
    import unicodedata

    found: list[str] = []
    for character in text:
        joins = unicodedata.category(character)[0] == "M" or character == "\u200d"
        if found and (joins or found[-1].endswith("\u200d")):
            found[-1] += character
        else:
            found.append(character)
    return found


@pytest.mark.parametrize(("text", "words"), SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize(("cut", "emotion"), [(list, ""), (clusters, "happy")])
def test_words_land_on_their_characters(
    speak: Callable[..., Made], server: ElevenLabsServer, text: str, words: list[str], cut: Any, emotion: Any
) -> None:
    server.spoken_of = cut
    made = speak(text, model="eleven_v3", emotion=emotion)
    assert spoken(made, text) == words
    listed = cut(sent(server)["text"])
    shift = len(sent(server)["text"]) - len(text)
    for start, end, begins, ends in made.facts["words"]:
        # By hand: the time of the listed character that holds the word's first and its last code point.
        first = next(n for n in range(len(listed)) if len("".join(listed[: n + 1])) > shift + start)
        last = next(n for n in range(len(listed)) if len("".join(listed[: n + 1])) >= shift + end)
        assert begins == pytest.approx(first * cloud.SECONDS_A_CHARACTER, abs=1e-3)
        assert ends == pytest.approx((last + 1) * cloud.SECONDS_A_CHARACTER, abs=1e-3)


def test_the_service_may_leave_the_tag_out_of_the_times(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.spoken_of = lambda text: list(text.removeprefix("[happy] "))
    made = speak(model="eleven_v3", emotion="happy")
    assert spoken(made)[0] == "Hello"
    assert made.facts["words"][0][2] == 0.0


def times(characters: list[Any], starts: list[Any], ends: list[Any]) -> dict[str, Any]:
    return {
        "characters": characters, "character_start_times_seconds": starts, "character_end_times_seconds": ends,
    }  # fmt: skip


UNFIT: dict[str, Any] = {
    "null": None,
    "a list": [1],
    "empty": times([], [], []),
    "another text": times(["H", "o"], [0, 0.1], [0.1, 0.2]),
    "one time too few": times(["H", "i"], [0], [0.1, 0.2]),
    "normalized": times(list("Hey"), [0, 0.1, 0.2], [0.1, 0.2, 0.3]),
    "goes back": times(["H", "i"], [0.1, 0.0], [0.2, 0.1]),
    "ends before it starts": times(["H", "i"], [0.1, 0.2], [0.05, 0.3]),
    "negative": times(["H", "i"], [-0.1, 0.1], [0.1, 0.2]),
    "null time": times(["H", "i"], [None, 0.1], [0.1, 0.2]),
    "words for times": times(["H", "i"], ["soon", "0.1"], ["0.1", "0.2"]),
    "not a character": times(["H", None], [0, 0.1], [0.1, 0.2]),
    "outlasts the sound": times(["H", "i"], [0, 0.1], [0.1, 9.0]),
    "half an emoji": times(["H", "\ud83d"], [0, 0.1], [0.1, 0.2]),
}


@pytest.mark.parametrize("alignment", UNFIT.values(), ids=UNFIT)
def test_times_that_do_not_fit_are_left_out(
    speak: Callable[..., Made], server: ElevenLabsServer, alignment: Any
) -> None:
    server.script.append(replace(GOOD, change={"alignment": alignment}))
    made = speak("Hi")
    assert "words" not in made.facts
    assert made.outputs[0].path.exists()


def test_times_within_the_sound_are_clipped_to_it() -> None:
    class Alignment:
        def __init__(self) -> None:
            self.characters = ["H", "i"]
            self.character_start_times_seconds = [0, 0.5]
            self.character_end_times_seconds = [0.5, 1.1]

    assert words_heard("Hi", "Hi", Alignment(), 1.0) == [(0, 2, 0, 1.0)]
    assert words_heard("Hi", "Hi", Alignment(), 0.5) == []


def test_word_spans_cover_every_sign_once() -> None:
    text = "  A — b… 你好 c 🙂  "
    spans = word_spans(text)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == text.replace(" ", "")
    assert word_spans("") == []
