"""Everything ever asked for, failed and deleted too: found again, and made again.

What retention or a visitor's end took away is gone from here as well; jobs of users are kept for good."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from core.jobs.service import Jobs
from core.jobs.submitters import Submitters
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store import history_search
from core.store.history_search import FATES, ORDERS, STATUSES, Filter, Hit
from core.store.jobs import Job
from core.store.store import Store

MOST = 200
_LONGEST_WORDS = 200
_SHOWN = 300


@dataclass(frozen=True)
class Page:
    hits: tuple[Hit, ...]
    next: str
    """Send it back as `after` for the page behind this one; "" where there is none."""


class History:
    def __init__(self, store: Store, jobs: Jobs, submitters: Submitters) -> None:
        self._store = store
        self._jobs = jobs
        self._submitters = submitters

    def search(self, actor: Actor, wanted: Filter, *, order: str = "new", after: str = "", limit: int = 50) -> Page:
        """One's own; an administrator's answer holds everybody's."""
        _checked(wanted)
        if order not in ORDERS:
            raise UserError(f"There is no order {order[:40]!r}.", f"Choose one of: {', '.join(ORDERS)}.")
        if not 1 <= limit <= MOST:
            raise UserError(f"A page of {limit} is not possible.", f"Ask for 1 to {MOST}.")
        place = _opened(after, order) if after else None
        with self._store.db.read() as connection:
            hits = history_search.page(connection, actor, wanted, order=order, after=place, limit=limit + 1)
        shown = hits[:limit]
        more = len(hits) > limit
        return Page(tuple(shown), _closed(shown[-1], order) if more else "")

    def facets(self, actor: Actor, wanted: Filter) -> tuple[int, dict[str, dict[str, int]]]:
        """How many match, and of each kind, engine, status, mood, genre and fate how many would."""
        _checked(wanted)
        with self._store.db.read() as connection:
            return history_search.facets(connection, actor, wanted)

    def asked(self, actor: Actor, job_id: str, *, new_seed: bool = False) -> tuple[str, dict[str, Any]]:
        """(kind, request) as it would be sent to that kind's own door. UserError for what cannot be asked for again."""
        job = self._jobs.show(actor, job_id)
        if not job.request:
            raise UserError(
                "What this job was asked for is gone.", "It was removed with its visitor's session.", "gone"
            )
        request = self._submitters.get(job.kind).asked(job.request)
        if new_seed:
            request = _without_seeds(request)
        return job.kind, request

    def again(
        self,
        actor: Actor,
        job_id: str,
        *,
        new_seed: bool = False,
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """The same request through its own door: checked, priced and cleared as if it were asked for now, with the
        rights of whoever asks."""
        kind, request = self.asked(actor, job_id, new_seed=new_seed)
        title = self._jobs.show(actor, job_id).title
        return self._submitters.get(kind).submit(
            actor, request, idempotency_key=idempotency_key, cap_usd=cap_usd, title=title
        )


def prompt_of(hit: Hit) -> str:
    """The beginning of what was asked for: a prompt, or of a script what was to be spoken."""
    request = hit.job.request
    return str(request.get("prompt") or request.get("text") or "")[:_SHOWN]


def whole_day(day: date, *, after: bool = False) -> datetime:
    """Its beginning, or with `after` that of the next, in UTC."""
    return datetime.combine(day + timedelta(days=1 if after else 0), time(), UTC)


def _checked(wanted: Filter) -> None:
    if len(wanted.words) > _LONGEST_WORDS:
        raise UserError("That is too long to search for.", f"At most {_LONGEST_WORDS} characters.")
    for name, values, allowed in (("status", wanted.statuses, STATUSES), ("fate", wanted.fates, FATES)):
        for value in values:
            if value not in allowed:
                raise UserError(f"There is no {name} {value[:40]!r}.", f"Choose from: {', '.join(allowed)}.")
    if wanted.rating is not None and not 1 <= wanted.rating <= 5:
        raise UserError(f"There is no rating {wanted.rating}.", "Give 1 to 5 stars.")


def _without_seeds(request: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in request.items() if name != "seed"}
    if isinstance(items := kept.get("items"), list):
        kept["items"] = [{**item, "request": _without_seeds(item["request"])} for item in items]
    return kept


def _closed(hit: Hit, order: str) -> str:
    value = history_search.sort_value(hit, order)
    told = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(json.dumps([order, told, hit.job.id]).encode()).decode()


def _opened(after: str, order: str) -> tuple[Any, str]:
    try:
        of, told, job_id = json.loads(base64.urlsafe_b64decode(after.encode()))
        if of != order:
            raise ValueError("another order")
        read = {"long": float, "dear": Decimal}.get(order, datetime.fromisoformat)
        value: Any = read(told)
    except (ValueError, TypeError, ArithmeticError, binascii.Error, UnicodeError):
        raise UserError("There is no such page.", "Begin at the first again.", "bad_page") from None
    return value, str(job_id)
