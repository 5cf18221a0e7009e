"""Deleting a voice: what goes at once, what stays, what a withdrawn consent means for what was made."""

from __future__ import annotations

import pytest

from core.analytics.queries import open_mart
from core.care.verify import verify
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, Unavailable
from core.rights.gate import Use
from core.store import voices
from tests.voice.cloning.conftest import Desk


def test_everything_of_it_goes_and_finished_pieces_stay(desk: Desk) -> None:
    voice = desk.trained("Narrator", "parrot", "cockatoo")
    job = desk.speak(voice, "A finished piece.")
    desk.speak(voice, "A draft.", draft=True)
    sample = desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}")
    gone = desk.studio.cloning.delete(LOCAL, voice.id)
    made = desk.studio.jobs.assets(LOCAL, job.id)
    assert gone.files == 3, "two recordings and a profile"
    assert gone.remaining == tuple((asset.id, asset.name) for asset in made)
    assert gone.left == {}
    assert desk.remover.removed == ["cockatoo-1"]
    assert desk.bytes_kept() == len(made)
    assert not sample.exists()
    with pytest.raises(NotFound):
        desk.studio.cloning.get(LOCAL, voice.id)
    assert desk.studio.library.may(LOCAL, made[0].id, Use("web")).allowed, "it was made while the consent held"
    with desk.studio.store.db.read() as connection:
        left = voices.find(connection, voice.id)
    assert left is not None
    assert left.characteristics == {}


def test_a_withdrawn_consent_reaches_what_was_made(desk: Desk) -> None:
    voice = desk.trained()
    made = desk.studio.jobs.assets(LOCAL, desk.speak(voice).id)[0]
    desk.studio.cloning.delete(LOCAL, voice.id)
    desk.studio.cloning.delete(LOCAL, voice.id, withdraw=True)
    verdict = desk.studio.library.may(LOCAL, made.id, Use("web"))
    assert not verdict.allowed
    assert "withdrew" in verdict.reasons[0]
    assert desk.studio.library.may(LOCAL, made.id, Use("private")).allowed


def test_the_dashboards_know_what_the_gate_knows(desk: Desk) -> None:
    """A voice is a source beside the engine: the narrower of both counts, and a consent that was withdrawn."""
    free, narrow = desk.trained("Narrator"), desk.trained("Other", "cockatoo")
    made = {row.name: desk.studio.jobs.assets(LOCAL, desk.speak(row).id)[0].id for row in (free, narrow)}

    def commercial() -> dict[str, str]:
        desk.studio.refresh_mart()
        rows = open_mart(desk.studio.settings).sql("SELECT id, commercial FROM studio.marts.assets WHERE NOT part")
        return dict(zip(rows["id"], rows["commercial"], strict=True))

    assert commercial()[made["Narrator"]] == "yes"
    assert commercial()[made["Other"]] != "yes", "its engine forbids it"
    desk.studio.cloning.delete(LOCAL, free.id, withdraw=True)
    assert commercial()[made["Narrator"]] != "yes"


def test_a_service_that_refuses_is_named_and_asked_again(desk: Desk) -> None:
    voice = desk.trained("Narrator", "cockatoo")
    desk.remover.fault = Unavailable("It does not answer.", "Try later.")
    gone = desk.studio.cloning.delete(LOCAL, voice.id)
    assert gone.left == {"cockatoo": "It does not answer."}
    assert gone.files == 2, "what is here went all the same"
    desk.remover.fault = None
    assert desk.studio.cloning.delete(LOCAL, voice.id).left == {}
    assert desk.remover.removed == ["cockatoo-1"]


def test_bytes_shared_with_a_piece_of_the_library_stay(desk: Desk) -> None:
    asset, _ = desk.studio.importing.bring_in(LOCAL, desk.takes[0], kind="voiceover", licence_id="uploaded-own")
    voice = desk.create()
    desk.studio.cloning.delete(LOCAL, voice.id)
    assert desk.studio.store.blobs.has(asset.sha256)


def test_the_check_of_the_store_knows_voices(desk: Desk) -> None:
    desk.trained()
    assert verify(desk.studio.settings, desk.studio.store).problems == ()
