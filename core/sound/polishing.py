"""Polishing as a job: a voice through a sound preset, as a new piece beside the old one, with its captions."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from core.audio.voicing.polish import Polished, PolishRequest, polish
from core.audio.voicing.presets import Overrides, changed, preset
from core.audio.voicing.shifting import shifted
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.providers.base import Output
from core.rights import gate, licences
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.store import Store

KIND = "polish"
_TIMEOUT_S = 3600.0


class PolishAsked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_id: str
    preset: str
    overrides: Overrides = Field(default_factory=Overrides)


class Polishing:
    def __init__(self, store: Store, jobs: Jobs, children: Children) -> None:
        self._store = store
        self._jobs = jobs
        self._children = children

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._run),)

    def submit(
        self,
        actor: Actor,
        asset_id: str,
        name: str,
        overrides: Overrides | None = None,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:
        """`name`: of a preset. UserError for one there is not, and for what has no sound."""
        existing = self._jobs.before(actor, priority, idempotency_key)
        if existing is not None:
            return existing
        wishes = overrides or Overrides()
        chosen = changed(preset(name), wishes)
        with self._store.db.read() as connection:
            asset = _audible(assets.get(connection, actor, asset_id))
        request = PolishAsked(asset_id=asset.id, preset=chosen.name, overrides=wishes)
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=_title(asset, chosen.title), priority=priority,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def _run(self, work: Work) -> Product:
        request = PolishAsked.model_validate(work.job.request)
        with work.store.db.read() as connection:
            asset = _audible(assets.get(connection, work.actor, request.asset_id))
            origins = [source.licence for source in gate.sources(connection, asset)]
            beside = [
                each for each in assets.of_job(connection, asset.job_id or "", work.actor) if _captions(each, asset)
            ]
        out = work.folder / "polished.wav"
        done: Polished = self._children.run(
            polish, PolishRequest(work.store.blobs.path(asset.sha256), out, request.preset, request.overrides),
            progress=work.progress, cancelled=work.cancelled, timeout_s=_TIMEOUT_S,
        )  # fmt: skip
        outputs = [Output("primary", out, asset.kind, done.facts)]
        outputs += [_moved(work, each, done.shift_s, done.after.duration_s) for each in beside]
        wishes = request.overrides.model_dump(exclude_none=True)
        told = done.as_dict(request.preset) | {"overrides": wishes, "from": asset.id}
        return Product(
            outputs=tuple(outputs), name=_title(asset, preset(request.preset).title), source="mixed",
            config={"provider": "polish", "polish": told}, licence=licences.combined(origins), draft=asset.draft,
            sources=((asset.id, "voice"),), provider="polish", answer={"polish": told},
        )  # fmt: skip


def _audible(asset: Asset) -> Asset:
    if not asset.sounds:
        raise UserError(f"“{asset.name}” holds no sound.", "Choose a voice, a mix or an upload.", "no_sound")
    if asset.generation_config.get("chapters"):
        raise UserError(
            f"“{asset.name}” is a book: its marks would no longer fit.",
            "Choose the sound when the book is made.",
            "a_book",
        )
    if asset.deleted_at is not None:
        raise UserError(f"“{asset.name}” is in the bin.", "Restore it first, or choose another.")
    return asset


def _captions(each: Asset, asset: Asset) -> bool:
    movable = each.role.partition(":")[2] in ("", "srt", "vtt", "ass", "json")
    return asset.role == "primary" and each.kind == "captions" and movable and each.deleted_at is None


def _title(asset: Asset, preset_title: str) -> str:
    return f"{asset.name[:150]}, {preset_title.partition(' (')[0].lower()}"


def _moved(work: Work, captions: Asset, shift_s: float, duration_s: float) -> Output:
    source: Path = work.store.blobs.path(captions.sha256)
    ending = captions.role.partition(":")[2] or "json"
    path = work.folder / f"captions.{ending}"
    path.write_text(shifted(source.read_text(encoding="utf-8"), ending, shift_s, duration_s), encoding="utf-8")
    return Output(captions.role, path, "captions", {"duration_s": round(duration_s, 4)})
