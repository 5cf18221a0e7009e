"""How much a user's tier may make in a day and a month, counted and admitted in one exclusive transaction.

The person at this machine (and the studio itself) has no quota: they apply to whoever the studio serves, the users of a
team and the visitors of the demo. What lies beyond a tier's fair use costs a little per generation: reserved at submit
under every cap, settled when the job is done, released when it ended without a product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.engine import Connection

from core.kit.actor import LOCAL, SYSTEM, Actor
from core.kit.clock import today
from core.kit.errors import AccessError, SetupError
from core.kit.paths import reference
from core.money.ledger import Ledger
from core.money.periods import month_of, next_month, start_of
from core.money.prices import Quote
from core.store import charges, jobs, plans
from core.store.db import Database

PROVIDER = "studio"
"""In whose name what lies beyond fair use stands in the ledger."""
_EXEMPT = (LOCAL.user_id, SYSTEM.user_id)


class Tier(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    per_day: int | None = Field(ge=0)
    per_month: int | None = Field(ge=0)
    fair_use_month: int | None = Field(default=None, ge=0)
    usd_each: Decimal = Decimal(0)

    @field_validator("usd_each", mode="before")
    @classmethod
    def _quoted(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("write the price as a quoted decimal string")
        return value


@dataclass(frozen=True)
class QuotaState:
    """Limits and what is left; None: no limit."""

    tier: str
    applies: bool
    day_used: int
    day_limit: int | None
    day_resets_at: datetime
    month_used: int
    month_limit: int | None
    month_resets_at: datetime
    fair_use_month: int | None = None
    usd_each_beyond: Decimal = Decimal(0)

    @property
    def day_left(self) -> int | None:
        return None if self.day_limit is None else max(0, self.day_limit - self.day_used)

    @property
    def month_left(self) -> int | None:
        return None if self.month_limit is None else max(0, self.month_limit - self.month_used)

    @property
    def left(self) -> int | None:
        known = [left for left in (self.day_left, self.month_left) if left is not None]
        return min(known) if known else None


class Quotas:
    def __init__(self, database: Database, ledger: Ledger, rules: Mapping[str, Any] | None = None) -> None:
        rules = rules if rules is not None else reference("quotas")
        self._db = database
        self._ledger = ledger
        self.tiers = {str(name): Tier(**tier) for name, tier in rules["tiers"].items()}
        self._uncounted = tuple(rules.get("uncounted", ()))

    @staticmethod
    def applies(actor: Actor) -> bool:
        return actor.user_id not in _EXEMPT

    def tier(self, actor: Actor) -> Tier:
        try:
            return self.tiers[actor.tier]
        except KeyError:
            raise SetupError(
                f"There is no quota for the tier {actor.tier!r}, so nothing is made under it.",
                f"Give the user one of: {', '.join(self.tiers)}.",
                "no_tier",
            ) from None

    def state(self, actor: Actor) -> QuotaState:
        with self._db.read() as connection:
            return self._state(connection, actor, today())

    def _state(self, connection: Connection, actor: Actor, day: date) -> QuotaState:
        first = month_of(day)[0]
        spans = (start_of(day), start_of(day + timedelta(days=1))), (start_of(first), start_of(next_month(day)))
        used = [plans.generations(connection, actor.user_id, *span, self._uncounted) for span in spans]
        tier = self.tier(actor) if self.applies(actor) else Tier(per_day=None, per_month=None, usd_each="0")
        return QuotaState(
            actor.tier, self.applies(actor), used[0], tier.per_day, spans[0][1], used[1], tier.per_month, spans[1][1],
            tier.fair_use_month, tier.usd_each,
        )  # fmt: skip

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Connection]:
        """The transaction to submit in: exclusive with the ledger where a quota counts."""
        with self._db.exclusive(Ledger.SUBJECT) if self.applies(actor) else self._db.write() as connection:
            yield connection

    def admit(self, connection: Connection, actor: Actor, row: Mapping[str, Any]) -> None:
        """Before the row of a job is written, or one that had ended waits again (`attempt` above 1, which counts on the
        day it was first submitted). AccessError when the day or the month is used up, MoneyError when a cap has no room
        for what lies beyond fair use; nothing is written then."""
        if not self.applies(actor):
            return
        if row["resource"] == "flow":
            if row["attempt"] > 1:
                return  # its children are admitted again one by one
            children = row["request"].get("items") if isinstance(row["request"], Mapping) else None
            wanted = len(children) if isinstance(children, list) else 0
        else:
            wanted = 0 if row["kind"] in self._uncounted else 1
        if wanted == 0:
            return
        created: datetime = row["created_at"]
        state = self._state(connection, actor, created.date())
        _room(state, wanted)
        if row["resource"] != "flow" and state.fair_use_month is not None and state.month_used >= state.fair_use_month:
            self._charge(connection, actor, row, state.usd_each_beyond)

    def _charge(self, connection: Connection, actor: Actor, row: Mapping[str, Any], usd: Decimal) -> None:
        job_id = row["id"]
        if any(c.provider == PROVIDER and c.status == charges.RESERVED for c in charges.of_job(connection, job_id)):
            return
        root = None if row["root_id"] == job_id else jobs.find(connection, row["root_id"])
        line = {
            "unit": "generations", "quantity": "1", "usd_each": str(usd), "usd": str(usd),
            "source": f"beyond the fair use of the tier {actor.tier}", "checked_on": today().isoformat(),
        }  # fmt: skip
        self._ledger.reserve(
            connection, actor, attempt_id=f"fair-use:{job_id}:{row['attempt']}", job_id=job_id, root_job_id=row["root_id"],
            job_cap=row["cap_usd"] if root is None else root.cap_usd, provider=PROVIDER, kind=row["kind"][:20],
            model="fair-use", units={"generations": Decimal(1)}, quote=Quote(usd, (line,)),
        )  # fmt: skip

    def settle_ended(self) -> int:
        """A worker's chore: the fee of every job that has ended is settled, or released where nothing came of it. A job
        whose outcome is unknown keeps its fee reserved until a person decides."""
        with self._db.read() as connection:
            if not charges.open_of(connection, PROVIDER):
                return 0
        done = 0
        with self._db.exclusive(Ledger.SUBJECT) as connection:
            fees = charges.open_of(connection, PROVIDER)[:500]
            fates = plans.fates(connection, [fee.job_id for fee in fees])
            for fee in fees:
                fate = fates.get(fee.job_id, jobs.CANCELLED)
                if fate == jobs.DONE:
                    bill = self._ledger.bill(connection, fee.attempt_id, {})
                    self._ledger.settle(connection, fee.attempt_id, actual=bill, units={"generations": Decimal(1)})
                elif fate in (jobs.FAILED, jobs.CANCELLED):
                    self._ledger.release(connection, fee.attempt_id)
                else:
                    continue
                done += 1
        return done


def _room(state: QuotaState, wanted: int) -> None:
    for code, left, limit, resets, word in (
        ("quota_day", state.day_left, state.day_limit, state.day_resets_at, "a day"),
        ("quota_month", state.month_left, state.month_limit, state.month_resets_at, "a month"),
    ):
        if left is not None and wanted > left:
            wait = f"It begins anew on {resets:%Y-%m-%d} at 00:00 UTC."
            raise AccessError(
                f"The tier {state.tier} makes {limit} {word}, and {left} of them {'is' if left == 1 else 'are'} left"
                f"{f' where {wanted} are asked for' if wanted > 1 else ''}.",
                f"{wait} Nothing was made; whoever runs the studio can give you another tier.",
                code,
            )
