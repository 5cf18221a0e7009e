"""A studio with stand-ins for ElevenLabs and OpenAI, and what became of a job in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store import charges
from core.store.assets import Asset
from core.store.jobs import Job
from tests.clouds.elevenlabs import KEY as ELEVEN_KEY
from tests.clouds.elevenlabs import VOICE, ElevenLabsServer
from tests.clouds.openai import KEY, OpenaiServer

RACHEL = f"elevenlabs:{VOICE}"


@dataclass
class Desk:
    studio: Studio
    eleven: ElevenLabsServer
    openai: OpenaiServer

    def speak(self, text: str = "The harbour wakes.\n\nA rope creaks.", **values: Any) -> Job:
        job = self.studio.voice.speak(LOCAL, text=text, **values)
        return self.studio.jobs.wait(LOCAL, job.id, timeout_s=120)

    def again(self, job: Job) -> Job:
        self.studio.jobs.retry(LOCAL, job.id)
        return self.studio.jobs.wait(LOCAL, job.id, timeout_s=120)

    def piece(self, job: Job) -> Asset:
        assert job.status == "done", job.error
        return self.studio.jobs.assets(LOCAL, job.id)[0]

    def held_usd(self, job: Job) -> Decimal:
        with self.studio.store.db.read() as connection:
            return charges.held(connection, root_job_id=job.id)

    def said(self) -> list[str]:
        """What ElevenLabs was asked to say."""
        return [str(each.body["text"]) for each in self.eleven.speech]


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    with OpenaiServer() as openai, ElevenLabsServer() as eleven:
        eleven.voices[0]["labels"] = {"language": "en", "gender": "female", "accent": "american"}
        opened = build_studio(
            load_settings(
                home=home, openai_base_url=openai.url, openai_api_key=KEY, elevenlabs_url=eleven.url, elevenlabs_api_key=ELEVEN_KEY
            )
        )  # fmt: skip
        opened.ensure_worker()
        opened.voice.book.others(LOCAL)  # so that the next request is for speech
        yield Desk(opened, eleven, openai)
        opened.close()
