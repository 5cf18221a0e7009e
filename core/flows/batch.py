"""A batch: many jobs as one, each on its own. One that fails takes no other with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import AccessError, MoneyError, UserError
from core.store.jobs import DONE, Job

KIND = "batch"
MAX_ITEMS = 500


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
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """`items` are {kind, request, title}, each request already checked by its own service."""
        if not 1 <= len(items) <= MAX_ITEMS:
            raise UserError(f"A batch of {len(items)} items cannot be made.", f"Give 1 to {MAX_ITEMS}.")
        return self._jobs.submit(
            actor, KIND, {"items": items}, title=title, priority=priority, idempotency_key=idempotency_key,
            cap_usd=cap_usd,
        )  # fmt: skip


def run(work: Work) -> Product:
    items = work.job.request["items"]
    children: list[Job] = []
    refused: list[dict[str, Any]] = []
    for number, item in enumerate(items, 1):
        try:
            # Numbered: a restart that comes by here again finds them instead of making them twice.
            children.append(work.child(number, item["kind"], item["request"], item["title"]))
        except (AccessError, MoneyError) as error:
            # Other work took the last of the quota meanwhile. What there was room for is made all the same.
            refused.append({"job_id": f"{work.job.id}/{number}", "status": "refused", "error": error.as_dict()})
    ended = work.wait(children)
    report = [{"job_id": child.id, "status": child.status, "error": child.error} for child in ended] + refused
    done = sum(child.status == DONE for child in ended)
    return Product(
        outputs=(), name=work.job.title, source="", config={}, licence={},
        answer={"children": report, "done": done, "failed": len(items) - done},
    )  # fmt: skip
