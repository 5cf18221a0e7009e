"""Three people, two of them in a team, and cheap ways to a template and to a piece that was made with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher

from core.access.access import open_access
from core.access.passwords import Passwords
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id, now
from core.music.templates.desk import TemplateDesk
from core.music.templates.types import Template
from core.rights import licences
from core.store import assets, jobs
from core.store.jobs import DONE, Job
from core.store.store import BLOBS
from tests.access.conftest import actor

CALM = {"mood": "calm", "genre": "ambient", "bpm": 76, "seconds": 5}


@dataclass
class House:
    """Ada and Bob are in one team, she its owner, he an editor; Eve is in none."""

    ada: Actor
    bob: Actor
    eve: Actor
    team_id: str


@pytest.fixture
def desk(studio: Studio) -> TemplateDesk:
    return studio.templates


@pytest.fixture
def house(studio: Studio) -> House:
    studio.access = open_access(studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    _, ada, bob, eve = (actor(studio.access, name) for name in ("root", "ada", "bob", "eve"))  # the first administers
    team = studio.access.teams.create(ada, "House")
    code, _ = studio.access.teams.invite(ada, team.id, role="editor")
    studio.access.teams.accept(bob, code)
    return House(ada, bob, eve, team.id)


@pytest.fixture
def calm(desk: TemplateDesk) -> Callable[..., Template]:
    def make(by: Actor = LOCAL, name: str = "Rain", **fields: Any) -> Template:
        return desk.create(by, name=name, fields=CALM | fields, use_cases=["background"])

    return make


@pytest.fixture
def finish(studio: Studio) -> Callable[..., str]:
    """As if a worker had made the job's piece: the rows it leaves, without its seconds of work."""

    def ended(job: Job, *, kept: bool = True, draft: bool = False, **facts: Any) -> str:
        asset_id, moment = new_id("asset"), now()
        config = {"provider": "composer", "model": "composer", "seed": job.request["seed"]} | facts.pop("config", {})
        sound = studio.settings.home / f"{asset_id}.wav"
        sound.write_bytes(asset_id.encode())
        sha256, size = studio.store.blobs.keep(sound)
        row = {
            "id": asset_id, "kind": "music", "source": "ai_music", "name": job.title, "folder": "", "tags": [],
            "favourite": False, "format": "wav", "bytes": size, "sha256": sha256, "instruments": [], "peaks": [],
            "generation_config": config, "cost_usd": 0, "licence": licences.record("own-work"), "job_id": job.id, "role": "primary",
            "user_id": job.user_id, "organisation_id": "", "visibility": "private", "draft": draft,
            "deleted_at": None if kept else moment, "created_at": moment, "updated_at": moment,
        } | facts  # fmt: skip
        with studio.store.db.shared(BLOBS) as connection:
            assets.add(connection, row)
            jobs.change(connection, job.id, status=DONE, finished_at=moment)
        return asset_id

    return ended
