"""The record of a voice: consent first, recordings checked, everything about it editable by its owner alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, RightsError, UserError
from core.voice.cloning.recordings import Recording
from core.voice.cloning.service import Consenting
from tests.voice.cloning.conftest import CONSENT, SPEAKER, WORDS, Desk

ADA, BOB = Actor("ada"), Actor("bob")


@pytest.mark.parametrize(
    "consent",
    [Consenting("", WORDS), Consenting(SPEAKER, ""), Consenting("  ", " \n ")],
    ids=["nobody", "nothing said", "blanks"],
)
def test_no_consent_no_voice(desk: Desk, consent: Consenting) -> None:
    before = desk.bytes_kept()
    with pytest.raises(RightsError, match="consented"):
        desk.create(consent=consent)
    assert desk.studio.cloning.listing(LOCAL) == []
    assert desk.bytes_kept() == before


@pytest.mark.parametrize("words", ["yes", "I, Somebody Else, agree that my voice is copied."])
def test_a_statement_has_to_be_one(desk: Desk, words: str) -> None:
    with pytest.raises(UserError) as caught:
        desk.create(consent=Consenting(SPEAKER, words))
    assert caught.value.code == "bad_consent"


def test_the_record_says_what_was_given(desk: Desk) -> None:
    row, advice = desk.studio.cloning.create(
        LOCAL, name=" Narrator ", description="warm\nand close", language="EN", consent=CONSENT,
        recordings=[Recording(path) for path in desk.takes],
    )  # fmt: skip
    assert (row.name, row.description, row.language, row.status) == ("Narrator", "warm and close", "en", "pending")
    assert row.consent["sha256"] == hashlib.sha256(WORDS.encode()).hexdigest()
    assert row.consent["speaker"] == SPEAKER
    assert row.consent["how"] == "typed"
    assert advice[0].startswith("2 samples usable")
    _, files = desk.studio.cloning.get(LOCAL, row.id)
    assert [file.name for file in files] == ["first.wav", "second.wav"]
    assert all(file.facts["usable"] and file.facts["duration_s"] > 3 for file in files)


def test_a_spoken_statement_is_kept_as_it_was_spoken(desk: Desk) -> None:
    recording = Recording(desk.takes[0], "statement.wav")
    row = desk.create(consent=replace(CONSENT, recording=recording))
    kept, path = desk.studio.cloning.recording(LOCAL, row.id, _file(desk, row.id, "consent"))
    assert row.consent["how"] == "spoken"
    assert row.consent["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() == kept.sha256
    assert path.read_bytes() == desk.takes[0].read_bytes()


def test_silence_is_no_statement(desk: Desk, tmp_path: Path) -> None:
    silent = tmp_path / "silence.wav"
    soundfile.write(silent, np.zeros(16_000 * 4, dtype=np.float32), 16_000)
    with pytest.raises(UserError, match="nobody is heard"):
        desk.create(consent=replace(CONSENT, recording=Recording(silent)))


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Emma", "emma"])
def test_names_that_cannot_be_used(desk: Desk, name: str) -> None:
    with pytest.raises(UserError) as caught:
        desk.create(name)
    assert caught.value.code == "bad_name"


def test_two_voices_of_one_name(desk: Desk) -> None:
    first = desk.create("Narrator")
    with pytest.raises(UserError, match="already"):
        desk.create("NARRATOR")
    second = desk.create("Other")
    with pytest.raises(UserError, match="already"):
        desk.studio.cloning.edit(LOCAL, second.id, name="narrator")
    assert desk.studio.cloning.edit(LOCAL, first.id, name="NARRATOR").name == "NARRATOR"
    assert desk.create("Narrator", BOB).name == "Narrator", "somebody else's is his own matter"


def test_a_file_that_is_no_recording(desk: Desk, tmp_path: Path) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("these are words")
    before = desk.bytes_kept()
    with pytest.raises(UserError, match=r"notes\.wav"):
        desk.studio.cloning.create(LOCAL, name="N", recordings=[Recording(text)], consent=CONSENT)
    assert desk.bytes_kept() == before


def test_recordings_come_and_go(desk: Desk) -> None:
    row = desk.create()
    desk.studio.cloning.add_recordings(LOCAL, row.id, [Recording(desk.takes[0], "again.wav")])
    _, files = desk.studio.cloning.get(LOCAL, row.id)
    assert [file.name for file in files] == ["first.wav", "second.wav", "again.wav"]
    held = desk.bytes_kept()
    desk.studio.cloning.remove_recording(LOCAL, row.id, files[2].id)
    assert desk.bytes_kept() == held, "the first recording has the same bytes"
    desk.studio.cloning.remove_recording(LOCAL, row.id, files[0].id)
    assert desk.bytes_kept() == held - 1
    with pytest.raises(NotFound):
        desk.studio.cloning.remove_recording(LOCAL, row.id, files[0].id)


def test_ten_recordings_are_the_most(desk: Desk) -> None:
    row = desk.create()
    with pytest.raises(UserError, match="2 recordings; 10 is the most"):
        desk.studio.cloning.add_recordings(LOCAL, row.id, [Recording(desk.takes[0])] * 9)
    with pytest.raises(UserError, match="11 recordings"):
        desk.studio.cloning.create(LOCAL, name="N", recordings=[Recording(desk.takes[0])] * 11, consent=CONSENT)


def test_who_may_see_and_change_it(desk: Desk) -> None:
    row = desk.trained("Narrator", actor=ADA)
    for act in (
        lambda: desk.studio.cloning.get(BOB, row.id),
        lambda: desk.studio.cloning.edit(BOB, row.id, name="Mine"),
        lambda: desk.studio.cloning.delete(BOB, row.id),
        lambda: desk.studio.cloning.train(BOB, row.id),
        lambda: desk.studio.cloning.add_recordings(BOB, row.id, [Recording(desk.takes[0])]),
        lambda: desk.studio.voice.speak(BOB, text="Hello.", voice=f"clone:{row.id}"),
    ):
        with pytest.raises(NotFound):
            act()
    assert desk.studio.cloning.listing(BOB) == []
    assert [each.id for each in desk.studio.cloning.listing(ADA)] == [row.id]


def test_a_team_may_speak_with_it_and_no_more(desk: Desk) -> None:
    desk.studio.access.users.add(LOCAL, "ada.one", "a password of some length")
    desk.studio.access.users.add(LOCAL, "bob.one", "a password of some length")
    people = {user.name: Actor(user.id) for user in desk.studio.access.users.list(LOCAL)}
    ada, bob = people["ada.one"], people["bob.one"]
    row = desk.trained("Narrator", actor=ada)
    team = desk.studio.access.teams.create(ada, "House")
    code, _ = desk.studio.access.teams.invite(ada, team.id)
    desk.studio.access.teams.accept(bob, code)
    desk.studio.access.sharing.share(ada, "voice", row.id, team.id)
    seen, files = desk.studio.cloning.get(bob, row.id)
    assert seen.name == "Narrator"
    assert files == [], "the recordings stay with their owner"
    assert desk.speak(row, actor=bob).status == "done"
    for act in (
        lambda: desk.studio.cloning.edit(bob, row.id, name="Mine"),
        lambda: desk.studio.access.sharing.share(bob, "voice", row.id, team.id),
    ):
        with pytest.raises(AccessError):
            act()
    with pytest.raises(NotFound):
        desk.studio.cloning.delete(bob, row.id)
    desk.studio.access.sharing.unshare(ada, "voice", row.id, team.id)
    with pytest.raises(NotFound):
        desk.studio.cloning.get(bob, row.id)


def test_switched_off_it_is_out_of_the_gallery(desk: Desk, listed: Callable[[], list[str]]) -> None:
    row = desk.trained()
    assert listed() == ["Narrator"]
    desk.studio.cloning.edit(LOCAL, row.id, active=False)
    assert listed() == []
    with pytest.raises(UserError, match="switched off"):
        desk.studio.voice.speak(LOCAL, text="Hello.", voice=f"clone:{row.id}")
    desk.studio.cloning.edit(LOCAL, row.id, active=True)
    assert desk.speak(row).status == "done"


def test_what_can_be_edited(desk: Desk) -> None:
    row = desk.trained()
    edited = desk.studio.cloning.edit(LOCAL, row.id, description="deep", language="fr", sample_text="Bonjour.")
    assert (edited.description, edited.language, edited.sample_text) == ("deep", "fr", "Bonjour.")
    assert edited.sample_version == row.sample_version + 1
    for wrong in ({"status": "trained"}, {"language": "xx-nowhere"}, {"engine": "cockatoo"}):
        with pytest.raises(UserError):
            desk.studio.cloning.edit(LOCAL, row.id, **wrong)


def test_the_list_can_be_searched(desk: Desk) -> None:
    desk.trained("Narrator")
    desk.create("Old man")
    names = lambda **filters: [row.name for row in desk.studio.cloning.listing(LOCAL, **filters)]  # noqa: E731
    assert names() == ["Old man", "Narrator"]
    assert names(status="trained") == ["Narrator"]
    assert names(search="MAN old") == ["Old man"]
    assert names(active=False) == []
    with pytest.raises(UserError, match="no status"):
        names(status="gone")


def _file(desk: Desk, voice_id: str, role: str) -> str:
    _, files = desk.studio.cloning.get(LOCAL, voice_id)
    return next(file.id for file in files if file.role == role)
