"""Reserve, settle, release, refund. The reservation is the enforceable maximum, the settlement the actual bill, at the
prices that were reserved: a price that changes while the work is under way counts from the next purchase on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now, today
from core.kit.errors import NotFound, UserError
from core.money.alerts import Alerts
from core.money.allowance import Plans, rebill
from core.money.budgets import Budgets
from core.money.prices import CURRENCY, Quote
from core.store import audit, charges
from core.store import budgets as budget_rows
from core.store.charges import Charge

Sold = tuple[str, str, str]
"""Kind, provider and model."""
_NANO = Decimal("0.000000001")


class Ledger:
    """All methods run inside the caller's exclusive 'ledger' transaction, so that the check of the caps, the count of
    an allowance and the row that counts against them are one."""

    SUBJECT = "ledger"

    def __init__(self, budgets: Budgets, plans: Plans, alerts: Alerts) -> None:
        self._budgets = budgets
        self._plans = plans
        self._alerts = alerts

    def quote(
        self, connection: Connection, provider: str, kind: str, model: str, units: Mapping[str, Decimal]
    ) -> Quote:
        """What is left of a plan first, then cash. SetupError without a price, MoneyError where a plan stops."""
        return self._plans.quote(connection, provider, kind, model, units)

    def foresee(
        self,
        connection: Connection,
        actor: Actor,
        *,
        root_job_id: str,
        job_cap: Decimal | None,
        wanted: Mapping[Sold, Mapping[str, Decimal]],
    ) -> Decimal:
        """For what is bought in parts: MoneyError before the first, when a cap has no room for the whole, which is
        answered in dollars. `wanted`: units by kind, provider and model; one plan's allowance covers all of them together.
        A promise to nobody: every part is reserved by itself all the same."""
        whole, drawn = Decimal(0), dict[str, Decimal]()
        for (kind, provider, model), units in wanted.items():
            before = drawn.get(provider, Decimal(0))
            quote = self._plans.quote(connection, provider, kind, model, units, before)
            whole, drawn[provider] = whole + quote.usd, before + (quote.plan_used or Decimal(0))
        self._budgets.check(connection, whole, root_job_id=root_job_id, user_id=actor.user_id, job_cap=job_cap)
        return whole

    def room(self, connection: Connection, actor: Actor, job_cap: Decimal | None = None) -> dict[str, Decimal]:
        """What is left under every cap, by its scope, for a new job of the actor's."""
        return self._budgets.room(connection, actor.user_id, job_cap)

    def reserve(
        self,
        connection: Connection,
        actor: Actor,
        *,
        attempt_id: str,
        job_id: str,
        root_job_id: str,
        job_cap: Decimal | None,
        provider: str,
        kind: str,
        model: str,
        units: Mapping[str, Decimal],
        quote: Quote,
    ) -> None:
        """Raises MoneyError, and writes nothing, when a cap has no room for the quote."""
        self._budgets.check(connection, quote.usd, root_job_id=root_job_id, user_id=actor.user_id, job_cap=job_cap)
        charges.add(
            connection,
            {
                "id": new_id("charge"),
                "attempt_id": attempt_id,
                "job_id": job_id,
                "root_job_id": root_job_id,
                "user_id": actor.user_id,
                "organisation_id": actor.organisation_id,
                "provider": provider,
                "kind": kind,
                "model": model,
                "units": {unit: str(quantity) for unit, quantity in units.items()},
                "status": charges.RESERVED,
                "reserved_usd": quote.usd,
                "settled_usd": Decimal(0),
                "price": {"lines": list(quote.lines)},
                "day": today(),
                "created_at": now(),
            }
            | _of_plan(quote),
        )

    def bill(
        self,
        connection: Connection,
        attempt_id: str,
        units: Mapping[str, Decimal],
        *,
        cost_usd: Decimal | None = None,
        currency: str = CURRENCY,
    ) -> Quote:
        """What was used, at the prices that were reserved; or the provider's own bill. A bill in another currency is
        not converted: the reserved maximum is billed until a person says otherwise."""
        charge = _known(connection, attempt_id)
        if charge.status == charges.SETTLED:  # booked before, and the answer to that got lost
            return Quote(charge.settled_usd, tuple(charge.price.get("lines", ())))
        own = cost_usd is not None
        if own and (currency.upper() != CURRENCY or not _sensible(cost_usd)):
            units = {}
        lines = [dict(line) for line in charge.price.get("lines", ())]
        quote = rebill(lines, units)
        if cost_usd is None:
            self._all_priced(connection, charge, lines, units)
            return quote
        if currency.upper() == CURRENCY and _sensible(cost_usd):
            line = {"usd": str(cost_usd), "source": "the provider's own bill"}
            return Quote(cost_usd, (line,), quote.plan, quote.plan_unit, quote.plan_used)
        line = {
            "usd": str(charge.reserved_usd),
            "source": f"the maximum; the provider's own bill says {cost_usd} {currency}",
        }
        self._block(
            connection, charge, f"unreadable:{attempt_id}",
            f"{charge.provider} billed {cost_usd} {currency[:20]}, which the studio cannot count.",
        )  # fmt: skip
        return Quote(charge.reserved_usd, (line,), quote.plan, quote.plan_unit, quote.plan_used)

    def settle(
        self, connection: Connection, attempt_id: str, *, actual: Quote, units: Mapping[str, Decimal], note: str = ""
    ) -> Decimal:
        """Record the bill. One above the reservation is recorded in full, blocks the provider and alerts. What was
        reserved of an allowance and not used goes back to it."""
        charge = _known(connection, attempt_id)
        if charge.status == charges.SETTLED:
            return charge.settled_usd
        price = {"lines": list(actual.lines)} | ({"note": note} if note else {})
        charges.change(
            connection,
            charge.id,
            status=charges.SETTLED,
            settled_usd=actual.usd,
            units={unit: str(quantity) for unit, quantity in units.items()},
            price=price,
            **_of_plan(actual),
        )
        if actual.usd > charge.reserved_usd:
            self._block(
                connection, charge, f"overbilled:{attempt_id}",
                f"{charge.provider} billed ${actual.usd:f} where at most ${charge.reserved_usd:f} was possible.",
            )  # fmt: skip
        elif (actual.plan_used or Decimal(0)) > (charge.plan_used or Decimal(0)):
            self._block(
                connection, charge, f"overdrawn:{attempt_id}",
                f"{charge.provider} took {actual.plan_used:f} {actual.plan_unit} where at most {charge.plan_used:f} was possible.",
            )  # fmt: skip
        if actual.usd > 0:
            self._budgets.alert(connection, charge.user_id)
            self._alerts.check(connection, charge.user_id, charge.provider, charge.kind)
        return actual.usd

    def release(self, connection: Connection, attempt_id: str) -> None:
        charge = charges.by_attempt(connection, attempt_id)
        if charge is not None and charge.status == charges.RESERVED:
            charges.change(connection, charge.id, status=charges.RELEASED)

    def refund(self, connection: Connection, actor: Actor, attempt_id: str, usd: Decimal, reason: str) -> Decimal:
        """Money that came back, as a negative row of its own on the day of the bill it belongs to: it frees the room
        that the bill took and no other day's. Never more than was settled and not yet refunded; answers what is left."""
        charge = _known(connection, attempt_id)
        if charge.status != charges.SETTLED or charge.refund_of is not None:
            raise UserError(
                f"Charge {attempt_id} was never settled, so nothing can come back.",
                "Only a bill can be refunded.",
                "no_bill",
            )
        usd = usd.quantize(_NANO, ROUND_FLOOR) if _sensible(usd) else Decimal(0)
        left = charge.settled_usd - charges.refunded(connection, attempt_id)
        if usd <= 0 or usd > left:
            raise UserError(
                f"Of this bill ${charge.settled_usd:f} was settled and ${left:f} of it can still come back.",
                f"Give an amount above 0 and up to {left:f}.", "bad_refund",
            )  # fmt: skip
        if not reason.strip():
            raise UserError("A refund needs a reason.", "Say in a few words why the money came back.", "no_reason")
        refund_id = new_id("refund")
        same = ("job_id", "root_job_id", "user_id", "organisation_id", "provider", "kind", "model", "day")
        charges.add(
            connection,
            {name: getattr(charge, name) for name in same}
            | {
                "id": new_id("charge"), "attempt_id": refund_id, "refund_of": attempt_id, "units": {},
                "status": charges.SETTLED, "reserved_usd": Decimal(0), "settled_usd": -usd, "created_at": now(),
                "price": {"lines": [{"usd": str(-usd), "source": f"refund: {reason.strip()[:200]}"}]},
            },
        )  # fmt: skip
        audit.add(
            connection, actor, "charge.refunded", "charge", attempt_id, usd=f"{usd.normalize():f}", reason=reason.strip()[:200],
            refund=refund_id,
        )  # fmt: skip
        return left - usd

    def _all_priced(
        self, connection: Connection, charge: Charge, lines: list[dict[str, str]], units: Mapping[str, Decimal]
    ) -> None:
        """None of a unit was asked for, so none was priced: an answer that bills some all the same stops the provider."""
        beyond = sorted(
            unit
            for unit in set(units) - {line.get("unit") for line in lines}
            if units[unit].is_finite() and units[unit] > 0
        )
        if beyond:
            self._block(
                connection, charge, f"unpriced:{charge.attempt_id}",
                f"{charge.provider} billed {', '.join(beyond)}, of which none was reserved.",
            )  # fmt: skip

    @staticmethod
    def _block(connection: Connection, charge: Charge, subject: str, reason: str) -> None:
        budget_rows.block(connection, charge.provider, reason)
        budget_rows.raise_alert(connection, subject, f"{reason} It is blocked until you allow it again.")


def _known(connection: Connection, attempt_id: str) -> Charge:
    charge = charges.by_attempt(connection, attempt_id)
    if charge is None:
        raise NotFound(
            f"There is no charge {attempt_id!r}.", "Give the id of a job that was billed, or of one attempt."
        )
    return charge


def _sensible(usd: Decimal | None) -> bool:
    return usd is not None and usd.is_finite() and usd >= 0


def _of_plan(quote: Quote) -> dict[str, Any]:
    if quote.plan_used is None:
        return {}
    units = {quote.plan_unit: f"{quote.plan_used:f}"}
    return {"plan": quote.plan, "plan_used": quote.plan_used, "plan_units": units}
