"""Dialogues: whose line it is, whose voice could speak it, and how it sounds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from core.kit.errors import UserError
from core.voice.cleaning import clean
from core.voice.gallery import default_voice
from core.voice.languages import estimate_seconds
from core.voice.parts import parts
from core.voice.pronunciation import dictionary
from core.voice.scripts.casting import choices, roles
from core.voice.speakers import checked, detect_speakers, fitting
from core.voice.text import parse
from core.voice.types import speech_request

if TYPE_CHECKING:
    from tests.voice.conftest import Heard

CAST = {"Anna": "Emma", "Ben Carter": "Adam", "Cleo": ""}


def said(text: str, speakers: dict[str, str] | None = None) -> list[tuple[str, str]]:
    cast = CAST if speakers is None else speakers
    return [(segment.style.voice, segment.text) for segment in parse(clean(text), speakers=cast)]


def test_a_line_is_spoken_by_its_speaker_and_the_name_by_nobody() -> None:
    assert said("It is dark.\n\nANNA: Who is there?\nBen  Carter : Yes. Only me.\nCleo: And I.") == [
        ("", "It is dark."), ("Emma", "Who is there?"), ("Adam", "Yes."), ("Adam", "Only me."), ("", "And I."),
    ]  # fmt: skip


def test_a_speech_ends_at_a_blank_line_a_heading_and_the_next_speaker() -> None:
    text = "Anna: One.\nTwo.\n\nThree.\n\nAnna: Four.\n# Part\nFive.\nAnna: Six.\nCleo: Seven."
    assert said(text) == [
        ("Emma", "One."), ("Emma", "Two."), ("", "Three."), ("Emma", "Four."), ("", "Five."), ("Emma", "Six."),
        ("", "Seven."),
    ]  # fmt: skip


def test_only_names_of_the_cast_count() -> None:
    assert said("Note: buy milk.\nSee https://anna: x\nSaid Anna: yes.") == [
        ("", "Note: buy milk."),
        ("", "See https://anna: x Said Anna: yes."),
    ]
    assert said("ANNA: Yes.", {}) == [("", "ANNA: Yes.")]


def test_a_name_on_a_line_of_its_own_and_a_wide_colon() -> None:
    assert said("ANNA:\nYes.") == [("Emma", "Yes.")]
    assert said("小明：你好。", {"小明": "Emma"}) == [("Emma", "你好。")]


def test_offsets_point_at_the_words_behind_the_name() -> None:
    text = clean("ANNA: Hello you.\n[speed 0.8]Slow[/speed] too.")
    for segment in parse(text, speakers=CAST):
        assert "".join(text[offset] for offset in segment.offsets) == segment.text


def test_the_innermost_voice_counts() -> None:
    text = "# Night {voice: Grace}\nWind.\nANNA: Hush. [voice James]Now.[/voice] Listen.\n\nWind again."
    assert [voice for voice, _ in said(text)] == ["Grace", "Emma", "James", "Emma", "Grace"]


def test_a_tag_stays_open_over_speakers() -> None:
    segments = parse("ANNA: [speed 0.5]One.\nCLEO: Two.[/speed] Three.", speakers=CAST)
    assert [(each.style.voice, each.style.speed) for each in segments] == [("Emma", 0.5), ("", 0.5), ("", 1.0)]


def test_engines_that_are_asked_piece_by_piece_get_a_piece_for_each_speaker() -> None:
    request = speech_request(text="ANNA: One.\nBEN CARTER: Two.\n\nThree.", speakers=CAST)
    made = parts(parse(request.text, speakers=request.speakers), request, dictionary({}), 500)
    assert [(part.voice, part.text, part.after_ms) for part in made] == [
        ("Emma", "One.", 250), ("Adam", "Two.", 600), ("", "Three.", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "A: B", "one two three four five", "x" * 41, "[Anna]", "…"])
def test_a_name_that_no_line_could_begin_with_is_refused(name: str) -> None:
    with pytest.raises(UserError) as refused:
        speech_request(text="Hi.", speakers={name: "Emma"})
    assert refused.value.hint


def test_at_most_fifty_speakers() -> None:
    assert len(checked({f"Guest {n}": "" for n in range(50)})) == 50
    with pytest.raises(UserError, match="speakers"):
        speech_request(text="Hi.", speakers={f"Guest {n}": "" for n in range(51)})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ANNA: Hi.\nBEN: Hello.", ["ANNA", "BEN"]),
        ("Anna: Hi.\nBen: Hello.\nAnna: Well.", ["Anna"]),
        ("Dr. Grey: Hi.\nDr. Grey: Ho.", ["Dr. Grey"]),
        ("NOTE: x\nNOTE: y\nTip: a\nTip: b", []),
        ("12:30 Lunch\nhttps://example.org\nand so: on\nand so: forth", []),
        ("A very long line of words that goes on: x", []),
        ("Анна: да.\nАнна: нет.", ["Анна"]),
        ("SPEAKER 1: Hi.", ["SPEAKER 1"]),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert detect_speakers(text) == names


@pytest.mark.parametrize(
    ("given", "made"),
    [("Anna", "Anna"), ("[Anna] (off)", "Anna off"), ("?!", ""), ("12", ""), ("a b c d e f", "a b c d")],
)
def test_names_of_files_are_made_to_fit(given: str, made: str) -> None:
    assert fitting(given) == made
    assert not made or checked({made: ""})


def test_suggestions_differ_fit_and_cost_nothing() -> None:
    found = roles("ANNA: A.\nBEN: B.\nSVENBJORN: C.\nMARIA: D.\nTOM: E.\nANNA: F.")
    voices = {voice.id: voice for voice in choices(default_voice())}
    assert [role.lines for role in found] == [2, 1, 1, 1, 1]
    assert len({role.voice for role in found}) == 5
    assert default_voice().id not in {role.voice for role in found}
    genders = {role.name: voices[role.voice].gender for role in found}
    assert (genders["ANNA"], genders["BEN"], genders["MARIA"], genders["TOM"]) == ("female", "male", "female", "male")
    assert {role.voice.partition(":")[0] for role in found} == {"espeak"}


def test_suggestions_speak_the_language_and_last_for_any_number() -> None:
    found = roles("\n".join(f"ГОСТЬ{n}: да." for n in range(30)))
    assert len(found) == 30
    assert all(role.voice.startswith("espeak:ru") for role in found)


def test_the_estimate_counts_no_names() -> None:
    text = "Archibald Featherstonehaugh: Yes."
    names = {"Archibald Featherstonehaugh": "Emma"}
    assert estimate_seconds(text, speakers=names) == pytest.approx(estimate_seconds("Yes."))


def test_a_dialogue_of_three_sounds_like_three(say: Callable[..., Heard], median_f0: Callable[..., float]) -> None:
    text = "ANNA: The harbour wakes before us all.\nBEN: And nobody ever saw it.\n\nThe ropes are creaking in the wind."
    heard = say(text, voice="Nora", speakers={"anna": "Emma", "Ben": "Adam"})
    assert [word["word"] for word in heard.words] == (
        [
            "The",
            "harbour",
            "wakes",
            "before",
            "us",
            "all.",
            "And",
            "nobody",
            "ever",
            "saw",
            "it.",
            "The",
            "ropes",
            "are",
            "creaking",
            "in",
            "the",
            "wind.",
        ]
    )
    ends = [index for index, word in enumerate(heard.words) if word["word"] in ("all.", "it.", "wind.")]
    starts = [0, ends[0] + 1, ends[1] + 1]
    pitch = [
        median_f0(heard.between(heard.words[a]["start_s"], heard.words[b]["end_s"]), heard.rate)
        for a, b in zip(starts, ends, strict=True)
    ]
    anna, ben, nora = pitch
    assert ben < 150, pitch
    assert 180 < anna < nora, pitch
    captions = [caption["text"] for caption in json.loads((heard.folder / "captions.json").read_text())["captions"]]
    assert not any("ANNA" in caption or "BEN" in caption for caption in captions)
