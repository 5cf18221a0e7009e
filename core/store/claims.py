"""What a worker looks for and takes: who waits for a place, in which order, and the claim itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, exists, func, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.jobs import RUNNING, WAITING, Job, of_row, table

_HEAD = (
    select(table.c.id, table.c.user_id, table.c.resource, table.c.priority, table.c.position, table.c.epoch)
    .where(table.c.status == WAITING, table.c.resource == bindparam("resource"), table.c.paused.is_(False))
    .order_by(table.c.priority, table.c.position, table.c.id)
    .limit(bindparam("most"))
)


_CLAIM = (
    update(table)
    .where(table.c.id == bindparam("job_id"), table.c.status == WAITING)
    .values(
        status=RUNNING, stage="Starting", worker_id=bindparam("by"), epoch=bindparam("under"), started_at=bindparam("at"),
        updated_at=bindparam("at"),
    )
    .returning(table)
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """What admission needs to know of a waiting job; its request may be long."""

    id: str
    user_id: str
    resource: str
    priority: int
    position: float
    epoch: int


def candidates(
    connection: Connection, resource: str, limit: int = 500, per_user: int = 64, users: int = 200
) -> list[Candidate]:
    """The head of the queue for a resource, and the first jobs of users who have none in it: one person's ten thousand
    jobs must not hide another's one."""
    head = [Candidate(*row) for row in connection.execute(_HEAD, {"resource": resource, "most": limit})]
    if len(head) < limit:
        return head
    columns = [table.c[name] for name in Candidate.__dataclass_fields__]
    waiting = [table.c.status == WAITING, table.c.resource == resource, table.c.paused.is_(False)]
    order = (table.c.priority, table.c.position, table.c.id)
    seen = {job.user_id for job in head}
    others = connection.execute(
        select(table.c.user_id).where(*waiting, table.c.user_id.not_in(seen)).distinct().limit(users)
    ).scalars()
    for user_id in list(others):
        theirs = select(*columns).where(*waiting, table.c.user_id == user_id).order_by(*order).limit(per_user)
        head += [Candidate(*row) for row in connection.execute(theirs)]
    return head


def waiting_for(connection: Connection, resources: Sequence[str]) -> list[str]:
    """Those of these resources that some job waits for."""
    if not resources:
        return []
    found = connection.execute(_some_wait(tuple(resources))).one()
    return [resource for resource, waiting in zip(resources, found, strict=True) if waiting]


@cache
def _some_wait(resources: tuple[str, ...]) -> Select[*tuple[bool, ...]]:
    here = [table.c.status == WAITING, table.c.paused.is_(False)]
    return select(*(exists().where(*here, table.c.resource == resource) for resource in resources))


def running_by_user(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(table.c.user_id, func.count()).where(table.c.status == RUNNING).group_by(table.c.user_id)
    )
    return {str(user): int(count) for user, count in rows}


def claim(connection: Connection, job_id: str, worker_id: str, epoch: int) -> Job | None:
    """A waiting job becomes this worker's; None when somebody else was quicker."""
    values = {"job_id": job_id, "by": worker_id, "under": epoch, "at": now()}
    row = connection.execute(_CLAIM, values).mappings().first()
    return None if row is None else of_row(row)
