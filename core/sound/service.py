"""Sound: mix a project, or measure a file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import NotFound, UserError
from core.rights import gate, licences
from core.sound import planning
from core.sound.projects import Projects, settings_of_voice_over_music, silent, voice_over_music
from core.sound.providers.mixer import RenderRequest
from core.sound.sounding import heard
from core.sound.types import Document, MixRequest, Track
from core.store import assets, projects
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.store import Store

KIND = "mix"


class Sound:
    def __init__(self, store: Store, jobs: Jobs, projects: Projects) -> None:
        self._store = store
        self._jobs = jobs
        self._projects = projects

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", run),)

    def voice_over_music(
        self,
        actor: Actor,
        voice_ids: list[str],
        music_id: str | None,
        *,
        name: str = "",
        stems: bool = True,
        draft: bool = False,
        priority: str = "normal",
        idempotency_key: str | None = None,
        **settings: Any,
    ) -> Job:
        """Make a project of the parts and render it. `settings` as in projects.voice_over_music."""
        existing = self._jobs.before(actor, priority, idempotency_key)
        if existing is not None:
            return existing
        unknown = sorted(set(settings) - settings_of_voice_over_music())
        if unknown:
            raise UserError(
                f"A mix has no setting {unknown[0]!r}.", f"It has: {', '.join(sorted(settings_of_voice_over_music()))}."
            )
        if not voice_ids and music_id is None:
            raise UserError("There is nothing to mix.", "Choose a voice, a music track, or both.")
        with self._store.db.read() as connection:
            voices = [assets.get(connection, actor, each) for each in voice_ids]
            music = None if music_id is None else assets.get(connection, actor, music_id)
        title = name or " over ".join(asset.name for asset in [*voices[:1], *([music] if music else [])])
        row = self._projects.create(actor, title, voice_over_music(voices, music, **settings))
        return self.render(
            actor, row.id, row.version, name=title, stems=stems, draft=draft, priority=priority,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def render(
        self,
        actor: Actor,
        project_id: str,
        version: int | None = None,
        *,
        name: str = "",
        stems: bool = True,
        draft: bool = False,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """RightsError for a final render of what is not cleared for the use planned for it; a draft names what is missing."""
        existing = self._jobs.before(actor, priority, idempotency_key)
        if existing is not None:
            return existing
        row, document = self._projects.open(actor, project_id, version)
        if not heard(document):
            raise UserError(f"Project {row.name!r} has nothing that sounds.", "Add a clip, or unmute a track.")
        with self._store.db.read() as connection:
            planning.cleared(connection, actor, row.id, row.name, document, draft=draft)
        request = MixRequest(project_id=row.id, version=version or row.version, name=name, stems=stems, draft=draft)
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=name or row.name, priority=priority,
            idempotency_key=idempotency_key, cap_usd=cap_usd,
        )  # fmt: skip


def run(work: Work) -> Product:
    request = MixRequest.model_validate(work.job.request)
    with work.store.db.read() as connection:
        row = projects.get(connection, work.actor, request.project_id)
        document = Document.model_validate(projects.document(connection, row.id, request.version))
        used = {
            clip.asset_id: (_there(connection, work.actor, clip.asset_id, track), track.role)
            for track in heard(document)
            for clip in track.clips
        }
        # Again: a licence may have ended while the job stood in the queue.
        plan = planning.cleared(connection, work.actor, row.id, row.name, document, draft=request.draft)
        tracks = _with_sound(heard(document), {key for key, (asset, _) in used.items() if silent(asset)})
        origins = [source.licence for asset, _ in used.values() for source in gate.sources(connection, asset)]
    loopable = {key for key, (asset, _) in used.items() if asset.generation_config.get("settings", {}).get("loopable")}
    bought = work.buy(
        "mix",
        RenderRequest(
            tracks=tracks,
            files={
                key: str(work.store.blobs.path(asset.sha256)) for key, (asset, _) in used.items() if not silent(asset)
            },
            loudness=document.loudness,
            length_s=document.length_s,
            stems=request.stems,
            loopable=frozenset(loopable),
        ),
    )
    config = {
        "provider": bought.provider, "model": bought.model, "project": row.id, "version": request.version,
        "settings": document.model_dump(mode="json"),
    } | dict(bought.made.facts) | plan  # fmt: skip
    return Product(
        outputs=bought.made.outputs,
        name=request.name or row.name,
        source="mixed",
        config=config,
        licence=licences.combined(origins),
        sources=tuple((key, role) for key, (_, role) in used.items()),
        draft=request.draft,
        provider=bought.provider,
        answer={"project_id": row.id, "version": request.version} | plan,
    )


def _there(connection: Any, actor: Actor, asset_id: str, track: Track) -> Asset:
    try:
        return assets.get(connection, actor, asset_id)
    except NotFound:
        raise UserError(
            f"A sound on track {track.name!r} is gone ({asset_id}).",
            "Delete or mute its clip on the time line.",
            "asset_gone",
        ) from None


def _with_sound(tracks: tuple[Track, ...], silent_ids: set[str]) -> tuple[Track, ...]:
    kept = (
        track.model_copy(update={"clips": tuple(clip for clip in track.clips if clip.asset_id not in silent_ids)})
        for track in tracks
    )
    found = tuple(track for track in kept if track.clips)
    if not found:
        raise UserError("There is only a film without sound.", "Add music or a voice.", "nothing_sounds")
    return found
