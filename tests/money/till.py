"""The ledger in the hands of a test: one call from reservation to bill, without jobs or providers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id
from core.money.ledger import Ledger
from core.money.plans import PlanBook
from core.store import charges
from core.store.charges import Charge

PLAN = """
- {{provider: scripted, plan: {name}, title: {name}, usd_per_month: "{fee}", allowance: {allowance}, unit: credits,
   draws: [{{kind: scripted, unit: tracks, each: "{each}"}}], beyond: {beyond},
   source: test, checked_on: 2026-11-01, valid_from: 2026-01-01}}
"""


def hold_plan(
    studio: Studio, folder: Path, *, name: str = "basic", allowance: str | None = "10", each: str = "1",
    beyond: str = "stop", fee: str = "5",
) -> None:  # fmt: skip
    """The scripted provider's plan, written to a file of the test's own and chosen from today on."""
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    quoted = "null" if allowance is None else f'"{allowance}"'
    sold = beyond if beyond in ("stop", "prices") else f'"{beyond}"'
    text = PLAN.format(name=name, fee=fee, allowance=quoted, each=each, beyond=sold)
    (folder / "plans" / f"{name}.yaml").write_text(text)
    studio.plans.book = PlanBook(folder)
    studio.plans.choose("scripted", name)


def reserve(
    studio: Studio, units: Mapping[str, int | str], *, actor: Actor = LOCAL, provider: str = "scripted",
    kind: str = "scripted", attempt_id: str = "", job_id: str = "", job_cap: Decimal | None = None,
) -> str:  # fmt: skip
    attempt_id = attempt_id or new_id("attempt")
    exact = {unit: Decimal(quantity) for unit, quantity in units.items()}
    with studio.store.db.exclusive(Ledger.SUBJECT) as connection:
        quote = studio.ledger.quote(connection, provider, kind, "default", exact)
        studio.ledger.reserve(
            connection, actor, attempt_id=attempt_id, job_id=job_id or attempt_id, root_job_id=job_id or attempt_id,
            job_cap=job_cap, provider=provider, kind=kind, model="default", units=exact, quote=quote,
        )  # fmt: skip
    return attempt_id


def settle(studio: Studio, attempt_id: str, units: Mapping[str, int | str] | None = None, **own: Any) -> Decimal:
    exact = {unit: Decimal(quantity) for unit, quantity in (units or {}).items()}
    with studio.store.db.exclusive(Ledger.SUBJECT) as connection:
        bill = studio.ledger.bill(connection, attempt_id, exact, **own)
        return studio.ledger.settle(connection, attempt_id, actual=bill, units=exact)


def release(studio: Studio, attempt_id: str) -> None:
    with studio.store.db.exclusive(Ledger.SUBJECT) as connection:
        studio.ledger.release(connection, attempt_id)


def refund(studio: Studio, attempt_id: str, usd: str, actor: Actor = LOCAL) -> Decimal:
    with studio.store.db.exclusive(Ledger.SUBJECT) as connection:
        return studio.ledger.refund(connection, actor, attempt_id, Decimal(usd), "it came out broken")


def charge(studio: Studio, attempt_id: str) -> Charge:
    with studio.store.db.read() as connection:
        found = charges.by_attempt(connection, attempt_id)
    assert found is not None
    return found


def held(studio: Studio, **scope: Any) -> Decimal:
    with studio.store.db.read() as connection:
        return charges.held(connection, **scope)
