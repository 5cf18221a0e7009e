"""Buying a licence by hand, with the money held meanwhile: begin (reserved under every cap), then bought or not bought.

Between the two the licence stands as unknown, and covers nothing. If the studio stops in between, the reservation stays, and
shows among the calls whose outcome nobody knows: whether it was bought, a person says, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.calls.asking import NO_JOB, Ask, new_attempt
from core.calls.metered import Metered
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.kit.words import one_line
from core.licensing.entries import LicenceEntry, entry
from core.licensing.licences import Licence, Licences
from core.licensing.providers.by_hand import KIND
from core.providers.registry import Registry
from core.store import attempts, audit, charges, track_licences
from core.store.db import Database
from core.store.track_licences import ACTIVE, UNKNOWN, TrackLicence

ORDERED = "ordered, and not confirmed as bought"
MOST_ORDERS = 200
DEAREST_USD = Decimal(100_000)


class Purchases:
    def __init__(
        self, database: Database, registry: Registry, metered: Metered, licences: Licences, folder: Path
    ) -> None:
        self._db = database
        self._registry = registry
        self._metered = metered
        self._licences = licences
        self._folder = folder

    def begin(self, actor: Actor, values: LicenceEntry | Mapping[str, Any]) -> Licence:
        """Holds `price_usd` under every cap and writes the licence down as ordered. MoneyError where a cap forbids it, and
        nothing is written then. A second order of the same licence while one is open answers the first."""
        given = values if isinstance(values, LicenceEntry) else entry(values)
        given = given.model_copy(update={"price_usd": _price(given.price_usd)})
        waiting = self._waiting(actor, given)
        if waiting is not None:
            return self._licences.get(actor, waiting.id)
        provider = self._registry.get(KIND, given.provider)
        ask = self._ask(actor, given.provider, given.price_usd, self._number(actor, given))
        attempt = replace(new_attempt(ask, provider, 1), id=ask.job_id)
        self._metered.reserve(ask, provider, attempt)
        with self._db.exclusive("licence orders") as connection:
            earlier = track_licences.by_job(connection, attempt.id)
            if earlier is None:
                values = given.row() | {"state": UNKNOWN, "state_why": ORDERED, "job_id": attempt.id}
                licence_id = track_licences.add(connection, actor, values)
                audit.add(connection, actor, "licence.ordered", "licence", licence_id, usd=str(given.price_usd))
            else:
                licence_id = earlier.id
        return self._licences.get(actor, licence_id)

    def _number(self, actor: Actor, given: LicenceEntry) -> str:
        """Of the order: the same until it is settled or released, so that two presses, and a try after a crash, reserve once."""
        what = sha256(f"{actor.user_id}\n{given.provider}\n{given.track_id}".encode()).hexdigest()[:24]
        with self._db.read() as connection:
            for number in range(MOST_ORDERS):
                found = attempts.find(connection, f"order_{what}_{number}")
                if found is None or found.status in attempts.OPEN:
                    return f"order_{what}_{number}"
        raise UserError(f"This licence was ordered {MOST_ORDERS} times.", "Enter what you hold of it by hand.")

    def bought(
        self, actor: Actor, licence_id: str, *, price_usd: Decimal | None = None, certificate: str = "", code: str = ""
    ) -> Licence:
        """Books what it cost (what was expected, unless said otherwise) and makes the licence count. Said again, nothing is
        booked again."""
        row = self._ordered(actor, licence_id)
        if row.state == ACTIVE:
            return self._licences.get(actor, licence_id)
        paid = row.price_usd if price_usd is None else _price(price_usd)
        self._settle(actor, row, paid)
        with self._db.write() as connection:
            track_licences.edit(
                connection, actor, licence_id, state=ACTIVE, state_why="", price_usd=paid,
                certificate=one_line(certificate) or row.certificate, code=one_line(code, 100) or row.code,
            )  # fmt: skip
            audit.add(connection, actor, "licence.bought", "licence", licence_id, usd=str(paid))
        return self._licences.get(actor, licence_id)

    def not_bought(self, actor: Actor, licence_id: str) -> None:
        """What was held is free again, and the order is gone."""
        row = self._ordered(actor, licence_id)
        if row.state == ACTIVE:
            raise UserError("This licence was bought.", "Revoke it if it does not count any more.")
        if self._open(row):
            ask = self._ask(actor, row.provider, row.price_usd, row.job_id or "")
            self._metered.fail(ask, ask.job_id, StudioError("It was not bought.", code="not_bought"))
        self._licences.remove(actor, licence_id)

    def _waiting(self, actor: Actor, given: LicenceEntry) -> TrackLicence | None:
        with self._db.read() as connection:
            rows = track_licences.listed(connection, actor, provider=given.provider, track_id=given.track_id)
        mine = [row for row in rows if row.user_id == actor.user_id and row.state_why == ORDERED]
        return next(iter(mine), None)

    def _ordered(self, actor: Actor, licence_id: str) -> TrackLicence:
        with self._db.read() as connection:
            row = track_licences.get(connection, actor, licence_id)
        if row.job_id is None:
            raise UserError("This licence was entered, not ordered here.", "Change it under Licensing.")
        if row.user_id != actor.user_id and not actor.is_admin:
            raise UserError("Only who ordered it can say whether it was bought.", "Ask them.")
        return row

    def _open(self, row: TrackLicence) -> bool:
        with self._db.read() as connection:
            attempt = attempts.find(connection, row.job_id or "")
        return attempt is not None and attempt.status in attempts.OPEN

    def _settle(self, actor: Actor, row: TrackLicence, paid: Decimal) -> None:
        if not self._open(row):  # somebody resolved it under "outcome unknown": it is in the ledger as they said
            with self._db.read() as connection:
                charge = charges.by_attempt(connection, row.job_id or "")
            if charge is None or charge.settled_usd == 0 < paid:
                raise UserError(
                    "Its reservation was released in the meantime.", "Say that it was not bought, then order it again."
                )
            return
        provider = self._registry.get(KIND, row.provider)
        ask = self._ask(actor, row.provider, row.price_usd, row.job_id or "")
        attempt = replace(new_attempt(ask, provider, 1), id=ask.job_id)
        self._metered.settle(ask, provider, attempt, {"usd": paid}, paid, note="bought by hand")

    def _ask(self, actor: Actor, provider: str, usd: Decimal, call_id: str) -> Ask:
        return Ask(
            job_id=call_id, root_job_id=call_id, epoch=NO_JOB, actor=actor, kind=KIND, request={"usd": str(usd)},
            folder=self._folder, provider=provider,
        )  # fmt: skip


def _price(usd: Decimal) -> Decimal:
    try:
        usd = Decimal(usd)
    except (InvalidOperation, TypeError, ValueError):
        raise UserError(f"{usd!r:.40} is no price.", "Write dollars, such as 19.00.") from None
    if not usd.is_finite() or not 0 <= usd <= DEAREST_USD:
        raise UserError(f"${usd} is no price for a licence.", f"Give 0 to {DEAREST_USD:,} dollars.")
    return usd
