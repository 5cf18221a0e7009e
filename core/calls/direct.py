"""Metered calls that need no job: a query, whose answer may be cached, and a stream, billed for what was delivered.

They go the same way as any other call (route, permit, quote, reserve, intent, call, settle), only that nothing outlives
the request that asked: if the process dies, the reservation of an open attempt stays held and is shown as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from core.calls.asking import NO_JOB, Ask, new_attempt
from core.calls.cache import AnswerCache, Turn, key_of
from core.calls.metered import Metered
from core.calls.permits import permit
from core.calls.tally import Hit
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import MoneyError, NotFound, OutcomeUnknown, ProviderError, StudioError
from core.money.allowance import PLAN_STOP
from core.money.ledger import Ledger
from core.money.prices import Quote
from core.providers.base import Part, Provider, ProviderInfo, QueryProvider, StreamProvider, Units
from core.providers.registry import Registry
from core.store import attempts, audit, charges
from core.store.answers import CachedAnswer
from core.store.charges import Unresolved
from core.store.db import Database

SILENT = timedelta(minutes=30)
"""A call that belongs to no job and was silent for this long went down with its process."""

PATIENCE_S = 5.0
"""Somebody looks at an empty page meanwhile."""


@dataclass(frozen=True)
class Answer:
    value: Any
    provider: str
    cached: bool = False
    stale: bool = False
    """It has expired, and the provider could not be asked; `note` says why."""
    note: str = ""
    age_s: float = 0.0
    """Of an answer from the cache: how long ago it was asked for."""


class DirectCalls:
    def __init__(
        self, db: Database, registry: Registry, metered: Metered, ledger: Ledger, folder: Path,
        ttls: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        """`ttls`: seconds by class of cached answers."""
        self._db = db
        self._registry = registry
        self._metered = metered
        self._ledger = ledger
        self.answers = AnswerCache(db, ttls)
        self._folder = folder

    def query(
        self,
        actor: Actor,
        kind: str,
        request: Any,
        *,
        provider: str | None = None,
        model: str = "default",
        ttl_s: float | None = None,
        cache_class: str = "",
        fresh: bool = False,
        patience_s: float | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """The first answer on the route: fresh from the cache (a row of $0), asked for, or, when asking fails, the
        stale one, marked so. Errors that may have cost something never fall over.

        `cache_class` decides how long the answer is good for (`ttl_s` overrules it, 0 keeps nothing) and what is counted;
        questions that are the same and asked in the same moment are asked once, over all processes. `fresh`: not from the
        cache, unless the provider cannot be asked. `patience_s`: how long to wait for the provider's limits before
        RateLimited says when it is free; None: a few seconds where there is a class, else as long as a job would."""
        if patience_s is None and cache_class:
            patience_s = PATIENCE_S
        ask = self._ask(actor, kind, request, provider, model, cancelled)
        if provider is not None and cache_class and not fresh:
            named, began = self._registry.get(kind, provider), now()
            kept = self.answers.at_once(self.key_of(kind, provider, request, model=model), named.info)
            if kept is not None:
                self._hit(ask, named, 1, cache_class, kept, began)
                return _from_cache(kept, named.info)
        failure: StudioError | None = None
        for number, candidate in enumerate(self._registry.route(kind, provider), 1):
            info, began = candidate.info, now()
            key = key_of(info, model, request, self._registry.account(info))
            kept = self.answers.find(key)
            if kept is not None and kept.fresh and not fresh:
                self._hit(ask, candidate, number, cache_class, kept, began)
                return _from_cache(kept, info)
            try:
                return self._miss(ask, candidate, number, key, ttl_s, cache_class, fresh, patience_s, began)
            except ProviderError as error:
                if kept is not None:
                    self._count(info, cache_class, stale=1)
                    return _from_cache(kept, info, stale=True, note=error.message)
                self._count(info, cache_class, misses=1)
                if not error.cost_nothing:
                    raise
                failure = error
            except MoneyError as error:
                if error.code != PLAN_STOP:
                    raise
                failure = error
        assert failure is not None
        raise failure

    def _miss(
        self,
        ask: Ask,
        candidate: Provider,
        number: int,
        key: str,
        ttl_s: float | None,
        cache_class: str,
        fresh: bool,
        patience_s: float | None,
        began: datetime,
    ) -> Answer:
        info, provider = candidate.info, cast(QueryProvider, candidate)
        lasting = self.answers.ttl_s(info, cache_class, ttl_s)
        if lasting <= 0:
            value, _ = self._asked(ask, provider, number, patience_s)
            self._count(info, cache_class, misses=1)
            return Answer(value, info.name)

        def asked(turn: Turn) -> Any:
            value, attempt_id = self._asked(ask, provider, number, patience_s)
            turn.keep(info, value, lasting, cache_class, attempt_id)
            return value

        value, shared = self.answers.ask_or_share(
            key, info, cache_class, asked, fresh=fresh, cancelled=ask.cancelled
        )  # fmt: skip
        if shared is not None:
            self._hit(ask, candidate, number, cache_class, shared, began, joined=True)
            return _from_cache(shared, info)
        self._count(info, cache_class, misses=1)
        return Answer(value, info.name)

    def _asked(self, ask: Ask, provider: QueryProvider, number: int, patience_s: float | None) -> tuple[Any, str]:
        attempt = new_attempt(ask, provider, number)
        with permit(self._db, provider.info, attempt.id, ask.cancelled, patience_s) as another:
            self._metered.reserve(ask, provider, attempt)
            call = replace(self._metered.call(ask, provider, attempt, self._folder), another=another)
            try:
                found = provider.query(ask.request, call)
            except StudioError as error:
                self._failed(ask, provider, attempt.id, error)
                raise
            self._metered.settle(ask, provider, attempt, found.units, found.cost_usd, currency=found.currency)
        return found.value, attempt.id

    def _hit(
        self,
        ask: Ask,
        provider: Provider,
        number: int,
        cache_class: str,
        kept: CachedAnswer,
        began: datetime,
        *,
        joined: bool = False,
    ) -> None:
        info, note = provider.info, "cache hit"
        if not cache_class:
            attempt = new_attempt(ask, provider, number)
            self._metered.reserve_nothing(ask, provider, attempt)
            self._metered.settle(ask, provider, attempt, {}, Decimal(0), note=note)
            self.answers.tally.count(info, "", hits=1, joined=int(joined), saved_usd=kept.cost_usd)
            return
        hit = Hit(ask.actor, info, ask.model, began, now(), note)
        self.answers.tally.hit(hit, cache_class, kept.cost_usd, joined=joined)

    def _count(self, info: ProviderInfo, cache_class: str, *, misses: int = 0, stale: int = 0) -> None:
        self.answers.tally.count(info, cache_class, misses=misses, stale=stale)

    def forget(
        self, provider: str | None = None, cache_class: str | None = None, key: str | None = None
    ) -> int:  # fmt: skip
        """Cached answers of a provider, a class, both, one question (`key_of`), or, with nothing given, all; their number."""
        return self.answers.forget(provider, cache_class, key)

    def key_of(self, kind: str, provider: str, request: Any, *, model: str = "default") -> str:
        """What `forget` takes for one question."""
        info = self._registry.get(kind, provider).info
        return key_of(info, model, request, self._registry.account(info))

    def close(self) -> None:
        self.answers.tally.write()

    def stream(
        self,
        actor: Actor,
        kind: str,
        request: Any,
        *,
        provider: str | None = None,
        model: str = "default",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        """Values as they come. Before the first one a provider may be replaced by the next; after it, whoever stops,
        the provider, the user or the reader, the units delivered so far are what is settled."""
        ask = self._ask(actor, kind, request, provider, model, cancelled)
        failure: StudioError | None = None
        for number, candidate in enumerate(self._registry.route(kind, provider), 1):
            begun = False
            try:
                for value in self._streamed(ask, cast(StreamProvider, candidate), number):
                    begun = True
                    yield value
                return
            except ProviderError as error:
                if begun or not error.cost_nothing:
                    raise
                failure = error
            except MoneyError as error:
                if begun or error.code != PLAN_STOP:
                    raise
                failure = error
        assert failure is not None
        raise failure

    def _streamed(self, ask: Ask, provider: StreamProvider, number: int) -> Iterator[Any]:
        attempt = new_attempt(ask, provider, number)
        with permit(self._db, provider.info, attempt.id, ask.cancelled):
            self._metered.reserve(ask, provider, attempt)
            call = self._metered.call(ask, provider, attempt, self._folder)
            last: Part | None = None
            note = ""
            try:
                for part in provider.stream(ask.request, call):
                    last = part
                    yield part.value
                    if ask.cancelled():
                        note = "stopped by the user: what was delivered is booked"
                        break
            except GeneratorExit:
                self._cut(ask, provider, attempt, last, "the reader left: what was delivered is booked")
                raise
            except StudioError as error:
                if last is None:
                    self._failed(ask, provider, attempt.id, error)
                else:
                    self._cut(ask, provider, attempt, last, f"cut short: {error.message}")
                raise
            self._cut(ask, provider, attempt, last, note)

    def _cut(self, ask: Ask, provider: Provider, attempt: Any, last: Part | None, note: str) -> None:
        used: Units = last.units if last is not None else dict.fromkeys(provider.info.units, Decimal(0))
        self._metered.settle(ask, provider, attempt, used, None, note=note)

    def _failed(self, ask: Ask, provider: Provider, attempt_id: str, error: StudioError) -> None:
        """Released when it is known to have cost nothing; otherwise the reservation stays and a person decides."""
        unsure = isinstance(error, OutcomeUnknown) or (isinstance(error, ProviderError) and not error.cost_nothing)
        if provider.info.paid and unsure:
            self._metered.leave_unknown(ask, attempt_id, error)
        else:
            self._metered.fail(ask, attempt_id, error)

    def unresolved(self, actor: Actor) -> list[Unresolved]:
        """Calls whose outcome nobody knows: one's own, or everybody's for who runs the studio."""
        user_id = None if actor.is_admin else actor.user_id
        with self._db.read() as connection:
            return charges.unresolved(connection, no_job=NO_JOB, silent_since=now() - SILENT, user_id=user_id)

    def resolve(self, actor: Actor, attempt_id: str, *, billed: bool) -> None:
        """A person looked at the provider's account: book the maximum, or release it."""
        with self._db.exclusive(Ledger.SUBJECT) as connection:
            user_id = None if actor.is_admin else actor.user_id
            open_ = charges.unresolved(connection, no_job=NO_JOB, silent_since=now() - SILENT, user_id=user_id)
            charge = charges.by_attempt(connection, attempt_id)
            if charge is None or attempt_id not in {each.attempt_id for each in open_}:
                raise NotFound(
                    f"There is no unresolved call {attempt_id!r}.", "List them with: studio calls unresolved"
                )
            if billed:
                units = {unit: Decimal(quantity) for unit, quantity in charge.units.items()}
                bill = Quote(charge.reserved_usd, tuple(charge.price.get("lines", ())))
                self._ledger.settle(connection, attempt_id, actual=bill, units=units, note="billed, said a person")
            else:
                self._ledger.release(connection, attempt_id)
            attempts.change(connection, attempt_id, status=attempts.FAILED, finished_at=now())
            said = "billed" if billed else "not billed"
            audit.add(connection, actor, "charge.resolved", "charge", attempt_id, said=said)

    def _ask(
        self,
        actor: Actor,
        kind: str,
        request: Any,
        provider: str | None,
        model: str,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Ask:
        call_id = new_id("call")
        return Ask(
            job_id=call_id, root_job_id=call_id, epoch=NO_JOB, actor=actor, kind=kind, request=request,
            folder=self._folder, provider=provider, model=model, cancelled=cancelled,
        )  # fmt: skip


def _from_cache(kept: CachedAnswer, info: ProviderInfo, *, stale: bool = False, note: str = "") -> Answer:
    return Answer(kept.value, info.name, cached=True, stale=stale, note=note, age_s=kept.age_s)
