"""Reserve, settle, release. The reservation is the enforceable maximum, the settlement the actual bill."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now, today
from core.money.budgets import Budgets
from core.money.prices import Quote
from core.store import budgets as budget_rows
from core.store import charges


class Ledger:
    """All methods run inside the caller's exclusive 'ledger' transaction, so that the check of the caps and the row
    that counts against them are one."""

    SUBJECT = "ledger"

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets

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
            },
        )

    def settle(
        self, connection: Connection, attempt_id: str, *, actual: Quote, units: Mapping[str, Decimal], note: str = ""
    ) -> Decimal:
        """Record the bill. One above the reservation is recorded in full, blocks the provider and alerts."""
        charge = charges.by_attempt(connection, attempt_id)
        if charge is None:
            raise ValueError(f"attempt {attempt_id} was never reserved")
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
        )
        if actual.usd > charge.reserved_usd:
            reason = f"{charge.provider} billed ${actual.usd:f} where at most ${charge.reserved_usd:f} was possible."
            budget_rows.block(connection, charge.provider, reason)
            budget_rows.raise_alert(
                connection, f"overbilled:{attempt_id}", f"{reason} It is blocked until you allow it again."
            )
        if actual.usd > 0:
            self._budgets.alert(connection, charge.user_id)
        return actual.usd

    def release(self, connection: Connection, attempt_id: str) -> None:
        charge = charges.by_attempt(connection, attempt_id)
        if charge is not None and charge.status == charges.RESERVED:
            charges.change(connection, charge.id, status=charges.RELEASED)
