"""Analysis as a job: durable, shown in the queue, its report kept in the job's result."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.audio.analysis import analyse
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import StudioError, UserError
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.store.store import Store

KIND = "analyse"
TIMEOUT_S = 600.0
_SILENT_KINDS = ("captions", "midi")


class AnalyseRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_id: str
    full: bool = False


class Analysing:
    """Reports on library pieces as jobs, and on any file at once."""

    def __init__(self, store: Store, jobs: Jobs, children: Children, timeout_s: float = TIMEOUT_S) -> None:
        self._store = store
        self._jobs = jobs
        self._children = children
        self._timeout_s = timeout_s

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._run),)

    def submit(
        self,
        actor: Actor,
        asset_id: str,
        *,
        full: bool = False,
        priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:
        """A job whose report `report()` answers once it is done."""
        existing = self._jobs.before(actor, priority, idempotency_key)
        if existing is not None:
            return existing
        with self._store.db.read() as connection:
            asset = _audible(assets.get(connection, actor, asset_id))
        request = AnalyseRequest(asset_id=asset.id, full=full)
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=f"Analysis of {asset.name}", priority=priority,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def report(self, actor: Actor, job_id: str) -> dict[str, Any]:
        """The report of a job that is done; its error if it failed; UserError while there is none yet."""
        job = self._jobs.show(actor, job_id)
        if job.kind != KIND:
            raise UserError(f"Job {job.id} is no analysis.", "Give the id of an analysis job.")
        if job.status != DONE:
            raise self._jobs.failure(job) or StudioError(
                f"The report of job {job.id} is not there yet ({job.stage.lower()}).", "Ask again when it is done.",
                "not_ready",
            )  # fmt: skip
        found: dict[str, Any] = (job.result or {})["report"]
        return found

    def latest(self, actor: Actor, asset_id: str, limit: int = 60) -> Job | None:
        """The newest finished analysis of this asset among the user's recent jobs; a full one before a quick one."""
        done = self._jobs.list(actor, statuses=(DONE,), limit=limit)
        mine = [job for job in done if job.kind == KIND and job.request.get("asset_id") == asset_id]
        return next((job for job in mine if job.request.get("full")), mine[0] if mine else None)

    def reports(self, actor: Actor, asset_ids: Container[str], limit: int = 200) -> dict[str, dict[str, Any]]:
        """The newest full report of each, where there is one among the user's recent jobs."""
        found: dict[str, dict[str, Any]] = {}
        for job in self._jobs.list(actor, statuses=(DONE,), limit=limit):
            key = str(job.request.get("asset_id", ""))
            if job.kind == KIND and job.request.get("full") and key in asset_ids and key not in found:
                found[key] = (job.result or {}).get("report") or {}
        return found

    def now(
        self,
        path: str | Path,
        *,
        full: bool = False,
        expected_bpm: float | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """The report of a file on this machine, without a job. `expected_bpm`: verify this tempo."""
        found = analyse(
            path, self._children, full=full, expected_bpm=expected_bpm, progress=progress, timeout_s=self._timeout_s
        )
        return found.as_dict()

    def _run(self, work: Work) -> Product:
        request = AnalyseRequest.model_validate(work.job.request)
        with work.store.db.read() as connection:
            asset = _audible(assets.get(connection, work.actor, request.asset_id))
        found = analyse(
            work.store.blobs.path(asset.sha256), self._children, full=request.full, progress=work.progress,
            cancelled=work.cancelled, timeout_s=self._timeout_s,
        )  # fmt: skip
        report = found.as_dict() | {"asset_id": asset.id, "name": asset.name}
        return Product(
            outputs=(),
            name=asset.name,
            source="",
            config={},
            licence={},
            answer={"report": report},
            provider="essentia",
        )


def _audible(asset: Asset) -> Asset:
    if asset.duration_s is None or asset.kind in _SILENT_KINDS:
        raise UserError(f"“{asset.name}” holds no sound.", "Choose a voice, a piece of music, a mix or an upload.")
    return asset
