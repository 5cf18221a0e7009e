"""Cutting a script into utterances: nothing lost, nothing doubled, cut where it should be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kit.errors import UserError
from core.voice.parts import USUAL_CHARACTERS, Part, parts
from core.voice.pronunciation import dictionary
from core.voice.text import parse
from core.voice.types import SpeechRequest

NO_WORDS = dictionary({})


def cut(text: str, longest: int = 5000, words: dict[str, str] | None = None, **values: object) -> list[Part]:
    request = SpeechRequest(text=text, **values)  # type: ignore[arg-type]
    return parts(parse(request.text), request, dictionary(words or {}), longest)


def test_a_paragraph_is_one_utterance() -> None:
    only = cut("The harbour wakes. A rope creaks. A boat knocks.")
    assert [part.text for part in only] == ["The harbour wakes. A rope creaks. A boat knocks."]
    assert only[0].after_ms == 0


def test_paragraphs_are_apart_and_know_of_each_other() -> None:
    first, second = cut("One thing.\n\nAnother thing.", paragraph_pause_ms=900)
    assert (first.text, first.after_ms, first.after, first.before) == ("One thing.", 900, "Another thing.", "")
    assert (second.text, second.after_ms, second.before) == ("Another thing.", 0, "One thing.")


def test_sentences_are_apart_when_their_pause_was_asked_for() -> None:
    assert len(cut("One. Two. Three.")) == 1
    assert [part.after_ms for part in cut("One. Two. Three.", sentence_pause_ms=700)] == [700, 700, 0]


def test_markup_cuts_and_counts() -> None:
    wait, slow, hers = cut("Wait. [pause 500ms] [speed 0.5]Slow.[/speed] [voice Emma][pitch 2]Hers.[/pitch][/voice]")
    assert (wait.text, wait.after_ms) == ("Wait.", 500)
    assert (slow.text, slow.speed) == ("Slow.", 0.5)
    assert (hers.text, hers.voice, hers.pitch, hers.before) == ("Hers.", "Emma", 2, "")


def test_a_pause_at_the_very_beginning_and_end() -> None:
    only = cut("[pause 1s] Here. [pause 2s]")
    assert [(part.before_ms, part.after_ms) for part in only] == [(1000, 2000)]


def test_sections_name_their_parts() -> None:
    assert [(part.section, part.line) for part in cut("# Opening\nOne.\n\n# Close\nTwo.")] == [
        ("Opening", 2),
        ("Close", 5),
    ]


def test_the_dictionary_changes_what_is_said_and_not_what_is_written() -> None:
    only = cut("A GIF moves.", words={"GIF": "jif"})[0]
    assert (only.text, only.written) == ("A jif moves.", "A GIF moves.")
    assert [only.written[place] for place in only.places[:2]] == ["A", " "]
    assert only.places[2:5] == (2, 2, 2)
    assert only.places[5:] == tuple(range(5, 12))


def test_phonemes_are_for_the_embedded_engine() -> None:
    with pytest.raises(UserError, match="phonemes") as refused:
        cut("A GIF moves.", words={"GIF": "[[dZ'If]]"})
    assert refused.value.code == "phonemes"


def test_a_dictionary_that_makes_a_line_too_long_is_named() -> None:
    with pytest.raises(UserError, match="grows to"):
        cut("x " * 20, longest=50, words={"x": "a very long way to say it"})


def test_a_sentence_over_the_limit_is_cut_between_words() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    pieces = cut(text, longest=60)
    assert all(len(part.text) <= 60 for part in pieces)
    assert " ".join(part.text for part in pieces) == text
    assert all(part.after_ms == 0 for part in pieces)


def test_without_blanks_it_is_cut_all_the_same() -> None:
    pieces = cut("x" * 130, longest=50)
    assert [len(part.text) for part in pieces] == [50, 50, 30]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("abc ABC.,!? é日本語\n"), min_size=1, max_size=400), min_size=1, max_size=6),
    st.integers(20, 400),
)
def test_every_letter_is_said_once_and_in_order(lines: list[str], longest: int) -> None:
    text = "\n\n".join(lines)
    if not any(character.isalnum() for character in text):
        return
    request = SpeechRequest(text=text)
    made = parts(parse(request.text), request, NO_WORDS, longest)
    assert all(len(part.text) <= min(longest, USUAL_CHARACTERS) for part in made)
    for part in made:
        assert len(part.places) == len(part.text)
        assert len(part.offsets) == len(part.written)
    said = "".join(character for part in made for character in part.text if character.isalnum())
    assert said == "".join(character for character in request.text if character.isalnum())
    letters = [
        part.offsets[part.places[index]]
        for part in made
        for index, character in enumerate(part.text)
        if character.isalnum()
    ]
    assert letters == sorted(set(letters))
    assert [request.text[place] for place in letters] == list(said)
