"""Templates' rows on both databases: versions, who may, uses counted with their jobs, and what was liked."""

from __future__ import annotations

import threading

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.music.templates.types import EditConflict
from core.store import assets, jobs, template_uses, templates
from core.store.jobs import DONE
from core.store.store import BLOBS
from core.store.templates import Content

CALM = Content("Rain", "", ["intro"], "", {"mood": "calm", "seconds": 5.0})
EVE = Actor("eve")


def test_versions_are_written_one_after_the_other(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        template_id = templates.add(connection, LOCAL, CALM, "Created")
        sad = Content(**CALM.__dict__ | {"fields": {"mood": "sad"}})
        assert templates.save(connection, LOCAL, template_id, 1, sad, "Sadder")
        assert not templates.save(connection, LOCAL, template_id, 1, CALM, "Too late")
    with studio.store.db.read() as connection:
        assert templates.get(connection, LOCAL, template_id).fields == {"mood": "sad"}
        assert [row.version for row in templates.history(connection, template_id)] == [2, 1]
        assert templates.version(connection, template_id, 1).content == CALM
        with pytest.raises(NotFound):
            templates.get(connection, EVE, template_id)
        assert templates.listing(connection, EVE) == []
    with studio.store.db.write() as connection:
        templates.set_visibility(connection, template_id, templates.PUBLIC)
        templates.rate(connection, EVE, template_id, 2)
        templates.rate(connection, LOCAL, template_id, 5)
        assert [row.id for row in templates.listing(connection, EVE, "public")] == [template_id]
        assert templates.rated(connection) == {template_id: (3.5, 2)}
        templates.remove(connection, template_id)
        assert templates.history(connection, template_id) == []
        assert templates.rated(connection) == {}


def test_uses_are_counted_with_their_jobs(studio: Studio) -> None:
    made = []
    for seed in (1, 2, 3):
        job = studio.templates.using.generate(LOCAL, "video-intro", {"seed": seed}, idempotency_key=f"key-{seed}").job
        sound = studio.settings.home / f"{seed}.wav"
        sound.write_bytes(str(seed).encode())
        sha256, size = studio.store.blobs.keep(sound)
        row = {
            "id": new_id("asset"), "kind": "music", "source": "ai_music", "name": "A", "folder": "", "tags": [],
            "favourite": seed == 2, "format": "wav", "bytes": size, "sha256": sha256, "instruments": [], "peaks": [],
            "generation_config": {"provider": "composer", "seed": seed}, "cost_usd": 0, "licence": {}, "job_id": job.id,
            "role": "primary", "user_id": LOCAL.user_id, "organisation_id": "", "visibility": "private",
            "draft": seed == 3, "created_at": now(), "updated_at": now(),
        }  # fmt: skip
        with studio.store.db.shared(BLOBS) as connection:
            assets.add(connection, row)
            jobs.change(connection, job.id, status=DONE, finished_at=now())
        made.append(row["id"])
    with studio.store.db.read() as connection:
        assert template_uses.totals(connection)["video-intro"] == template_uses.Uses(3, 3, 2)
        assert [one.asset_id for one in template_uses.liked(connection, "video-intro", [1])] == [made[1], made[0]]
        assert template_uses.liked(connection, "video-intro", []) == []


def test_one_key_at_once_is_one_use(studio: Studio) -> None:
    found: set[str] = set()

    def go() -> None:
        found.add(studio.templates.using.generate(LOCAL, "hold-music", idempotency_key="same").job.id)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert studio.templates.get(LOCAL, "hold-music").usage_count == 1


def test_of_edits_at_once_one_is_written(studio: Studio) -> None:
    made = studio.templates.create(LOCAL, name="Rain", fields={"mood": "calm"})
    told: list[int] = []

    def edit(bpm: int) -> None:
        try:
            studio.templates.edit(LOCAL, made.id, 1, {"fields": {"mood": "calm", "bpm": bpm}})
        except EditConflict as error:
            told.append(error.version)

    threads = [threading.Thread(target=edit, args=(80 + n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [2, 2, 2, 2]
    assert len(studio.templates.history(LOCAL, made.id)) == 2
