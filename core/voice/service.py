"""Voice: speak a text, preview a voice, know how long it will take. The engine is behind the metered call."""

from __future__ import annotations

import shutil
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.kit.settings import Settings
from core.rights import licences
from core.store import preferences
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.voice.gallery import default_voice, find_voice, preview_text
from core.voice.languages import script_language
from core.voice.types import SpeechRequest, speech_request

KIND = "speech"


class Speech:
    def __init__(self, settings: Settings, store: Store, jobs: Jobs) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._previews = threading.Lock()

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", run),)

    def request(self, actor: Actor, **values: Any) -> SpeechRequest:
        """Checked: the text can be spoken, the voice exists, the markup is right; the user's own pronunciations are
        in. UserError otherwise."""
        from core.voice.pronunciation import dictionary
        from core.voice.text import parse

        own = self.pronunciations(actor)
        request = speech_request(**values)
        voice = find_voice(request.voice) if request.voice else default_voice(script_language(request.text))
        parse(request.text, voice.language)
        dictionary({**own, **request.pronunciations})
        return request.model_copy(update={"voice": voice.id, "pronunciations": {**own, **request.pronunciations}})

    def speak(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        **values: Any,
    ) -> Job:
        request = self.request(actor, **values)
        title = request.name or spoken_title(request.text)
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=title, priority=priority,
            idempotency_key=idempotency_key, cap_usd=cap_usd,
        )  # fmt: skip

    def preview_file(self, actor: Actor, voice_id: str) -> Path:
        """A cached sample of a voice; made on first listening, as a draft job like everything else."""
        voice = find_voice(voice_id)
        cached = self._settings.cache / "voices" / f"{voice.id.replace(':', '_').replace('/', '_')}.wav"
        with self._previews:
            if cached.exists():
                return cached
            job = self.speak(
                actor,
                text=preview_text(voice),
                voice=voice.id,
                draft=True,
                captions=False,
                name=f"{voice.name}, sample",
                priority="urgent",
            )
            ended = self._jobs.wait(actor, job.id, timeout_s=60)
            if ended.status != DONE:
                raise self._jobs.failure(ended) or StudioError("The preview is not ready yet.", "Is a worker running?")
            asset = self._jobs.assets(actor, job.id)[0]
            cached.parent.mkdir(parents=True, exist_ok=True)
            fresh = cached.with_suffix(".tmp")
            shutil.copyfile(self._store.blobs.path(asset.sha256), fresh)
            fresh.replace(cached)
        return cached

    def pronunciations(self, actor: Actor) -> dict[str, str]:
        with self._store.db.read() as connection:
            return dict(preferences.read(connection, "pronunciations", {}, actor.user_id))

    def set_pronunciations(self, actor: Actor, words: dict[str, str]) -> None:
        """The user's dictionary, used for every text from now on. Checked by speaking nothing with it."""
        speech_request(text="check", pronunciations=words)
        from core.voice.pronunciation import dictionary

        dictionary(words)
        with self._store.db.write() as connection:
            preferences.write(connection, "pronunciations", words, actor.user_id)


def spoken_title(text: str) -> str:
    """The first words that are heard: headings and markup are not."""
    from core.voice.text import parse

    return " ".join(" ".join(segment.text for segment in parse(text)[:3]).split())[:60]


def run(work: Work) -> Product:
    request = SpeechRequest.model_validate(work.job.request)
    voice = find_voice(request.voice)
    bought = work.buy("speech", request, provider=voice.provider)
    config = {
        "provider": bought.provider, "model": bought.model, "voice": voice.id, "voice_name": voice.name,
        "language": voice.language, "text": request.text,
        "settings": request.model_dump(mode="json", exclude={"text", "voice", "name", "draft"}),
        "seed": request.seed,
    } | dict(bought.made.facts)  # fmt: skip
    return Product(
        outputs=bought.made.outputs,
        name=request.name or spoken_title(request.text),
        source="tts",
        config=config,
        licence=licences.record(bought.licence),
        draft=request.draft,
        provider=bought.provider,
    )
