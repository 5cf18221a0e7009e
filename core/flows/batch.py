"""A batch: many jobs as one, each on its own. One that fails takes no other with it.

A child that failed or was cancelled is made again when the batch is resumed: its `attempt` is then lower than its
parent's. So a crash in the middle of a resumed batch makes nothing twice either.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.jobs.registry import JobKind, Product
from core.jobs.service import AGAIN, Jobs
from core.jobs.work import Work, progress_of
from core.kit.actor import Actor
from core.kit.errors import AccessError, MoneyError, NotFound, UserError
from core.store.jobs import CANCELLED, DONE, FAILED, Job, State

KIND = "batch"
MAX_ITEMS = 1000
REFUSED = "refused"
"""In a report: a cap or a quota had no room for it. Nothing was paid."""
_LOOK_S, _LOOK_PER_CHILD_S = 0.05, 0.0005
_SELDOM_S = 0.25
"""Between looks while more children work or wait than can end in that time: it is for the bar alone."""
_FEW = 4
_NO_ROOM = (MoneyError.__name__, AccessError.__name__)


class Batches:
    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", run),)

    def submit(
        self,
        actor: Actor,
        items: list[dict[str, Any]],
        *,
        title: str,
        at_once: int | None = None,
        skipped: list[dict[str, Any]] | None = None,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """`items` are {kind, request, title}, each request already checked by its own service, and `row`: its number in
        what was sent. `at_once`: how many are given to the queue at a time; the engines' own limits count besides.
        `skipped`: rows that were left out, {row, title, error}."""
        if not 1 <= len(items) <= MAX_ITEMS:
            raise UserError(f"A batch of {len(items)} items cannot be made.", f"Give 1 to {MAX_ITEMS}.")
        if at_once is not None and not 1 <= at_once <= MAX_ITEMS:
            raise UserError(f"at_once = {at_once} cannot be used.", f"Give 1 to {MAX_ITEMS}, or leave it out.")
        request: dict[str, Any] = {"items": items}
        if at_once is not None:
            request["at_once"] = at_once
        if skipped:
            request["skipped"] = skipped
        return self._jobs.submit(
            actor, KIND, request, title=title, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def resume(self, actor: Actor, job_id: str) -> Job:
        """Make again, in the same batch and under the same numbers, what failed, was refused or cancelled."""
        job = self.get(actor, job_id)
        return self._jobs.again(actor, job_id, len(job.request["items"]))

    def get(self, actor: Actor, job_id: str) -> Job:
        job = self._jobs.show(actor, job_id)
        if job.kind != KIND:
            raise NotFound(f"Job {job.id!r} is no batch.", f"Ask for it at /api/jobs/{job.id}.")
        return job


def run(work: Work) -> Product:
    items = work.job.request["items"]
    at_once = int(work.job.request.get("at_once") or len(items))
    refused: dict[int, dict[str, Any]] = {}
    ids = [f"{work.job.id}/{number}" for number in range(1, len(items) + 1)]
    while True:
        work.stop_children_if_cancelled()
        states = work.states()
        live = sum(not state.ended for state in states.values())
        opened = _open(ids, states, refused, work.job.attempt)
        for number in opened:
            if live >= at_once:
                break
            work.stop_children_if_cancelled()
            item = items[number - 1]
            try:
                # Numbered: a restart that comes by here again finds them instead of making them twice.
                if ids[number - 1] in states:
                    work.child_again(number)
                else:
                    work.child(number, item["kind"], item["request"], item["title"])
                live += 1
            except (AccessError, MoneyError) as error:
                # Other work took the last of the quota meanwhile. What there was room for is made all the same.
                refused[number] = error.as_dict()
        work.progress(*progress_of(list(states.values()), len(ids)))
        if live == 0:
            break
        # With a window there is a next one to give out soon; without, looking at a thousand is only for the bar.
        soon = bool(opened) and live >= at_once
        per_child = _LOOK_PER_CHILD_S / 5 if soon else _LOOK_PER_CHILD_S
        time.sleep(max(_LOOK_S if soon or live <= _FEW else _SELDOM_S, len(ids) * per_child))
    return _product(work, ids, refused)


def _open(ids: list[str], states: Mapping[str, State], refused: Mapping[int, Any], attempt: int) -> list[int]:
    """Numbers of what this run of the batch has not given to the queue yet."""
    found = []
    for number, child_id in enumerate(ids, 1):
        state = states.get(child_id)
        again = state is not None and state.status in AGAIN and state.attempt < attempt
        if (state is None or again) and number not in refused:
            found.append(number)
    return found


def _product(work: Work, ids: list[str], refused: Mapping[int, dict[str, Any]]) -> Product:
    rows = {row.id: row for row in work.gathered(ids)}
    report: list[dict[str, Any]] = []
    for number, child_id in enumerate(ids, 1):
        row = rows.get(child_id)
        error = refused.get(number)
        told = (
            {"status": REFUSED, "error": error} if row is None or error else {"status": fate(row), "error": row.error}
        )
        report.append({"job_id": child_id, **told})
    count = {fated: sum(each["status"] == fated for each in report) for fated in (DONE, REFUSED, CANCELLED)}
    return Product(
        outputs=(), name=work.job.title, source="", config={}, licence={},
        answer={"children": report, **count, "failed": len(report) - sum(count.values())},
    )  # fmt: skip


def fate(child: Job) -> str:
    """A child's status, told apart where a cap or quota had no room for it."""
    no_room = child.status == FAILED and (child.error or {}).get("kind") in _NO_ROOM
    return REFUSED if no_room else child.status
