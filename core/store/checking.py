"""What must hold between the tables. Every question answers the rows that break it; nothing is changed but by mend_*()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Table, and_, exists, func, inspect, not_, or_, select, union_all
from sqlalchemy.engine import Connection

from core.store import assets, attempts, blobs, charges, jobs, projects, styles, voices

DIRECT = "call_%"
"""Calls that need no job (core.calls.direct) carry an id of their own in place of one."""


_HOLDERS = (assets.table, voices.files, styles.files)


@dataclass(frozen=True)
class Broken:
    rule: str
    subject: str
    detail: str = ""


def every_rule(connection: Connection) -> Iterator[Broken]:
    for rule, found in _rules():
        for row in connection.execute(found):
            yield Broken(rule, str(row[0]), " ".join(str(part) for part in row[1:] if part is not None))


def _rules() -> list[tuple[str, Select[Any]]]:
    charge, attempt, job, asset = charges.table, attempts.table, jobs.table, assets.table
    parent = job.alias("parent")
    finished = attempt.c.status.in_((attempts.SUCCEEDED, attempts.FAILED))

    def without(column: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
        return not_(exists().where(other == column))

    by_attempt = charge.join(attempt, attempt.c.id == charge.c.attempt_id)
    return [
        ("charge_without_attempt",
         select(charge.c.id, charge.c.attempt_id).where(without(charge.c.attempt_id, attempt.c.id))),
        ("charge_without_job",
         select(charge.c.id, charge.c.job_id).where(charge.c.job_id.not_like(DIRECT), without(charge.c.job_id, job.c.id))),
        ("attempt_without_charge", select(attempt.c.id).where(without(attempt.c.id, charge.c.attempt_id))),
        ("charge_disagrees",
         select(charge.c.id, charge.c.job_id, attempt.c.job_id).select_from(by_attempt)
         .where(charge.c.job_id != attempt.c.job_id)),
        ("charge_still_held",
         select(charge.c.id, attempt.c.status).select_from(by_attempt).where(charge.c.status == charges.RESERVED, finished)),
        ("success_not_billed",
         select(charge.c.id, charge.c.status).select_from(by_attempt)
         .where(attempt.c.status == attempts.SUCCEEDED, charge.c.status != charges.SETTLED)),
        ("attempt_left_open",
         select(attempt.c.id, attempt.c.status, job.c.id, job.c.status)
         .join(job, job.c.id == attempt.c.job_id)
         .where(attempt.c.status.in_(attempts.OPEN), job.c.status.in_(jobs.ENDED))),
        ("unknown_without_attempt",
         select(job.c.id).where(
             job.c.status == jobs.UNKNOWN,
             not_(exists().where(attempt.c.job_id == job.c.id, attempt.c.status == attempts.UNKNOWN)))),
        ("ended_without_end", select(job.c.id, job.c.status).where(job.c.status.in_(jobs.ENDED), job.c.finished_at.is_(None))),
        ("done_without_result", select(job.c.id).where(job.c.status == jobs.DONE, job.c.result.is_(None))),
        ("waiting_with_worker",
         select(job.c.id, job.c.worker_id).where(job.c.status == jobs.WAITING, job.c.finished_at.is_not(None))),
        ("running_without_worker", select(job.c.id).where(job.c.status == jobs.RUNNING, job.c.worker_id.is_(None))),
        ("child_without_parent",
         select(job.c.id, job.c.parent_id).where(job.c.parent_id.is_not(None), not_(exists().where(parent.c.id == job.c.parent_id)))),
        ("child_outlives_parent",
         select(job.c.id, parent.c.id, parent.c.status).select_from(job.join(parent, parent.c.id == job.c.parent_id))
         .where(job.c.status.in_(jobs.LIVE), parent.c.status == jobs.DONE)),
        ("asset_without_job",
         select(asset.c.id, asset.c.job_id).where(asset.c.job_id.is_not(None), without(asset.c.job_id, job.c.id))),
        ("asset_of_unfinished_job",
         select(asset.c.id, job.c.id, job.c.status).join(job, job.c.id == asset.c.job_id).where(job.c.status != jobs.DONE)),
        ("asset_without_bytes", select(asset.c.id, asset.c.sha256).where(without(asset.c.sha256, blobs.table.c.sha256))),
        ("voice_file_without_bytes",
         select(voices.files.c.voice_id, voices.files.c.sha256)
         .where(without(voices.files.c.sha256, blobs.table.c.sha256))),
        ("style_file_without_bytes",
         select(styles.files.c.style_id, styles.files.c.sha256)
         .where(without(styles.files.c.sha256, blobs.table.c.sha256))),
        ("asset_size_differs",
         select(asset.c.id, asset.c.bytes, blobs.table.c.bytes).join(blobs.table, blobs.table.c.sha256 == asset.c.sha256)
         .where(asset.c.bytes != blobs.table.c.bytes)),
        ("source_of_nothing",
         select(assets.lineage.c.asset_id, assets.lineage.c.source_id).where(without(assets.lineage.c.asset_id, asset.c.id))),
        ("source_of_itself",
         select(assets.lineage.c.asset_id).where(assets.lineage.c.asset_id == assets.lineage.c.source_id)),
        ("project_without_version",
         select(projects.table.c.id, projects.table.c.version).where(not_(exists().where(and_(
             projects.versions.c.project_id == projects.table.c.id, projects.versions.c.version == projects.table.c.version))))),
        ("count_differs", _counts()),
    ]  # fmt: skip


def _held(holders: Sequence[Table] = _HOLDERS) -> Subquery:
    """(sha256, bytes, n): who holds what, counted by asking the holders themselves."""
    each = union_all(*(select(of.c.sha256, of.c.bytes) for of in holders)).subquery("holders")
    held = select(each.c.sha256, func.max(each.c.bytes).label("bytes"), func.count().label("n"))
    return held.group_by(each.c.sha256).subquery("held")


def _counts() -> Select[Any]:
    held, blob = _held(), blobs.table
    real = func.coalesce(held.c.n, 0)
    return (
        select(blob.c.sha256, blob.c.references, real)
        .select_from(blob.outerjoin(held, held.c.sha256 == blob.c.sha256))
        .where(or_(blob.c.references != real, blob.c.references <= 0))
    )


def blob_sizes(connection: Connection) -> dict[str, int]:
    """By hash, everything that is counted or that somebody names: bytes that lost their count are still somebody's."""
    # A backup may be of an older database, which has no voices or no styles.
    there = [of for of in _HOLDERS if inspect(connection).has_table(of.name)]
    held = _held(there)
    found = {str(sha256): int(size) for sha256, size in connection.execute(select(held.c.sha256, held.c.bytes))}
    counted = select(blobs.table.c.sha256, blobs.table.c.bytes)
    return found | {str(sha256): int(size) for sha256, size in connection.execute(counted)}


def users_of(connection: Connection, sha256: str) -> list[str]:
    """Ids of the assets, voices and styles that hold these bytes."""
    found = select(assets.table.c.id).where(assets.table.c.sha256 == sha256).order_by(assets.table.c.created_at)
    voiced = select(voices.files.c.voice_id).where(voices.files.c.sha256 == sha256).distinct()
    learned = select(styles.files.c.style_id).where(styles.files.c.sha256 == sha256).distinct()
    return [str(each) for asked in (found, voiced, learned) for each in connection.execute(asked).scalars()]


def job_states(connection: Connection) -> dict[str, str]:
    return {str(row.id): str(row.status) for row in connection.execute(select(jobs.table.c.id, jobs.table.c.status))}


def mend_counts(connection: Connection) -> int:
    """Reference counts as the holders say, and a blob row for bytes that have none. Call with store.BLOBS exclusive."""
    held = _held()
    counted = select(blobs.table.c.sha256)
    rowless = select(held.c.sha256, held.c.n).where(held.c.sha256.not_in(counted))
    sizes = blob_sizes(connection)
    wrong = {str(sha256): int(real) for sha256, _, real in connection.execute(_counts())}
    wrong |= {str(sha256): int(real) for sha256, real in connection.execute(rowless)}
    for sha256, real in wrong.items():
        blobs.put_right(connection, sha256, sizes[sha256], real)
    return len(wrong)
