"""A studio in which something of every kind belongs to one person: what every route is tried on."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from core.access.access import open_access
from core.access.passwords import Passwords
from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import new_id
from core.kit.errors import NotFound
from core.licensing.catalogue import KIND as CATALOGUE
from core.licensing.playlists.types import Ref
from core.licensing.searching import OWN
from core.music.styles.profile import profile
from core.rights import consent
from core.sound.projects import document
from core.store import assets, clips, styles, templates, trials, voices, webhooks
from core.store.assets import Asset
from core.store.store import BLOBS
from core.video.types import Features
from tests import scripted
from tests.access.conftest import actor
from tests.flows.clips_apart import RULE
from tests.library.sounds import bring
from tests.licensing.scripted_catalogue import ScriptedCatalogue

MARK = "harbour-secret"
"""In the name of everything that is Ada's: wherever others find it, something leaked."""

SCENE = {
    "first_frame": 0, "frames": 300, "opened": "start", "confidence": 0.5, "why": "little happens",
    "features": dict.fromkeys(Features.model_fields, 0.1),
}  # fmt: skip


class House:
    """A studio with sign-in required, its whole app with the page, and three people with a token each."""

    def __init__(self, folder: Path) -> None:
        from ui_gradio.app import build

        self.studio: Studio = scripted.build(folder / "home", require_sign_in=True, allow_private_urls=True)
        for info in self.studio.registry.known(CATALOGUE):  # nothing here is for the network
            self.studio.registry.switch(CATALOGUE, info.name, on=info.name == OWN)
        self.studio.registry.add(ScriptedCatalogue("listed"))
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.studio.access = access = open_access(self.studio.store, Passwords(hasher))
        self.people = {name: actor(access, name) for name in ("root", "ada", "bob", "eve")}
        self.keys = {name: access.tokens.create(who, "test")[0] for name, who in self.people.items()}
        self.app: FastAPI = build(self.studio)
        self.client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)
        self.sound = bring(self.studio, folder, MARK, actor=self.ada, licence_id="uploaded-own")
        self._token = self._preset = ""

    @property
    def ada(self) -> Actor:
        return self.people["ada"]

    def ask(self, who: str, route: str, things: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        method, _, path = route.partition(" ")
        headers = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        sent = json.loads(filled(json.dumps(body), things)) if method in ("POST", "PUT", "PATCH") else None
        return self.client.request(method, filled(path, things), json=sent, headers=headers)

    def things(self) -> dict[str, str]:
        """Fresh ones of Ada's, so that no test finds what another has changed."""
        asset = self._copy(self.sound)
        track = [{"name": "A", "role": "music", "clips": [{"asset_id": asset}]}]
        project = self.studio.projects.create(self.ada, f"{MARK} project", document(tracks=track))
        job = self.studio.jobs.submit(self.ada, "speech", {"text": MARK}, title=f"{MARK} job")
        access = self.studio.access
        team = access.teams.create(self.ada, f"{MARK} team")
        _, invitation = access.teams.invite(self.ada, team.id)
        with suppress(NotFound):  # there is a most of them
            access.tokens.revoke(self.ada, self._token)
        _, token = access.tokens.create(self.ada, f"{MARK} token")
        self._token = token.id
        presets = self.studio.voice.presets
        with suppress(NotFound):
            presets.delete(self.ada, self._preset)
        self._preset = presets.create(self.ada, f"{MARK} preset {asset}", {"voice": "en-gb"}).id
        with self.studio.store.db.write() as connection:
            trial_id = new_id("trial")
            trials.add(connection, self.ada, trial_id, name=f"{MARK} trial", job_id=job.id, base={}, axes={"bpm": [90, 120]},
                       variants=[{"bpm": 90}, {"bpm": 120}], salt=MARK)  # fmt: skip
            hook = {"id": new_id("webhook"), "user_id": self.ada.user_id, "url": f"http://127.0.0.1:9/{MARK}",
                    "events": ["job.done"], "secret": "", "active": True}  # fmt: skip
            webhooks.add(connection, hook)
        for old, _ in self.studio.schedules.list(self.ada):  # there is a most of them
            self.studio.schedules.delete(self.ada, old.id)
        planned = self.studio.schedules.add(
            self.ada, kind="music", request={"prompt": MARK, "seconds": 3}, title=f"{MARK} schedule", cron="0 9 1 1 *"
        )
        for shown in self.studio.automations.list(self.ada):
            self.studio.automations.delete(self.ada, shown.rule.id)
        automation = self.studio.automations.create(self.ada, **RULE | {"name": f"{MARK} rule"})
        cloned, file = self._voice(team.id)
        clip_id, scene_id = self._clip(asset)
        template, comment = self._template(asset)
        licence = self.studio.licences.add(
            self.ada,
            {"provider": "listed", "track_id": asset, "title": f"{MARK} track", "certificate": f"{MARK} paper"},
        )
        shelf = self.studio.playlists
        favourite, _ = shelf.favourites.add(self.ada, "library", asset, notes=MARK)
        playlist, _ = shelf.create(self.ada, name=f"{MARK} playlist", tracks=[Ref("library", asset)])
        return {
            "licence_id": licence.id,
            "favourite_id": favourite.id, "playlist_id": playlist.id,
            "clip_id": clip_id, "scene_id": scene_id, "sceneId": scene_id,
            "style_id": self._style(asset), "template_id": template, "comment_id": comment, "cloned_id": cloned, "file_id": file, "schedule_id": planned.id, "automation_id": automation.id,
            "asset_id": asset, "subject_id": asset, "noun": "asset", "file": asset, "project_id": project.id,
            "version": "1", "job_id": job.id, "team_id": team.id, "invitation_id": invitation.id,
            "user_id": self.ada.user_id, "name": "ada", "token_id": token.id, "preset_id": self._preset, "trial_id": trial_id, "letter": "A", "webhook_id": str(hook["id"]),
            "voice_id": "espeak:en-us", "model": "tts-1", "rest": "nowhere", "provider": "listed",
        }  # fmt: skip

    def _voice(self, word: str) -> tuple[str, str]:
        """A voice that can speak, and a recording of it."""
        sha256, size = self.studio.store.blobs.keep(self.studio.library.file(self.ada, self.sound.id))
        agreed = consent.given("Ada", "I, Ada, agree to this voice.", commercial=True, recorded_by=self.ada.user_id)
        facts = {
            "usable": True,
            "duration_s": 6.0,
            "speech_s": 5.0,
            "score": 1.0,
            "cleaned": [],
            "report": {"checks": []},
        }
        with self.studio.store.db.shared(BLOBS) as connection:
            learned = {"matching": {"profile": sha256, "learned_at": "2026-11-21", "recordings": 1}}
            voice_id = voices.add(
                connection, self.ada, name=f"{MARK} {word}", description="", language="en", consent=agreed.as_dict(),
                licence=agreed.licence(), sample_text="Hello.", status=voices.TRAINED, engines=learned,
            )  # fmt: skip
            return voice_id, voices.put(connection, voice_id, "reference", f"{MARK}.wav", sha256, size, facts)

    def _clip(self, asset_id: str) -> tuple[str, str]:
        with self.studio.store.db.write() as connection:
            clip_id, (scene_id,) = clips.add(
                connection,
                {"asset_id": asset_id, "name": f"{MARK} film", "job_id": asset_id, "seconds": 12.0,
                 "facts": {"seconds": 12.0, "fps": 25.0, "width": 64, "height": 36}, "user_id": self.ada.user_id,
                 "organisation_id": self.ada.organisation_id},
                [({"number": 1, "start_s": 0.0, "end_s": 12.0, "type": "calm", "facts": SCENE}, b"\xff\xd8")],
            )  # fmt: skip
            return clip_id, scene_id

    def _style(self, word: str) -> str:
        with self.studio.store.db.write() as connection:
            return styles.add(
                connection, self.ada, name=f"{MARK} {word}", profile=profile([]), rights={}, sources=[], engines={}, job_id=word,
            )  # fmt: skip

    def _template(self, word: str) -> tuple[str, str]:
        """A private one, and a comment from a time when it was shared."""
        desk = self.studio.templates
        made = desk.create(self.ada, name=f"{MARK} {word}", fields={"mood": "calm", "seconds": 3})
        with self.studio.store.db.write() as connection:
            return made.id, templates.comment(connection, self.ada, made.id, MARK).id

    def _copy(self, asset: Asset) -> str:
        with self.studio.store.db.write() as connection:
            row = dict(connection.execute(select(assets.table).where(assets.table.c.id == asset.id)).mappings().one())
            copy = new_id("asset")
            connection.execute(insert(assets.table).values(**row | {"id": copy}))
        return copy


def filled(text: str, things: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: things.get(found[1], "x"), text)
