"""How each catalogue may be used here: on or off, how often it is asked, how long its answers are good for, whether it has
its key. Changed by an administrator; what is not changed is the shipped default (data/reference/catalogues.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.calls.cache import ClassFigures
from core.calls.direct import DirectCalls
from core.calls.limits import SAID, WINDOWS, limits_of, shipped
from core.kit.actor import Actor
from core.kit.errors import AccessError, SetupError, UserError
from core.kit.paths import reference
from core.licensing.catalogue import FILES, KIND
from core.providers.base import ProviderInfo
from core.providers.registry import Registry
from core.store import answers, audit, cache_counts, pauses, permits, provider_configs
from core.store.cache_counts import Count
from core.store.db import Database
from core.store.permits import Window

CLASSES = ("search", "details", "validation")
MOST_REQUESTS = 10_000_000
LONGEST_TTL_S = 366 * 86400
_CONFIGS = "provider_configs"


@dataclass(frozen=True)
class Usage:
    """How far a catalogue's limits are used, now."""

    provider: str
    title: str
    windows: Mapping[str, Window]
    paused_s: float
    """It said so itself (429)."""

    @property
    def near(self) -> list[str]:
        """Windows of which four fifths are used."""
        return [name for name, window in self.windows.items() if window.near]


class CatalogueSettings:
    def __init__(self, database: Database, registry: Registry, direct: DirectCalls, ttls: Mapping[str, float]) -> None:
        self._db = database
        self._registry = registry
        self._direct = direct
        self._ttls = dict(ttls)

    def of(self, actor: Actor, provider: str) -> dict[str, Any]:
        """In the music-licensing document's shape. The key is never told, only whether there is one."""
        info = self._info(provider)
        with self._db.read() as connection:
            limits = limits_of(connection, info)
            own = provider_configs.find(connection, provider)
        ttls = self._ttls | dict(shipped(provider).get("cache_ttl") or {}) | (own.cache_ttl if own else {})
        here = self._here(provider)
        ready = self._registry.readiness(KIND, [provider])[0] if here else None
        return {
            "provider": provider,
            "title": info.title,
            "enabled": here and provider not in self._registry.switched_off(KIND),
            "rateLimit": {name: limits.get(window) for window, name in SAID.items()},
            "cacheTtl": {name: float(ttls.get(name, 0.0)) for name in CLASSES},
            "key": self._key(info),
            "ready": ready.ready if ready else False,
            "why": ready.why if ready else "it is not installed here",
            "remedy": ready.remedy if ready else "",
            "changed": own is not None,
        }

    def check(self, actor: Actor) -> None:
        """AccessError for whoever may not configure."""
        _only_admin(actor)

    def all(self, actor: Actor) -> list[dict[str, Any]]:
        return [self.of(actor, name) for name in self.names()]

    def names(self) -> list[str]:
        found = [info.name for info in self._registry.known(KIND)]
        return found + [name for name in reference("catalogues") if name not in found]

    def change(
        self,
        actor: Actor,
        provider: str,
        *,
        enabled: bool | None = None,
        rate_limit: Mapping[str, int | None] | None = None,
        cache_ttl: Mapping[str, float] | None = None,
        reset: bool = False,
    ) -> dict[str, Any]:
        """What is not given stays. A limit of None: none. `reset`: back to what is shipped first."""
        _only_admin(actor)
        self._info(provider)
        limits, ttls = _checked_limits(rate_limit or {}), _checked_ttls(cache_ttl or {})
        if enabled is not None and not self._here(provider):
            raise UserError(f"The catalogue {provider!r} is not installed here.", "It cannot be switched.", "not_here")
        with self._db.exclusive(_CONFIGS) as connection:
            before = provider_configs.find(connection, provider)
            kept = (before.rate_limit, before.cache_ttl) if before and not reset else ({}, {})
            provider_configs.put(connection, provider, kept[0] | limits, kept[1] | ttls, actor.user_id)
            for name, ttl_s in ttls.items():
                answers.shorten(connection, provider, name, ttl_s)
            said: dict[str, Any] = {"rate_limit": limits, "cache_ttl": ttls}
            said |= ({"enabled": enabled} if enabled is not None else {}) | ({"reset": True} if reset else {})
            audit.add(connection, actor, "catalogue.configured", "catalogue", provider, **said)
        if enabled is not None:
            for kind in (KIND, FILES):
                if provider in {info.name for info in self._registry.known(kind)}:
                    self._registry.switch(kind, provider, on=enabled)
        return self.of(actor, provider)

    def usage(self, actor: Actor, provider: str | None = None) -> list[Usage]:
        """Requests counted over every worker, within each window up to now."""
        found = []
        for name in [provider] if provider else self.names():
            info = self._info(name)
            with self._db.read() as connection:
                windows = permits.windows(connection, name, limits=limits_of(connection, info), seconds=WINDOWS)
                found.append(Usage(name, info.title, windows, pauses.left_s(connection, name)))
        return found

    def cache(
        self, actor: Actor, provider: str | None = None, first: date | None = None, last: date | None = None
    ) -> list[ClassFigures]:
        """Of the catalogues alone: other queries have no classes."""
        return [
            one
            for one in self._direct.answers.figures(first, last)
            if one.cache_class and provider in (None, "", one.provider)
        ]

    def counts(self, actor: Actor, first: date, last: date | None = None, provider: str = "") -> list[Count]:
        """The same by day."""
        with self._db.read() as connection:
            rows = cache_counts.since(connection, first, last)
        return [row for row in rows if row.cache_class and provider in ("", row.provider)]

    def forget(
        self, actor: Actor, provider: str | None = None, cache_class: str | None = None, key: str | None = None
    ) -> int:
        """Drop cached answers: of a provider, a class, both, one question; or all."""
        _only_admin(actor)
        gone = self._direct.forget(provider, cache_class, key)
        with self._db.write() as connection:
            audit.add(
                connection, actor, "cache.forgotten", "cache", provider or "", cache_class=cache_class, key=key, answers=gone
            )  # fmt: skip
        return gone

    def _here(self, provider: str) -> bool:
        return provider in {info.name for info in self._registry.known(KIND)}

    def _info(self, provider: str) -> ProviderInfo:
        for info in self._registry.known(KIND):
            if info.name == provider:
                return info
        if provider in reference("catalogues"):
            return ProviderInfo(
                name=provider, title=str(shipped(provider).get("title") or provider), kind=KIND, form="query"
            )
        raise UserError(
            f"There is no catalogue {provider!r}.", f"Choose one of: {', '.join(self.names())}.", "no_provider"
        )

    def _key(self, info: ProviderInfo) -> str:
        if not info.settings_key:
            return "not_needed"
        try:
            return "set" if self._registry.key(info) else "missing"
        except SetupError:
            return "unreadable"


def _only_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError("Only an administrator may change how catalogues are used.", "Ask who runs this studio.")


def _checked_limits(given: Mapping[str, int | None]) -> dict[str, int | None]:
    for name, limit in given.items():
        if name not in SAID.values():
            raise UserError(f"There is no limit {name!r}.", f"Choose from: {', '.join(SAID.values())}.")
        if limit is not None and not 1 <= limit <= MOST_REQUESTS:
            raise UserError(
                f"{name} cannot be {limit}.", f"Give 1 to {MOST_REQUESTS:,}, or null for no limit; switch it off to ask never."
            )  # fmt: skip
    return {name: limit if limit is None else int(limit) for name, limit in given.items()}


def _checked_ttls(given: Mapping[str, float]) -> dict[str, float]:
    for name, ttl_s in given.items():
        if name not in CLASSES:
            raise UserError(f"There is no class of answers {name!r}.", f"Choose from: {', '.join(CLASSES)}.")
        if not 0 <= ttl_s <= LONGEST_TTL_S:
            raise UserError(f"{ttl_s} seconds cannot be kept.", f"Give 0 (nothing is kept) to {LONGEST_TTL_S:,}.")
    return {name: float(ttl_s) for name, ttl_s in given.items()}
