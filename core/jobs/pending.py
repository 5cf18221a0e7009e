"""The pending list as a whole: take it out as a file, bring it in elsewhere, empty it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.jobs.registry import JobKinds
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.store import jobs
from core.store.jobs import PRIORITIES
from core.store.store import Store

FORMAT = "creator-workbench/pending/1"


class Waiting(BaseModel):
    """One waiting job: all that is needed to submit it again."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=60)
    kind: str = Field(max_length=40)
    title: str = Field(max_length=200)
    priority: Literal["urgent", "normal", "low"] = "normal"
    request: dict[str, Any]
    cap_usd: Decimal | None = Field(default=None, ge=0)


class PendingList(BaseModel):
    """The file `studio jobs export` writes: waiting jobs in the order they would run."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["creator-workbench/pending/1"]
    jobs: list[Waiting] = Field(max_length=20_000)


class Pending:
    def __init__(self, store: Store, kinds: JobKinds, service: Jobs) -> None:
        self._store = store
        self._kinds = kinds
        self._service = service

    def export(self, actor: Actor) -> PendingList:
        names = {level: name for name, level in PRIORITIES.items()}
        with self._store.db.read() as connection:
            rows = [
                Waiting(
                    id=job.id, kind=job.kind, title=job.title, priority=names[job.priority], request=job.request,
                    cap_usd=job.cap_usd,
                )
                for job in jobs.pending(connection, actor)
            ]  # fmt: skip
        return PendingList(format=FORMAT, jobs=rows)

    def bring_in(self, actor: Actor, data: object) -> tuple[list[str], list[str]]:
        """Ids of the jobs added, and of those skipped because they are here already. Everything is checked before the
        first is added; the same list a second time adds nothing."""
        try:
            listed = PendingList.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise UserError(
                f"This is no list of waiting jobs: {where}: {first['msg']}.", "Make one with: studio jobs export FILE"
            ) from None
        for job in listed.jobs:
            self._kinds.get(job.kind)
        added: list[str] = []
        skipped: list[str] = []
        for job in listed.jobs:
            with self._store.db.read() as connection:
                here = jobs.find(connection, job.id)
            if here is not None and here.user_id == actor.user_id:
                skipped.append(job.id)
                continue
            key = f"imported:{job.id}"
            if self._service.before(actor, job.priority, key) is not None:
                skipped.append(job.id)
                continue
            try:
                made = self._service.submit(
                    actor, job.kind, _own_words(job.request), title=job.title, priority=job.priority, idempotency_key=key,
                    cap_usd=job.cap_usd,
                )  # fmt: skip
            except StudioError as error:
                raise type(error)(
                    f"{error.message} {len(added)} of {len(listed.jobs)} jobs were added before.",
                    f"{error.hint} Then bring the same list in again: what is there already is skipped.",
                    error.code,
                ) from error
            added.append(made.id)
        return added, skipped

    def cancel_all(self, actor: Actor) -> int:
        """Ends every waiting job of this user, those of batches too; running ones go on."""
        with self._store.db.write() as connection:
            return len(jobs.cancel_pending(connection, actor))


def _own_words(request: dict[str, Any]) -> dict[str, Any]:
    """Without the voices as they were found when the list was made: here they are found anew, with the rights of whoever
    brings the list in. The children of a flow too."""
    kept = {name: value for name, value in request.items() if name not in ("cast", "stand_ins")}
    if isinstance(items := kept.get("items"), list):
        kept["items"] = [
            {**item, "request": _own_words(item["request"])}
            if isinstance(item, dict) and isinstance(item.get("request"), dict)
            else item
            for item in items
        ]
    return kept
