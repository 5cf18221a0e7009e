"""Answers that may be used again: keyed by provider, model and the whole request, in classes with a time to live each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from core.calls import limits
from core.calls.beating import beating
from core.calls.tally import Tally
from core.kit.clock import new_id, now, today
from core.kit.errors import Cancelled, ProviderError, error_from
from core.providers.base import ProviderInfo
from core.store import answers, askings, cache_counts, charges, preferences
from core.store.answers import CachedAnswer
from core.store.askings import Asking
from core.store.db import Database

LASTING = timedelta(seconds=20)
"""Who asks and is silent for so long is taken for dead, and the next one asks; who goes on asking renews it."""
LOOK_S = 0.05
DAYS = 30


@dataclass(frozen=True)
class ClassFigures:
    """One provider's class of answers: what the cache did in a period, and what is in it now."""

    provider: str
    kind: str
    cache_class: str
    hits: int
    joined: int
    misses: int
    stale: int
    saved_usd: Decimal
    entries: int
    fresh: int
    oldest_s: float | None
    newest_s: float | None
    ttl_s: float | None

    @property
    def hit_rate(self) -> float | None:
        """Of everything asked, what the provider was not asked for. A stale answer was tried first, so it counts as asked."""
        asked = self.hits + self.misses + self.stale
        return self.hits / asked if asked else None

    @property
    def calls_saved(self) -> int:
        return self.hits


class Turn:
    """The right to ask a question; `keep` what was answered."""

    def __init__(self, db: Database, key: str, asker: str) -> None:
        self._db = db
        self.key = key
        self._asker = asker

    def keep(self, info: ProviderInfo, value: Any, ttl_s: float, cache_class: str, attempt_id: str) -> None:
        """Unless it was forgotten while it was asked, or somebody else took over from a process that froze."""
        with self._db.exclusive(f"asking:{self.key}") as connection:
            if not askings.release(connection, self.key, self._asker):
                return
            bill = charges.by_attempt(connection, attempt_id)
            cost = Decimal(0) if bill is None else bill.settled_usd
            moment = now()
            ends = moment + timedelta(seconds=ttl_s)
            answers.put(
                connection, CachedAnswer(self.key, info.name, info.kind, value, moment, ends, cache_class, cost)
            )

    def failed(self, error: BaseException) -> None:
        """Those who waited get the same error, if it is the provider's; otherwise the next of them asks."""
        with self._db.exclusive(f"asking:{self.key}") as connection:
            if isinstance(error, ProviderError):
                told = error.as_dict() | {"cost_nothing": error.cost_nothing, "wait_s": error.wait_s}
                askings.fail(connection, self.key, self._asker, told)
            else:
                askings.release(connection, self.key, self._asker)

    def renew(self) -> None:
        with self._db.write() as connection:
            askings.extend(connection, self.key, self._asker, LASTING)


class AnswerCache:
    def __init__(self, db: Database, ttls: Mapping[str, float] | None = None) -> None:
        self._db = db
        self._ttls = dict(ttls or {})
        self.tally = Tally(db)

    def find(self, key: str) -> CachedAnswer | None:
        with self._db.read() as connection:
            return answers.find(connection, key)

    def at_once(self, key: str, info: ProviderInfo) -> CachedAnswer | None:
        """A fresh answer of a provider that is not switched off, in one look: all that most questions cost."""
        with self._db.read() as connection:
            kept = answers.find(connection, key)
            if kept is None or not kept.fresh or info.name in preferences.read(connection, f"off:{info.kind}", ()):
                return None
        return kept

    def ttl_s(self, info: ProviderInfo, cache_class: str, wanted: float | None = None) -> float:
        """As asked for, else as the provider is configured, else the class's own; without a class, the provider's."""
        if wanted is not None:
            return wanted
        if not cache_class:
            return info.ttl_s
        with self._db.read() as connection:
            own = limits.ttl_of(connection, info.name, cache_class)
        return self._ttls.get(cache_class, info.ttl_s) if own is None else own

    def ask_or_share(
        self,
        key: str,
        info: ProviderInfo,
        cache_class: str,
        ask: Callable[[Turn], Any],
        *,
        fresh: bool,
        cancelled: Callable[[], bool],
    ) -> tuple[Any, CachedAnswer | None]:
        """What `ask` answers; or, where another asks the same right now, the answer that one gets (the second value)."""
        asker, began = new_id("asking"), now()
        other: Asking | None = None
        while True:
            if cancelled():
                raise Cancelled
            seen = self._db.bell.count
            with self._db.read() as connection:
                kept = answers.find(connection, key)
                asks = askings.find(connection, key)
                free = asks is None or asks.error is not None or askings.over(connection, asks)
            if kept is not None and kept.fresh and (not fresh or kept.made_at >= began):
                return kept.value, kept
            if other is not None and asks is not None and asks.error is not None and asks.asker == other.asker:
                raise _told(asks.error)
            if free:
                other = self._begin(key, asker, info, cache_class)
                if other is None:
                    break
            elif other is None or (asks is not None and asks.asker != other.asker):
                other = asks
            self._db.bell.wait(seen, LOOK_S)
        turn = Turn(self._db, key, asker)
        kept = self.find(key)  # put between our look and our claim
        if kept is not None and kept.fresh and (not fresh or kept.made_at >= began):
            turn.failed(Cancelled())
            return kept.value, kept
        try:
            with beating(turn.renew, LASTING.total_seconds() / 3):
                return ask(turn), None
        except BaseException as error:
            turn.failed(error)
            raise

    def _begin(self, key: str, asker: str, info: ProviderInfo, cache_class: str) -> Asking | None:
        with self._db.exclusive(f"asking:{key}") as connection:
            return askings.take(connection, key, asker, info.name, cache_class, LASTING)

    def forget(self, provider: str | None, cache_class: str | None, key: str | None) -> int:
        """Also what is being asked right now: its answer goes to whoever asked, and is not kept."""
        with self._db.write() as connection:
            askings.forget(connection, provider=provider, cache_class=cache_class, key=key)
            return answers.forget(connection, provider=provider, cache_class=cache_class, key=key)

    def figures(self, first: date | None = None, last: date | None = None) -> list[ClassFigures]:
        """By provider and class, over UTC days; the last 30 unless said otherwise."""
        self.tally.write()
        moment = now()
        with self._db.read() as connection:
            counted = cache_counts.since(connection, first or today() - timedelta(days=DAYS - 1), last)
            entries = {(one.provider, one.kind, one.cache_class): one for one in answers.kept(connection)}
            sums: dict[tuple[str, str, str], cache_counts.Count] = {}
            for one in counted:
                key = (one.provider, one.kind, one.cache_class)
                sums[key] = one if key not in sums else sums[key].plus(one)
            own = {key: limits.ttl_of(connection, key[0], key[2]) for key in {*sums, *entries}}
        found = []
        for key in sorted({*sums, *entries}):
            did = sums.get(key) or cache_counts.Count(*key, today())
            has = entries.get(key)
            found.append(
                ClassFigures(
                    *key, did.hits, did.joined, did.misses, did.stale, did.saved_usd,
                    entries=has.entries if has else 0, fresh=has.fresh if has else 0,
                    oldest_s=(moment - has.oldest_at).total_seconds() if has else None,
                    newest_s=(moment - has.newest_at).total_seconds() if has else None,
                    ttl_s=self._ttls.get(key[2]) if own[key] is None else own[key],
                )
            )  # fmt: skip
        return found


def _told(error: dict[str, Any]) -> ProviderError:
    told = error_from({name: str(value) for name, value in error.items()})
    assert isinstance(told, ProviderError)
    told.cost_nothing, told.wait_s = bool(error.get("cost_nothing")), float(error.get("wait_s") or 0.0)
    return told


def key_of(info: ProviderInfo, model: str, request: Any, account: str = "") -> str:
    """`account`: what tells one account at the provider from another."""
    if isinstance(request, BaseModel):
        request = request.model_dump(mode="json")
    elif is_dataclass(request) and not isinstance(request, type):
        request = asdict(request)
    whole = [info.kind, info.name, model, request, *([account] if account else [])]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
