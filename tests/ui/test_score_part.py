"""What the page shows of a score, without a browser."""

from __future__ import annotations

from core.music.quality.types import Part, Score
from ui_gradio.parts.score import score, view

TOLD = Score(
    61.5,
    (
        Part("tempo", "Tempo", 138.0, "BPM", "120 BPM", 0.0, 2.0, "The beat is 15.0 % faster than asked."),
        Part("key", "Key", "A minor", "", "A minor", 1.0, 2.0, "It is in the key that was asked for."),
        Part("peak", "True peak", 0.4, "dBTP", "at most -0.9 dBTP", 0.75, 1.0, "Its highest peak will be cut off in playback."),
        Part("seam", "Loop seam", None, "", "", 0.0, 0.0, "It was not asked to be looped."),
    ),
    ("tempo",),
).as_dict()  # fmt: skip


def test_the_worst_comes_first_with_its_bar_and_its_sentence() -> None:
    shown = view(TOLD)
    assert [(row["title"], row["percent"], row["mood"]) for row in shown["rows"]] == [
        ("Tempo", 0, "bad"), ("True peak", 75, "fair"), ("Key", 100, "fine"),
    ]  # fmt: skip
    assert shown["rows"][0]["value"] == "138 BPM"
    assert shown["rows"][0]["expected"] == "expected: 120 BPM"
    assert shown["about"] == "1 of 3 measured things need a look"
    assert (shown["total"], shown["mood"]) == ("62", "warn")


def test_what_was_not_measured_says_why() -> None:
    shown = view(TOLD)
    assert shown["unmeasured"] == [{"title": "Loop seam", "note": "It was not asked to be looped."}]
    assert shown["left"] == "1 not measured, counted neither way"


def test_a_piece_without_a_score() -> None:
    assert view(None)["rows"] == []
    assert score(None).value["rows"] == []
    assert score(TOLD).value["total"] == "62"
