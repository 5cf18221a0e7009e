"""A voice of one's own at ElevenLabs, from consent to deletion, through the real worker, ledger and SDK; the service is a
stand-in written from its contract sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import Cancelled, MoneyError, NotFound, SetupError, UserError
from core.kit.settings import load_settings
from core.rights.gate import Use
from core.store import answers, charges, voices
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.voices import VoiceRow
from tests.clouds.elevenlabs import KEY, SECONDS_A_CHARACTER, VOICE, ElevenLabsServer, Fault, error
from tests.voice.cloning.conftest import Desk

TEXT = "The harbour wakes."


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def desk(home: Path, takes: list[Path], server: ElevenLabsServer) -> Iterator[Desk]:
    built = Desk(studio=None, takes=takes)  # type: ignore[arg-type]
    settings = load_settings(home=home, elevenlabs_url=server.url, elevenlabs_api_key=KEY)
    built.studio = build_studio(settings, providers=(built.local, built.parrot))
    built.studio.ensure_worker()
    yield built
    built.studio.close()


def teach(desk: Desk, voice_id: str, *engines: str) -> Job:
    return desk.ended(desk.studio.cloning.train(LOCAL, voice_id, engines or ("elevenlabs",)))


def row(desk: Desk, voice_id: str) -> VoiceRow:
    with desk.studio.store.db.read() as connection:
        found = voices.find(connection, voice_id)
    assert found is not None
    return found


def there(server: ElevenLabsServer) -> list[str]:
    return [voice["voice_id"] for voice in server.clones.there]


def say(desk: Desk, voice: VoiceRow, **values: Any) -> dict[str, Asset]:
    job = desk.ended(desk.studio.voice.speak(LOCAL, text=TEXT, voice=f"clone:{voice.id}", **values))
    assert job.status == "done", job.error
    return {asset.role or "": asset for asset in desk.studio.jobs.assets(LOCAL, job.id)}


def faults(server: ElevenLabsServer, path: str, *script: Fault) -> None:
    """For requests of this path alone, whatever else is asked before and between."""
    waiting, plain = list(script), server.answer

    def answer(asked: Any) -> Any:
        if waiting and asked.path == path and asked.method in ("POST", "DELETE"):
            fault = waiting.pop(0)
            return fault.status, fault.body, fault.headers
        return plain(asked)

    server.answer = answer  # type: ignore[method-assign]


def test_from_consent_to_deletion(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    assert server.asked == [], "a recording leaves this machine only to an engine that was named"
    job = teach(desk, made.id)
    assert job.status == "done", job.error
    (copy,) = there(server)
    voice = row(desk, made.id)
    assert voice.engines["elevenlabs"]["voice"] == copy
    with pytest.raises(UserError, match="bills what is said, and was not chosen"):
        desk.studio.voice.book.find(LOCAL, f"clone:{voice.id}")

    voice = desk.studio.cloning.edit(LOCAL, voice.id, engine="elevenlabs")
    with pytest.raises(MoneyError, match="not made unasked"):
        desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}")
    private = say(desk, voice)
    desk.studio.plans.choose("elevenlabs", "creator")
    cleared = say(desk, voice)
    heard = len(server.speech)
    assert desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}", max_usd=Decimal(1)).is_file()
    assert server.speech[heard].path == f"/v1/text-to-speech/{copy}/with-timestamps"
    spoken = [asked for asked in server.asked if asked.path.startswith("/v1/text-to-speech")]
    assert [asked.path.split("/")[3] for asked in spoken] == [copy] * 3
    piece = private["primary"]
    assert (piece.source, piece.generation_config["provider"]) == ("cloned", "elevenlabs")
    assert piece.generation_config["captions"] == "timed by the engine"
    words = json.loads(desk.studio.library.file(LOCAL, private["captions"].id).read_text())["words"]
    assert [word["word"] for word in words] == TEXT.split()
    assert words[1]["start_s"] - words[0]["start_s"] == pytest.approx(4 * SECONDS_A_CHARACTER, abs=0.02)
    with desk.studio.store.db.read() as connection:
        bills = connection.execute(charges.table.select().where(charges.table.c.kind == "speech")).mappings().all()
    assert [bill["status"] for bill in bills] == ["settled"] * 3
    assert piece.cost_usd == bills[0]["settled_usd"] > 0
    may = desk.studio.library.may
    assert not may(LOCAL, piece.id, Use("youtube", commercial=True)).allowed, "the free plan allows no commercial use"
    assert may(LOCAL, cleared["primary"].id, Use("youtube", commercial=True)).allowed

    gone = desk.studio.cloning.delete(LOCAL, voice.id)
    assert (gone.left, there(server)) == ({}, [])
    assert {asset_id for asset_id, _ in gone.remaining} >= {piece.id}


def test_other_engines_speak_when_the_service_does_not(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    assert teach(desk, made.id, "elevenlabs", "parrot").status == "done"
    voice = desk.studio.cloning.edit(LOCAL, made.id, engine="elevenlabs")
    server.limit = 3
    piece = say(desk, voice)["primary"]
    assert piece.generation_config["provider"] == "parrot"
    (told,) = piece.generation_config["failovers"]
    assert told["engine"] == "elevenlabs"
    assert "used up" in told["why"]
    assert server.used == 0


@pytest.mark.long
def test_voice_matching_speaks_when_the_copy_is_gone(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    assert teach(desk, made.id, "elevenlabs", "matching").status == "done"
    voice = desk.studio.cloning.edit(LOCAL, made.id, engine="elevenlabs")
    server.voices[:] = []
    piece = say(desk, voice, captions=False)["primary"]
    assert piece.generation_config["provider"] == "matching"
    assert "does not have this voice" in piece.generation_config["failovers"][0]["why"]


def test_learned_again_one_copy_is_left(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    teach(desk, made.id)
    first = there(server)
    teach(desk, made.id)
    assert there(server) == [row(desk, made.id).engines["elevenlabs"]["voice"]] != first
    assert "older" not in row(desk, made.id).engines["elevenlabs"]


def test_a_copy_that_could_not_be_deleted_goes_with_the_voice(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    teach(desk, made.id)
    (first,) = there(server)
    faults(server, f"/v1/voices/{first}", Fault(503, "busy"), Fault(503, "busy"))
    assert teach(desk, made.id).status == "done"
    assert row(desk, made.id).engines["elevenlabs"]["older"] == [first]
    assert len(there(server)) == 2
    left = desk.studio.cloning.delete(LOCAL, made.id).left
    assert "fault of its own" in left["elevenlabs"]
    assert there(server) == [first]
    assert desk.studio.cloning.delete(LOCAL, made.id).left == {}
    assert there(server) == []


REFUSED = {
    "a key that was revoked": (error(401, "invalid_api_key"), "does not accept the key"),
    "no permission": (error(401, "missing_permissions"), "may not do this"),
    "no plan": (error(402, "payment_required"), "clone no voice"),
    "no slot": (error(400, "voice_limit_reached"), "voice slots"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_stays_with_the_voice(desk: Desk, server: ElevenLabsServer, name: str) -> None:
    fault, said = REFUSED[name]
    faults(server, "/v1/voices/add", fault)
    made = desk.create()
    job = teach(desk, made.id)
    assert (job.status, row(desk, made.id).status, there(server)) == ("failed", "failed", [])
    assert said in (row(desk, made.id).error or {})["message"]
    assert teach(desk, made.id).status == "done"
    assert len(there(server)) == 1


@pytest.mark.parametrize("billed", [True, False], ids=["made", "not made"])
def test_a_lost_answer_makes_no_second_voice(desk: Desk, server: ElevenLabsServer, billed: bool) -> None:
    made = desk.create()
    server.script.extend([None, Fault(act="reset_read", billed=billed)])
    job = teach(desk, made.id)
    assert job.status == ("done" if billed else "failed")
    if not billed:
        assert "not known" in (row(desk, made.id).error or {})["message"]
        assert teach(desk, made.id).status == "done"
    assert there(server) == [row(desk, made.id).engines["elevenlabs"]["voice"]]


def test_a_copy_nobody_heard_of_goes_with_its_voice(desk: Desk, server: ElevenLabsServer) -> None:
    """Made, the answer lost, and the service silent when it was looked for."""
    made = desk.create()
    server.script.extend([None, Fault(act="reset_read", billed=True), Fault(500, "oops")])
    assert teach(desk, made.id).status == "failed"
    assert len(there(server)) == 1
    assert desk.studio.cloning.delete(LOCAL, made.id).left == {}
    assert there(server) == []


def test_deleted_while_it_was_learned(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    plain = server.clones.add

    def add(body: dict[str, Any]) -> Any:
        desk.studio.cloning.delete(LOCAL, made.id)
        return plain(body)

    server.clones.add = add  # type: ignore[method-assign]
    job = teach(desk, made.id)
    assert (job.status, there(server)) == ("failed", [])
    assert "deleted meanwhile" in (job.error or {})["message"]


def test_cancelled_after_the_service_learned_it(desk: Desk, server: ElevenLabsServer) -> None:
    """By another engine's lesson; what the voice had before stays."""
    made = desk.create()
    teach(desk, made.id)
    before = there(server)
    desk.local.fault = Cancelled()
    job = teach(desk, made.id, "elevenlabs", "parrot")
    assert (job.status, server.clones.made) == ("cancelled", 2)
    assert there(server) == before == [row(desk, made.id).engines["elevenlabs"]["voice"]]


def test_a_public_demo_fills_nobody_s_slots(home: Path, server: ElevenLabsServer) -> None:
    studio = build_studio(
        load_settings(home=home, STUDIO_SPACE_ID="a/studio", elevenlabs_url=server.url, elevenlabs_api_key=KEY)
    )
    ready = {learner.name: learner.ready for learner in studio.cloning.engines()}
    assert (ready["elevenlabs"], ready["matching"]) == (False, True)
    with pytest.raises(SetupError, match="public demo"):
        studio.cloning.train(LOCAL, "voice_x", ["elevenlabs"])
    studio.close()


def test_the_owner_is_told_to_prove_whose_voice_it_is(desk: Desk, server: ElevenLabsServer) -> None:
    server.clones.verify = True
    made = desk.create()
    job = teach(desk, made.id)
    assert "prove whose voice" in (job.result or {})["notices"]["elevenlabs"]
    assert "prove whose voice" in row(desk, made.id).engines["elevenlabs"]["notice"]


def test_a_new_name_is_also_the_copy_s(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    teach(desk, made.id)
    mark = server.clones.there[0]["labels"]["studio"]
    desk.studio.cloning.edit(LOCAL, made.id, name="Old man", description="deep")
    (copy,) = server.clones.there
    assert (copy["name"], copy["description"], copy["labels"]["studio"]) == ("Old man", "deep", mark)
    assert row(desk, made.id).error is None
    asked = len(server.asked)
    desk.studio.cloning.edit(LOCAL, made.id, active=False)
    assert len(server.asked) == asked


def test_the_name_here_does_not_wait_for_the_service(desk: Desk, server: ElevenLabsServer) -> None:
    made = desk.create()
    teach(desk, made.id)
    server.script.append(Fault(503, "busy"))
    edited = desk.studio.cloning.edit(LOCAL, made.id, name="Old man")
    assert edited.name == "Old man"
    assert edited.error is not None
    assert "keeps its old name" in edited.error["engines"]["elevenlabs"]["message"]
    assert desk.studio.cloning.edit(LOCAL, made.id, description="deep").error is None
    assert server.clones.there[0]["name"] == "Old man"


def test_the_gallery_shows_it_once(desk: Desk, server: ElevenLabsServer) -> None:
    server.voices.append({"voice_id": "hers", "name": "Hers", "category": "cloned"})
    made = desk.create()
    teach(desk, made.id)
    desk.studio.cloning.edit(LOCAL, made.id, engine="elevenlabs")
    (copy,) = [voice for voice in server.clones.there if voice["voice_id"] != "hers"]
    for labels in (copy["labels"], {}):  # by its label, and where somebody took that off, by its id
        copy["labels"] = labels
        desk.studio.voice.book.forget()
        with desk.studio.store.db.write() as connection:
            connection.execute(answers.table.delete())
        book = desk.studio.voice.book.others(LOCAL)
        shown = sorted(voice.id for voice in book if voice.provider == "elevenlabs")
        assert shown == sorted([f"clone:{made.id}", "elevenlabs:hers", f"elevenlabs:{VOICE}"])
        theirs = [voice.id for voice in desk.studio.voice.book.others(Actor("bob"))]
        assert sorted(theirs) == sorted(["elevenlabs:hers", f"elevenlabs:{VOICE}"]), "to others it is no voice"


def test_the_service_s_id_leads_to_the_owner_s_voice(desk: Desk, server: ElevenLabsServer) -> None:
    """And past neither the consent nor the owner."""
    made = desk.create()
    teach(desk, made.id)
    desk.studio.cloning.edit(LOCAL, made.id, engine="elevenlabs")
    (copy,) = there(server)
    assert desk.studio.voice.book.find(LOCAL, f"elevenlabs:{copy}").id == f"clone:{made.id}"
    with pytest.raises(NotFound):
        desk.studio.voice.book.find(Actor("bob"), f"elevenlabs:{copy}")
