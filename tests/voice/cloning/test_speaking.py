"""Speaking with a voice of one's own: lineage and rights, the count of uses, failover, money."""

from __future__ import annotations

from core.kit.actor import LOCAL
from core.kit.errors import ProviderError, Rejected
from core.rights import gate
from core.rights.gate import Use
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import Job
from core.voice.cloning.service import Consenting
from tests.voice.cloning.conftest import SPEAKER, WORDS, Desk


def piece(desk: Desk, job: Job) -> Asset:
    assert job.status == "done", job.error
    return desk.studio.jobs.assets(LOCAL, job.id)[0]


def test_the_piece_knows_the_voice_it_speaks_with(desk: Desk) -> None:
    voice = desk.trained()
    made = piece(desk, desk.speak(voice))
    assert made.source == "cloned"
    assert made.generation_config["voice"] == f"clone:{voice.id}"
    assert desk.parrot.asked[0].profile == voice.engines["parrot"]["profile"]
    with desk.studio.store.db.read() as connection:
        links = assets.sources_of(connection, made.id)
        found = gate.sources(connection, made)
    assert [(link.source_id, link.role, link.name) for link in links] == [(voice.id, "speaker", "Narrator")]
    assert {source.id for source in found} == {voice.id, made.id}, "the speaker's consent, and the engine's own terms"


def test_uses_are_counted_and_drafts_are_not(desk: Desk) -> None:
    voice = desk.trained()
    desk.speak(voice, draft=True)
    desk.speak(voice)
    desk.speak(voice, f"[voice clone:{voice.id}]Both[/voice] times.")
    found = desk.studio.cloning.get(LOCAL, voice.id)[0]
    assert found.usage_count == 2
    assert found.last_used_at is not None


def test_what_the_speaker_does_not_allow_is_not_cleared(desk: Desk) -> None:
    private = desk.create("Private", consent=Consenting(SPEAKER, WORDS, commercial=False))
    desk.ended(desk.studio.cloning.train(LOCAL, private.id, ["parrot"]))
    made = piece(desk, desk.speak(private))
    assert not desk.studio.library.may(LOCAL, made.id, Use("youtube", commercial=True)).allowed
    assert desk.studio.library.may(LOCAL, made.id, Use("youtube")).allowed
    assert made.licence["commercial"] is False


def test_the_engines_own_terms_count_beside_the_consent(desk: Desk) -> None:
    voice = desk.trained("Narrator", "cockatoo")
    made = piece(desk, desk.speak(voice))
    verdict = desk.studio.library.may(LOCAL, made.id, Use("web"))
    assert not verdict.allowed
    assert "no declared rights" in " ".join(verdict.reasons)


def test_another_engine_speaks_when_the_first_cannot(desk: Desk) -> None:
    voice = desk.trained("Narrator", "parrot", "cockatoo")
    desk.studio.cloning.edit(LOCAL, voice.id, engine="cockatoo")
    desk.cockatoo.faults = [Rejected("Not this text.", "Change it.")]
    made = piece(desk, desk.speak(voice))
    assert [len(desk.cockatoo.asked), len(desk.parrot.asked)] == [1, 1]
    assert desk.cockatoo.asked[0].voice == "cockatoo-1"
    told = made.generation_config["failovers"]
    assert told == [
        {"piece": 0, "engine": "cockatoo", "voice": f"clone:{voice.id}", "why": "Not this text.", "usd": "0"}
    ]
    assert made.generation_config["provider"] == "parrot"


def test_nobody_is_asked_after_what_may_have_cost_something(desk: Desk) -> None:
    voice = desk.trained("Narrator", "parrot", "cockatoo")
    desk.studio.cloning.edit(LOCAL, voice.id, engine="cockatoo")
    desk.cockatoo.faults = [ProviderError("It broke off in the middle.", "Look there.")]
    job = desk.speak(voice)
    assert job.status != "done"
    assert desk.parrot.asked == []


def test_a_voice_deleted_while_its_job_waits(desk: Desk) -> None:
    voice = desk.trained()
    desk.studio.jobs.pause(LOCAL)
    job = desk.studio.voice.speak(LOCAL, text="Good evening.", voice=f"clone:{voice.id}")
    desk.studio.cloning.delete(LOCAL, voice.id)
    desk.studio.jobs.resume(LOCAL)
    ended = desk.ended(job)
    assert ended.status == "failed"
    assert ended.error is not None
    assert "no voice" in ended.error["message"]
    assert desk.parrot.asked == []


def test_a_sample_is_spoken_anew_after_a_lesson(desk: Desk) -> None:
    voice = desk.trained()
    first = desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}")
    assert desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}") == first
    desk.studio.cloning.new_sample(LOCAL, voice.id)
    second = desk.studio.voice.preview_file(LOCAL, f"clone:{voice.id}")
    assert second != first
    assert len(desk.parrot.asked) == 2
