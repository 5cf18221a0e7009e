"""The metered call: the only way anything is bought or made.

route → permit → quote → reserve → intent → call → settle, one row per attempt. The row is written before the step it
announces, so that after a crash it is known how far things got. Every transaction on the way checks that the job is
still ours (its epoch): a worker that was frozen, replaced and thawed stops here instead of paying again.
"""

from __future__ import annotations

import random
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy.engine import Connection

from core.calls import attempts as past
from core.calls.asking import NO_JOB, Ask, Bought, Fenced, new_attempt
from core.calls.permits import permit
from core.kit.children import Children
from core.kit.clock import now
from core.kit.errors import (
    Cancelled,
    MoneyError,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    StudioError,
    Unavailable,
)
from core.kit.patience import patiently
from core.money.allowance import PLAN_STOP
from core.money.ledger import Ledger
from core.money.prices import CURRENCY, Quote
from core.providers.base import Call, JobProvider, Made, MakeProvider, Provider, ProviderInfo, Units
from core.providers.registry import Registry
from core.store import attempts, charges, jobs
from core.store.attempts import Attempt
from core.store.db import Database
from core.store.files import Blobs

TRIES = 3
"""Tries at one provider, and only after errors known to have cost nothing."""
LONGEST_WAIT_S = 90.0


class Metered:
    def __init__(
        self, db: Database, registry: Registry, ledger: Ledger, children: Children, cache: Path,
        shared: Blobs | None = None,
    ) -> None:  # fmt: skip
        """`shared`: where several machines find each other's files. What was paid for goes there before it is settled,
        so that a machine that dies between paying and keeping takes nothing with it."""
        self._shared = shared
        self._db = db
        self._registry = registry
        self._ledger = ledger
        self._children = children
        self._cache = cache

    def buy(self, ask: Ask) -> Bought:
        """Make it, or find that it was already made. Raises MoneyError, SetupError, ProviderError, OutcomeUnknown,
        Cancelled; after any of them the ledger holds exactly what was or may have been spent."""
        earlier = self._earlier(ask)
        if self._shared is not None:
            past.fetch(earlier, self._shared)
        infos = {name: self._registry.get(ask.kind, name).info for name in {attempt.provider for attempt in earlier}}
        verdict = past.judge(
            earlier,
            paid={name: info.paid and self._may_bill(ask, name) for name, info in infos.items()},
            idempotent={name: info.idempotent for name, info in infos.items()},
        )
        if isinstance(verdict, past.Reuse):
            info = infos[verdict.attempt.provider]
            return Bought(verdict.made, info.name, verdict.attempt.model, info.licence, verdict.attempt.id, reused=True)
        if isinstance(verdict, past.Stuck):
            self._set(ask, verdict.attempt.id, status=attempts.UNKNOWN)
            raise _unknown(verdict.attempt.provider, verdict.why)
        if isinstance(verdict, past.Resume):
            provider = self._registry.get(ask.kind, verdict.attempt.provider)
            with permit(self._db, provider.info, verdict.attempt.id, ask.cancelled):
                return self._call(ask, provider, verdict.attempt)
        for attempt in verdict.release:
            self.fail(ask, attempt.id, StudioError("The studio stopped before this try began.", code="interrupted"))
        return self._route(ask, len(earlier))

    def _route(self, ask: Ask, number: int) -> Bought:
        failure: StudioError | None = None
        for provider in self._candidates(ask):
            for tries in range(TRIES):
                number += 1
                try:
                    return self._attempt(ask, provider, number)
                except ProviderError as error:
                    if not error.cost_nothing or isinstance(error, OutcomeUnknown):
                        raise
                    failure = error
                    if isinstance(error, Rejected) or tries == TRIES - 1:
                        break
                    self._wait(ask, error.wait_s or 0.5 * 2**tries)
                except MoneyError as error:
                    if error.code != PLAN_STOP:
                        raise
                    failure = error  # its plan sells no more this month, and nothing was asked of it: the next may
                    break
        assert failure is not None
        raise failure

    def _candidates(self, ask: Ask) -> list[Provider]:
        if not ask.engines:
            return self._registry.route(ask.kind, ask.provider)
        ready = {each.info.name: each for each in self._registry.readiness(ask.kind, ask.engines)}
        able = [name for name in ask.engines if name in ready and ready[name].ready]
        # Where none is ready any more, the first says why.
        return [self._registry.get(ask.kind, name) for name in able] or self._registry.route(ask.kind, ask.engines[0])

    def _wait(self, ask: Ask, seconds: float) -> None:
        # Jitter, so that many jobs refused together do not return together.
        until = time.monotonic() + min(seconds, LONGEST_WAIT_S) * random.uniform(1.0, 1.25)
        while time.monotonic() < until:
            if ask.cancelled():
                raise Cancelled
            time.sleep(0.05)

    def _attempt(self, ask: Ask, provider: Provider, number: int) -> Bought:
        info = provider.info
        attempt = new_attempt(ask, provider, number)
        with permit(self._db, info, attempt.id, ask.cancelled):
            self.reserve(ask, provider, attempt)
            return self._call(ask, provider, attempt)

    def _may_bill(self, ask: Ask, name: str) -> bool:
        """Whether this very request can: a catalogue that bills its files bills none for a preview, so that one may be
        fetched again. Where it is not known, it can."""
        try:
            maximum = self._registry.get(ask.kind, name).maximum(ask.request)
        except StudioError:
            return True
        return not maximum or any(maximum.values())

    def reserve(self, ask: Ask, provider: Provider, attempt: Attempt) -> None:
        """Quote, reserve, and write down the intent. MoneyError or SetupError, and nothing written, when refused."""
        info = provider.info
        maximum = provider.maximum(ask.request)
        missing = set(info.units) - set(maximum)
        if missing:
            raise Rejected(f"{info.title} gives no maximum for {', '.join(sorted(missing))}, so it is not used.")
        self._reserve(ask, info, attempt, maximum, None)
        self._set(ask, attempt.id, status=attempts.INTENDED)

    def had(self, ask: Ask, note: str) -> None:
        """Once a step, also when a restart comes by here again: an attempt that cost nothing, and why."""
        assert ask.provider is not None
        if any(attempt.status == attempts.SUCCEEDED for attempt in self._earlier(ask)):
            return
        provider = self._registry.get(ask.kind, ask.provider)
        attempt = new_attempt(ask, provider, 1)
        self.reserve_nothing(ask, provider, attempt)
        self.settle(ask, provider, attempt, {}, Decimal(0), note=note)

    def reserve_nothing(self, ask: Ask, provider: Provider, attempt: Attempt) -> None:
        """For what is already there: a row of $0, so that it is seen what the cache saved."""
        self._reserve(ask, provider.info, attempt, {}, Quote(Decimal(0), ()))

    def _reserve(self, ask: Ask, info: ProviderInfo, attempt: Attempt, maximum: Units, quote: Quote | None) -> None:
        def reserve() -> None:
            self._reserve_once(ask, info, attempt, maximum, quote)

        patiently(reserve)

    def _reserve_once(
        self, ask: Ask, info: ProviderInfo, attempt: Attempt, maximum: Units, quote: Quote | None
    ) -> None:
        with self._db.exclusive(Ledger.SUBJECT) as connection:
            stopping = self._hold(connection, ask)
            if attempts.find(connection, attempt.id) is not None:
                return  # committed, but the answer got lost with the connection
            if stopping:
                raise Cancelled  # since ask.cancelled() looked last: nothing more is begun for it
            if quote is None:  # in here, so that what is left of a plan is counted and taken in one
                quote = self._ledger.quote(connection, info.name, ask.kind, attempt.model, maximum)
            attempts.add(connection, {k: v for k, v in attempt.__dict__.items() if k != "updated_at"})
            self._ledger.reserve(
                connection, ask.actor, attempt_id=attempt.id, job_id=ask.job_id, root_job_id=ask.root_job_id,
                job_cap=jobs.cap_of(connection, ask.root_job_id), provider=info.name, kind=ask.kind, model=attempt.model,
                units=maximum, quote=quote,
            )  # fmt: skip

    def _call(self, ask: Ask, provider: Provider, attempt: Attempt) -> Bought:
        info = provider.info
        folder = ask.folder / attempt.id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        call = self.call(ask, provider, attempt, folder)
        try:
            if info.form == "make":
                made = cast(MakeProvider, provider).make(ask.request, call)
            else:
                made = self._remote(ask, cast(JobProvider, provider), attempt, call)
        except Cancelled as error:
            self._stopped(ask, provider, attempt, error)
            raise
        except ProviderError as error:
            if not info.paid or (error.cost_nothing and not isinstance(error, OutcomeUnknown)):
                self.fail(ask, attempt.id, error)
                raise
            self.leave_unknown(ask, attempt.id, error)
            raise _unknown(info.name, error.message) from error
        except StudioError as error:
            self.fail(ask, attempt.id, error)
            raise
        except Exception as error:
            # A defect in an adapter: nothing says whether the request got out, so for paid work nobody may assume.
            if info.paid:
                self._set(ask, attempt.id, status=attempts.UNKNOWN, error={"message": repr(error)}, finished_at=now())
                raise _unknown(info.name, repr(error)) from error
            failure = Unavailable(f"{info.title} failed: {error!r}", "Report this with the job's id.")
            self.fail(ask, attempt.id, failure)
            raise failure from error
        self._settle(ask, provider, attempt, made)
        return Bought(made, info.name, attempt.model, info.licence, attempt.id)

    def call(self, ask: Ask, provider: Provider, attempt: Attempt, folder: Path) -> Call:
        return Call(
            id=attempt.id, folder=folder, children=self._children, cancelled=ask.cancelled, progress=ask.progress,
            key=self._registry.key(provider.info), cache=self._cache,
        )  # fmt: skip

    def _remote(self, ask: Ask, provider: JobProvider, attempt: Attempt, call: Call) -> Made:
        remote_id = attempt.remote_id
        if remote_id is None:
            remote_id = provider.start(ask.request, call)
            # The very next thing: from here on a crash resumes by checking, and never starts it again.
            self._set(ask, attempt.id, status=attempts.STARTED, remote_id=remote_id)
        silent = 0
        every = provider.info.check_every_s
        until = attempt.created_at + timedelta(seconds=provider.info.given_up_after_s)
        while True:
            if ask.cancelled():
                provider.cancel(remote_id, call)
                raise Cancelled
            try:
                state = provider.check(remote_id, call)
                silent = 0
            except Unavailable:
                silent += 1
                if silent >= 30:
                    raise OutcomeUnknown("it stopped answering while it worked on the request") from None
                self._wait(ask, every)
                continue
            except RateLimited as error:
                self._wait(ask, max(every, error.wait_s))
                continue
            if state.state == "done":
                return provider.fetch(remote_id, ask.request, call)
            if state.state == "failed":
                raise ProviderError(
                    f"{provider.info.title} failed: {state.message or 'no reason given'}", cost_nothing=False
                )
            if now() > until:
                raise OutcomeUnknown(f"it was not done after {provider.info.given_up_after_s / 60:.0f} minutes")
            ask.progress("Waiting" if state.state == "waiting" else "Generating", state.fraction)
            self._wait(ask, every)

    def _settle(self, ask: Ask, provider: Provider, attempt: Attempt, made: Made) -> None:
        if provider.info.paid and self._shared is not None:
            made = past.share(made, self._shared)
        self.settle(ask, provider, attempt, made.units, made.cost_usd, currency=made.currency, result=past.pack(made))

    def settle(
        self,
        ask: Ask,
        provider: Provider,
        attempt: Attempt,
        units: Units,
        cost_usd: Decimal | None,
        *,
        currency: str = CURRENCY,
        result: dict[str, Any] | None = None,
        error: StudioError | None = None,
        note: str = "",
    ) -> None:
        """Book what was used, and end the attempt with its result or with the error that cut it short."""
        if cost_usd is None:
            maximum = provider.maximum(ask.request)
            # An answer that leaves a billed unit out is no discount: its maximum is booked.
            units = {unit: units.get(unit, maximum[unit]) for unit in provider.info.units}
        status = attempts.SUCCEEDED if error is None else attempts.FAILED

        def book() -> None:
            with self._db.exclusive(Ledger.SUBJECT) as connection:
                self._hold(connection, ask)
                bill = self._ledger.bill(connection, attempt.id, units, cost_usd=cost_usd, currency=currency)
                self._ledger.settle(connection, attempt.id, actual=bill, units=units, note=note)
                attempts.change(
                    connection, attempt.id, status=status, result=result, finished_at=now(),
                    error=None if error is None else error.as_dict(),
                )  # fmt: skip

        patiently(book)

    def _stopped(self, ask: Ask, provider: Provider, attempt: Attempt, error: Cancelled) -> None:
        """Cancelled under way: free work is released; for paid work the worst case is booked, since it may be billed."""
        if not provider.info.paid:
            self.fail(ask, attempt.id, error)
            return
        note = "cancelled while running: the maximum is booked"
        self.settle(ask, provider, attempt, provider.maximum(ask.request), None, error=error, note=note)

    def abandon(self, ask: Ask) -> None:
        """For a job that was cancelled after a crash and before anybody looked at what it had begun. As when cancelled
        under way: what was free or never announced is released, what may be billed is booked at its maximum, and a
        remote job is told to stop. `ask.request` is not needed."""
        with self._db.read() as connection:
            begun = [attempt for attempt in attempts.of_job(connection, ask.job_id) if attempt.status in attempts.OPEN]
        for attempt in begun:
            provider = self._registry.get(attempt.kind, attempt.provider)
            if not provider.info.paid or attempt.status == attempts.RESERVED:
                self.fail(ask, attempt.id, Cancelled())
                continue
            if attempt.remote_id is not None:
                with suppress(StudioError):
                    cast(JobProvider, provider).cancel(attempt.remote_id, self.call(ask, provider, attempt, ask.folder))
            patiently(partial(self._book_maximum, ask, attempt))

    def _book_maximum(self, ask: Ask, attempt: Attempt) -> None:
        with self._db.exclusive(Ledger.SUBJECT) as connection:
            self._hold(connection, ask)
            charge = charges.by_attempt(connection, attempt.id)
            if charge is not None:
                units = {unit: Decimal(quantity) for unit, quantity in charge.units.items()}
                bill = self._ledger.bill(connection, attempt.id, units)
                note = "cancelled after a crash: the maximum is booked"
                self._ledger.settle(connection, attempt.id, actual=bill, units=units, note=note)
            attempts.change(
                connection, attempt.id, status=attempts.FAILED, error=Cancelled().as_dict(), finished_at=now()
            )

    def fail(self, ask: Ask, attempt_id: str, error: StudioError) -> None:
        def release() -> None:
            with self._db.exclusive(Ledger.SUBJECT) as connection:
                self._hold(connection, ask)
                self._ledger.release(connection, attempt_id)
                attempts.change(
                    connection, attempt_id, status=attempts.FAILED, error=error.as_dict(), finished_at=now()
                )

        patiently(release)

    def leave_unknown(self, ask: Ask, attempt_id: str, error: StudioError) -> None:
        """Nobody knows whether it was billed: the reservation stays held until a person decides."""
        self._set(ask, attempt_id, status=attempts.UNKNOWN, error=error.as_dict(), finished_at=now())

    def _set(self, ask: Ask, attempt_id: str, **values: Any) -> None:
        def change() -> None:
            with self._db.write() as connection:
                self._hold(connection, ask)
                attempts.change(connection, attempt_id, **values)

        patiently(change)

    def _earlier(self, ask: Ask) -> list[Attempt]:
        def read() -> list[Attempt]:
            with self._db.read() as connection:
                return attempts.of_job(connection, ask.job_id, ask.step)

        return patiently(read)

    def _hold(self, connection: Connection, ask: Ask) -> bool:
        """Whether somebody asked for the job to be cancelled. Fenced when it is not ours any more."""
        if ask.epoch == NO_JOB:
            return False
        job = jobs.find(connection, ask.job_id, hold=True)
        if job is None or job.epoch != ask.epoch or job.status != jobs.RUNNING:
            raise Fenced(ask.job_id)
        return job.cancel_requested


def _unknown(provider: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Nobody can tell whether {provider} billed this: {why.rstrip('.')}.",
        f"Look at your account with {provider}, then say in the Queue whether it was billed; nothing is repeated before.",
    )
