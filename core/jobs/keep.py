"""Keep: every output of a job becomes an asset, all in one transaction with the job's own end, or none does."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.calls.asking import Fenced
from core.jobs.registry import Product
from core.kit.clock import new_id, now
from core.kit.words import one_line
from core.store import assets, charges, history, jobs, takes
from core.store.jobs import DONE, RUNNING, Job
from core.store.store import BLOBS, Store

KEEP_FAILED = timedelta(days=7)
"""How long the files of a failed job wait for its retry."""

_COLUMNS = {
    "duration_s", "sample_rate", "channels", "lufs", "true_peak_dbtp", "bpm", "key", "genre", "mood", "intensity",
    "instruments", "peaks", "made_as",
}  # fmt: skip


def keep(store: Store, job: Job, product: Product, draft_hours: float) -> None:
    """Idempotent as long as the files are there: a second run whose first was committed changes nothing."""
    moment = now()
    rows: list[dict[str, Any]] = []
    fresh: dict[str, str] = {}
    for output in product.outputs:
        sha256, size = store.blobs.keep(output.path)
        facts = {name: value for name, value in output.facts.items() if name in _COLUMNS}
        primary = output.role == "primary" or output.role.startswith("variant:")
        name = str(
            output.facts.get("name")
            or (product.name if primary else f"{product.name}, {output.role.replace(':', ' ')}")
        )
        fresh[output.role] = new_id("asset")
        rows.append(
            {
                "id": fresh[output.role], "kind": output.kind, "source": product.source, "name": one_line(name) or output.kind,
                "folder": product.folder, "tags": [], "favourite": False, "format": output.path.suffix.lstrip(".")[:10],
                "bytes": size, "sha256": sha256, "instruments": [], "peaks": [],
                "generation_config": dict(product.config) | dict(output.facts.get("config", {})),
                "cost_usd": Decimal(0),
                "licence": dict(product.licence), "job_id": job.id, "role": output.role, "user_id": job.user_id,
                "organisation_id": job.organisation_id, "visibility": "private", "draft": product.draft,
                "expires_at": moment + timedelta(hours=draft_hours) if product.draft else None,
                "created_at": moment, "updated_at": moment,
            }
            | facts
        )  # fmt: skip
    with store.db.shared(BLOBS) as connection:
        current = jobs.find(connection, job.id, hold=True)
        if current is not None and current.status == DONE and current.epoch == job.epoch:
            return  # committed, but the answer got lost with the connection
        if current is None or current.epoch != job.epoch or current.status != RUNNING:
            raise Fenced(job.id)
        cost = charges.settled_of(connection, job.id)
        if rows:
            rows[0]["cost_usd"] = cost
            history.made(connection, job.id, rows[0])
        for row, output in zip(rows, product.outputs, strict=True):
            assets.add(connection, row, product.sources)
            if product.take and output.role == "primary":
                takes.add(connection, row["id"], product.take)
            if not store.blobs.has(row["sha256"]):  # the last other piece with these bytes was purged just now
                store.blobs.keep(output.path)
        result = {"assets": [{"id": fresh[o.role], "role": o.role} for o in product.outputs]} | dict(product.answer)
        jobs.change(
            connection, job.id, status=DONE, stage="Done", fraction=1.0, eta_s=None, error=None, finished_at=moment,
            provider=product.provider or None,
            result=result | {"cost_usd": str(cost)},
        )  # fmt: skip


def folder_of(work: Path, job_id: str) -> Path:
    return work / job_id.replace("/", "_")


def sweep(store: Store, work: Path) -> int:
    """Remove what failed jobs left for a retry that nobody asked for within a week, and folders of no job at all."""
    removed = 0
    limit = now() - KEEP_FAILED
    for folder in work.iterdir() if work.exists() else ():
        parent, _, number = folder.name.rpartition("_")
        with store.db.read() as connection:
            job = jobs.find(connection, folder.name) or jobs.find(connection, f"{parent}/{number}")
        if job is None:
            old = folder.stat().st_mtime < limit.timestamp()
        else:
            old = job.ended and job.finished_at is not None and job.finished_at < limit
        if old:
            clear(folder)
            removed += 1
    return removed


def clear(folder: Path) -> None:
    try:
        folder.rmdir()  # ten times quicker, and all there is to do for work that left nothing
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
