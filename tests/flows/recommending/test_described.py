"""A film of which only words are known, in English and in French."""

from __future__ import annotations

from typing import Any

import pytest

from core.flows.recommending import described
from core.kit.paths import reference
from core.music.service import GENRES, INTENSITIES, MOODS


def said(title: str = "", description: str = "", category: str = "", tags: tuple[str, ...] = ()) -> Any:
    return described.recommend(title, description, category, tags)


def test_every_word_of_the_tables_leads_to_music_there_is() -> None:
    table = reference("video_words")
    rows = [*table["categories"].values(), table["nothing"]]
    assert {genre for row in rows for genre in row["genres"]} <= set(GENRES)
    assert {row["mood"] for row in rows} <= set(MOODS)
    assert {row["intensity"] for row in rows} <= set(INTENSITIES)
    for row in table["words"]:
        assert (set(row["genres"]) <= set(GENRES), set(row["moods"]) <= set(MOODS)) == (True, True), row
        assert row["intensity"] in (-1, 0, 1)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ({"category": "Travel & Events", "tags": ("mountains", "hiking")},
         {"category": "Voyages et événements", "tags": ("Montagnes", "RANDONNÉE")}),
        ({"title": "A funny prank on my cat"}, {"title": "Une farce très drôle à mon chat"}),
        ({"category": "Sports", "tags": ("workout", "gym")}, {"category": "musculation", "tags": ("entraînement", "courir")}),
    ],
)  # fmt: skip
def test_both_languages_lead_to_the_same(english: dict[str, Any], french: dict[str, Any]) -> None:
    one, other = said(**english), said(**french)
    assert (one.genre, one.mood, one.intensity, one.bpm) == (other.genre, other.mood, other.intensity, other.bpm)


def test_the_category_leads_tags_refine_and_words_count_less() -> None:
    alone = said(category="gaming")
    assert (alone.genre, alone.mood, alone.intensity) == ("electronic", "energetic", "high")
    refined = said(category="gaming", tags=("calm", "lake", "sleep"))
    assert refined.intensity != "high"
    assert "ambient" in {each.genre for each in refined.choices}
    talked = said(category="gaming", description="a calm lake to fall asleep by. " * 400)
    assert talked.genre == "electronic"  # a long text is not many votes
    assert refined.why.startswith("Category gaming; tags: ")
    assert [each.share for each in alone.choices] == sorted((each.share for each in alone.choices), reverse=True)


def test_what_says_nothing_is_told_as_that() -> None:
    empty = said()
    assert (empty.confidence, empty.why.split(":")[0]) == (0.0, "Nothing said what it is about")
    unknown = said(category="Qwxz <b>")
    assert "is not known here" in unknown.why
    assert said(title="J'ai été là").confidence == 0.0  # neither artificial intelligence nor summer
    assert said(category="travel").confidence > said(title="beach").confidence > 0
