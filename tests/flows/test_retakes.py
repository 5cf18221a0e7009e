"""Sentences of a finished speech and of a book spoken anew, chosen, and laid into a new version."""

from __future__ import annotations

import json

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.rights import gate
from core.store import assets
from core.store.assets import Asset
from core.voice.retakes.wishes import Wishes
from tests.clouds.openai import OpenaiServer

SCRIPT = """# Opening

NARRATOR: The harbour wakes before the town does. Gulls argue over it.

ANNA: Who is there? I heard a boat.

# Arrival {speed: 0.9}

BEN: It is only me. I brought bread and news. Shall we eat?
"""
CAST = {"NARRATOR": "", "ANNA": "espeak:en-us+m3", "BEN": "espeak:en-us+f2"}


def made(studio: Studio, job_id: str) -> list[Asset]:
    ended = studio.jobs.wait(LOCAL, job_id, 90)
    assert ended.status == "done", ended.error
    return studio.jobs.assets(LOCAL, job_id)


def spoken(studio: Studio, text: str = SCRIPT, **values: object) -> Asset:
    values = {"speakers": CAST} | values
    return made(studio, studio.voice.speak(LOCAL, text=text, **values).id)[0]


def words(studio: Studio, asset: Asset) -> list[str]:
    beside = studio.jobs.assets(LOCAL, asset.job_id or "")
    captions = next(each for each in beside if each.role == "captions")
    return [row["word"] for row in json.loads(studio.library.file(LOCAL, captions.id).read_text())["words"]]


def test_a_sentence_is_taken_anew_compared_chosen_and_laid_in(desk: Studio) -> None:
    piece = spoken(desk)
    before = desk.library.file(LOCAL, piece.id).read_bytes()
    sheet = desk.retakes.sheet(LOCAL, piece.id)
    assert [each.text for each in sheet.passages][2:4] == ["Who is there?", "I heard a boat."]
    assert not sheet.redraws, "the embedded voice says the same words the same way"
    place = sheet.passages[3]
    parent = desk.retakes.take(LOCAL, piece.id, place.first, place.past, count=2)
    made(desk, parent.id)
    one = desk.retakes.take(
        LOCAL,
        piece.id,
        sheet.passages[6].first,
        sheet.passages[6].past,
        wishes=Wishes(words="Shall we eat some cheese?"),
    )
    made(desk, one.id)
    takes = desk.retakes.sheet(LOCAL, piece.id).takes
    assert [(each.take.number, each.take.label) for each in takes] == [
        (2, "livelier"),
        (3, "calmer"),
        (2, "other words"),
    ]
    assert len({desk.library.file(LOCAL, each.asset.id).read_bytes() for each in takes}) == 3
    assert all(each.asset.folder == "Takes" and each.asset.generation_config["take"] for each in takes)
    with pytest.raises(UserError, match="No take is chosen"):
        desk.retakes.assemble(LOCAL, piece.id)
    desk.retakes.choose(LOCAL, takes[0].asset.id)
    assert desk.retakes.choose(LOCAL, takes[1].asset.id) == [takes[1].asset.id], "one take of a passage"
    chosen = desk.retakes.choose(LOCAL, takes[2].asset.id)
    assert chosen == [takes[1].asset.id, takes[2].asset.id]
    assets = made(desk, desk.retakes.assemble(LOCAL, piece.id).id)
    new = assets[0]
    assert {each.role for each in assets} == {"primary", "captions", "captions:srt", "captions:vtt", "captions:ass"}
    assert words(desk, new)[-5:] == ["Shall", "we", "eat", "some", "cheese?"]
    assert [row["name"] for row in new.generation_config["sections"]] == ["Opening", "Arrival"]
    assert new.generation_config["text"].endswith(
        "BEN: It is only me. I brought bread and news. Shall we eat some cheese?"
    )
    assert desk.library.file(LOCAL, piece.id).read_bytes() == before, "the piece itself never changes"
    with desk.store.db.read() as connection:
        origins = {source.id for source in gate.sources(connection, new)}
    assert origins == {piece.id, takes[1].asset.id, takes[2].asset.id}
    # The new version is a speech like any other: taken anew in its turn, and spoken again from its script.
    again = desk.retakes.sheet(LOCAL, new.id)
    assert [each.text for each in again.passages][-1] == "Shall we eat some cheese?"
    assert again.takes == ()


def test_a_whole_section_in_another_manner(desk: Studio) -> None:
    piece = spoken(desk)
    found = [each for each in desk.retakes.sheet(LOCAL, piece.id).passages if each.section == "Arrival"]
    job = desk.retakes.take(LOCAL, piece.id, found[0].first, found[-1].past, wishes=Wishes(speed=0.7))
    [take] = [each for each in made(desk, job.id) if each.role == "primary"]
    was = found[-1].end_s - found[0].start_s
    assert take.duration_s is not None
    assert take.duration_s > 1.2 * was
    desk.retakes.choose(LOCAL, take.id)
    [one] = [each for each in desk.retakes.sheet(LOCAL, piece.id).takes if each.take.chosen]
    inner = desk.retakes.take(LOCAL, piece.id, found[1].first, found[1].past)
    [smaller] = [each for each in made(desk, inner.id) if each.role == "primary"]
    assert desk.retakes.choose(LOCAL, smaller.id) == [smaller.id], f"{one.asset.id} overlaps it"
    assert desk.retakes.choose(LOCAL, smaller.id, chosen=False) == []


def test_numbers_go_on_and_a_second_press_makes_nothing_twice(desk: Studio) -> None:
    piece = spoken(desk, "One sentence only.", speakers={})
    [place] = desk.retakes.sheet(LOCAL, piece.id).passages
    first = desk.retakes.take(LOCAL, piece.id, place.first, place.past, idempotency_key="press")
    assert desk.retakes.take(LOCAL, piece.id, place.first, place.past, idempotency_key="press").id == first.id
    second = desk.retakes.take(LOCAL, piece.id, place.first, place.past)
    made(desk, first.id)
    made(desk, second.id)
    assert [each.take.number for each in desk.retakes.sheet(LOCAL, piece.id).takes] == [2, 3]


def test_what_cannot_be_taken_anew_says_why(desk: Studio) -> None:
    piece = spoken(desk)
    place = desk.retakes.sheet(LOCAL, piece.id).passages[0]
    [take] = [
        each
        for each in made(desk, desk.retakes.take(LOCAL, piece.id, place.first, place.past).id)
        if each.role == "primary"
    ]
    with pytest.raises(UserError, match="is a take itself"):
        desk.retakes.sheet(LOCAL, take.id)
    bare = spoken(desk, "No captions here.", speakers={}, captions=False)
    with pytest.raises(UserError, match="no captions"):
        desk.retakes.sheet(LOCAL, bare.id)
    with pytest.raises(UserError, match="9 takes at once"):
        desk.retakes.take(LOCAL, piece.id, place.first, place.past, count=9)
    with pytest.raises(UserError, match="no take of a passage") as error:
        desk.retakes.choose(LOCAL, piece.id)
    assert "Choose one of the takes" in error.value.hint
    with pytest.raises(UserError):
        desk.retakes.take(LOCAL, piece.id, place.first, place.past, wishes=Wishes(words="[speed 9]Too fast.[/speed]"))
    stranger = Actor("stranger")
    with pytest.raises(NotFound):
        desk.retakes.sheet(stranger, piece.id)
    with pytest.raises(NotFound):
        desk.retakes.choose(stranger, take.id)
    with desk.store.db.write() as connection:
        assets.edit(connection, LOCAL, [take.id], visibility="public")
    with pytest.raises(AccessError, match="to look at"):
        desk.retakes.choose(stranger, take.id)


def test_a_take_deleted_before_the_file_is_made_is_named(desk: Studio) -> None:
    piece = spoken(desk)
    place = desk.retakes.sheet(LOCAL, piece.id).passages[0]
    [take] = [
        each
        for each in made(desk, desk.retakes.take(LOCAL, piece.id, place.first, place.past).id)
        if each.role == "primary"
    ]
    desk.retakes.choose(LOCAL, take.id)
    desk.jobs.pause(LOCAL)
    job = desk.retakes.assemble(LOCAL, piece.id)
    desk.library.bin(LOCAL, [take.id])
    desk.jobs.resume(LOCAL)
    ended = desk.jobs.wait(LOCAL, job.id, 60)
    assert ended.status == "failed"
    assert ended.error is not None
    assert "deleted meanwhile" in ended.error["message"]


def test_a_book_is_bound_again_with_a_chapter_taken_anew(desk: Studio) -> None:
    job = desk.narrations.submit(LOCAL, text=SCRIPT, speakers=CAST, title="Two Places", format="mp3")
    book = made(desk, job.id)[0]
    assert [mark["title"] for mark in book.generation_config["chapters"]] == ["Opening", "Arrival"]
    chapters = desk.retakes.chapters(LOCAL, book.id)
    place = desk.retakes.sheet(LOCAL, chapters[1].id).passages[-1]
    take = desk.retakes.take(
        LOCAL, chapters[1].id, place.first, place.past, wishes=Wishes(words="Shall we eat the bread I brought?")
    )
    [new] = [each for each in made(desk, take.id) if each.role == "primary"]
    with pytest.raises(UserError, match="No take is chosen"):
        desk.retakes.assemble(LOCAL, book.id)
    desk.retakes.choose(LOCAL, new.id)
    assets = made(desk, desk.retakes.assemble(LOCAL, book.id, name="Two Places, second print").id)
    again = assets[0]
    assert again.name == "Two Places, second print"
    marks = again.generation_config["chapters"]
    assert [mark["title"] for mark in marks] == ["Opening", "Arrival"]
    assert marks[0]["asset"] == chapters[0].id, "what was not taken anew is bound as it is"
    assert marks[1]["asset"] != chapters[1].id
    assert words(desk, again)[-7:] == ["Shall", "we", "eat", "the", "bread", "I", "brought?"]
    assert again.duration_s is not None
    assert book.duration_s is not None
    assert again.duration_s > book.duration_s + 0.5
    # The chapter's new version belongs to the book now: it can be taken anew once more.
    assert [one.id for one in desk.retakes.chapters(LOCAL, again.id)] == [mark["asset"] for mark in marks]


def test_takes_of_a_paid_voice_are_weighed_capped_and_drawn_anew(paid: Studio, server: OpenaiServer) -> None:
    piece = made(paid, paid.voice.speak(LOCAL, text="First this. Then that.", voice="openai:alloy", model="tts-1").id)[
        0
    ]
    sheet = paid.retakes.sheet(LOCAL, piece.id)
    assert sheet.redraws
    place = sheet.passages[1]
    wishes = Wishes()
    one = paid.retakes.estimate(LOCAL, piece.id, place.first, place.past, 1, wishes)
    assert one > 0
    assert paid.retakes.estimate(LOCAL, piece.id, place.first, place.past, 3, wishes) == 3 * one
    bought = len(server.requests)
    refused = paid.retakes.take(LOCAL, piece.id, place.first, place.past, count=3, cap_usd=one * 2)
    ended = paid.jobs.wait(LOCAL, refused.id, 60)
    children = paid.jobs.children(LOCAL, refused.id)
    done = [child for child in children if child.status == "done"]
    assert ended.ended
    assert len(done) <= 2
    assert paid.jobs.cost(LOCAL, refused.id) <= one * 2
    assert len(server.requests) - bought == len(done)
    asked = [request.body["input"] for request in server.requests[bought:]]
    assert asked == ["Then that."] * len(done), "only the sentence is bought"
