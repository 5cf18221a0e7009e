"""Chapters of a long text: where they begin, how long they may be, and that nothing is said twice or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kit.errors import UserError
from core.voice.chapters import MAX_CHAPTERS, PART_CHARACTERS, Chapter, chapters
from core.voice.cleaning import MAX_CHARACTERS, clean
from core.voice.cutting import LONGEST_SECONDS
from core.voice.languages import estimate_seconds
from core.voice.text import Style, parse
from core.voice.types import speech_request

SENTENCE = "The harbour wakes before the town does, and a rope creaks. "


def said(texts: list[str]) -> list[tuple[str, Style]]:
    """Every word with the manner it is said in."""
    return [(word, segment.style) for text in texts for segment in parse(text) for word in segment.text.split()]


def titles(text: str) -> list[str]:
    return [chapter.title for chapter in chapters(text)]


def test_headings_and_chapter_lines_begin_chapters() -> None:
    text = """By way of a beginning.

# The Harbour
It wakes.
## Not a chapter
Still the harbour.

Chapter 2
The town wakes.

CHAPTER THREE

Chapitre IV : La mer
Elle dort.

Chapter Twenty-One. The End
It ends. He had read
chapter 5
of the book twice."""
    found = chapters(text)
    assert [chapter.title for chapter in found] == [
        "Opening", "The Harbour", "Chapter 2", "CHAPTER THREE: Chapitre IV : La mer", "Chapter Twenty-One. The End",
    ]  # fmt: skip
    assert [chapter.line for chapter in found] == [1, 3, 8, 11, 16]
    assert parse(found[2].text)[0].text == "Chapter 2", "a chapter's name is a sentence of its own"
    assert said([chapter.text for chapter in found]) == said([clean(text)])


def test_a_title_page_belongs_to_its_first_chapter() -> None:
    assert titles("# Part One\n\n# The Harbour\n\nIt wakes.") == ["Part One: The Harbour"]
    assert titles("# Chapter 1\n\nChapter 1\n\nIt wakes.\n\n# Left over") == ["Chapter 1"]


def test_without_headings_it_is_cut_near_twenty_thousand_at_paragraph_ends() -> None:
    paragraph = SENTENCE * 12
    found = chapters("\n\n".join([paragraph] * 100))
    assert [chapter.title for chapter in found] == ["Part 1", "Part 2", "Part 3", "Part 4"]
    assert all(abs(len(chapter.text) - PART_CHARACTERS) < 4000 for chapter in found)
    assert all(chapter.text.startswith("The harbour") and chapter.text.endswith("creaks.") for chapter in found)
    assert titles(SENTENCE) == ["Part 1"]


def test_a_chapter_too_long_for_one_speech_is_cut_again() -> None:
    found = chapters("# Long\n\n" + SENTENCE * 2000)
    assert [chapter.title for chapter in found] == ["Long, part 1", "Long, part 2", "Long, part 3"]
    for chapter in found:
        speech_request(text=chapter.text)
        assert chapter.text.endswith("creaks.")


def test_the_two_hours_of_one_speech_count_as_well() -> None:
    def slow(text: str) -> float:
        return estimate_seconds(text, speed=0.5)

    found = chapters("# Slow\n\n" + "\n\n".join([SENTENCE * 10] * 80), slow)
    assert len(found) > 1
    assert all(slow(chapter.text) <= LONGEST_SECONDS for chapter in found)
    waiting = chapters("One. [pause 60s]\n\n" * 300)
    assert [estimate_seconds(chapter.text) <= LONGEST_SECONDS for chapter in waiting] == [True] * len(waiting)


def test_no_cut_inside_an_open_tag() -> None:
    inside = "[voice Emma]" + "\n\n".join([SENTENCE * 12] * 30) + "[/voice]"
    text = "\n\n".join([SENTENCE * 12] * 20 + [inside] + [SENTENCE * 12] * 20)
    found = chapters(text)
    assert len(found) >= 2
    assert said([chapter.text for chapter in found]) == said([clean(text)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# A\n\nOne. [voice Emma]Two.\n\n# B\n\nThree.[/voice]", r"\[voice\] on line 3 is still open at the chapter on line 5"),
        ("One.\n\n[speed 0.9]" + SENTENCE * 1500 + "[/speed]", r"\[speed\] on line 3 stays open for too long"),
        ("# A\n\nOne.\n\n# B\n\n[whisper]Two.[/whisper]", r"'\[whisper\]' on line 7"),
        ("# A\n\nOne. [voice Emma]Two.", r"\[voice\] on line 3, column 6 is never closed"),
        ("# A\n\n" + "x" * 60_000, "no end of a sentence"),
        ("x" * 500_001, "500,001 characters; at most 500,000"),
        ("\n\n".join(f"# {n}\n\nOne." for n in range(MAX_CHAPTERS + 1)), "256 chapters"),
        ("# Only a heading", "nothing to pronounce"),
    ],
)  # fmt: skip
def test_what_cannot_be_cut_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        chapters(text)
    assert refused.value.hint


def test_half_a_million_characters() -> None:
    text = "\n\n".join(f"# Chapter {n}\n\n" + "\n\n".join([SENTENCE * 8] * 41) for n in range(1, 26))
    assert 450_000 < len(text) <= 500_000
    found = chapters(text)
    assert [chapter.title for chapter in found] == [f"Chapter {n}" for n in range(1, 26)]


WORDS = st.sampled_from(
    ["harbour", "Mr. Bell", "3.5", "“Really?”", "wakes.", "town!", "\\[not", "a tag\\]", "[pause 1s]"]
)
LINE = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
MADE = st.recursive(
    LINE, lambda inner: st.builds("{}{}{}".format, st.just("[voice Emma]"), inner, st.just("[/voice]")), max_leaves=2
)
BLOCK = st.one_of(
    MADE, MADE, st.just("# A heading"), st.just("Chapter 3"), st.just("## Smaller"), st.just("- a line with a dash"),
    st.lists(MADE, min_size=2, max_size=4).map("\n".join), st.lists(MADE, min_size=40, max_size=60).map(" ".join),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=1, max_size=12), st.integers(200, 2000))
def test_everything_is_said_exactly_once(blocks: list[str], most: int) -> None:
    text = "\n\n".join(["First words.", *blocks])
    try:
        found = chapters(text, lambda piece: len(piece) / most * LONGEST_SECONDS)
    except UserError as error:
        refused = error.code
    else:
        refused = ""
    if refused:
        assert refused in ("markup", "no_place_to_cut")
        return
    assert said([chapter.text for chapter in found]) == said([clean(text)])
    assert all(len(chapter.text) <= min(most, MAX_CHARACTERS) + 10 for chapter in found)
    assert all(isinstance(chapter, Chapter) and chapter.title for chapter in found)
