"""How often a provider may be asked and how long its answers are good for: what an administrator said, else what is
shipped (data/reference/catalogues.yaml), else what the provider says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from core.kit.paths import reference
from core.providers.base import ProviderInfo
from core.store import provider_configs

WINDOWS: Mapping[str, float] = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}
SAID: Mapping[str, str] = {
    "minute": "requestsPerMinute", "hour": "requestsPerHour", "day": "requestsPerDay",
}  # fmt: skip
"""As the configuration names them."""


def shipped(provider: str) -> dict[str, Any]:
    return dict(reference("catalogues").get(provider) or {})


def ttl_of(connection: Connection, provider: str, cache_class: str) -> float | None:
    """None: the class's own."""
    own = provider_configs.find(connection, provider)
    if own is not None and cache_class in own.cache_ttl:
        return float(own.cache_ttl[cache_class])
    said = (shipped(provider).get("cache_ttl") or {}).get(cache_class)
    return None if said is None else float(said)


def limits_of(connection: Connection, info: ProviderInfo) -> dict[str, int]:
    """Requests by window; a window that is not in it has no limit."""
    found = {"minute": info.per_minute, "hour": info.per_hour, "day": info.per_day}
    own = provider_configs.find(connection, info.name)
    for said in (shipped(info.name).get("rate_limit") or {}, {} if own is None else own.rate_limit):
        found |= {window: said[name] for window, name in SAID.items() if name in said}
    return {window: int(limit) for window, limit in found.items() if limit is not None}


def counted_apart(info: ProviderInfo) -> bool:
    """Its files are limited more strictly than what is said of all that is asked of it."""
    said = shipped(info.name).get("rate_limit") or {}
    own = {"minute": info.per_minute, "hour": info.per_hour, "day": info.per_day}
    return info.form != "query" and any(
        limit is not None and limit < said.get(SAID[window], limit) for window, limit in own.items()
    )


def of_catalogues(connection: Connection) -> dict[str, dict[str, int]]:
    """Of every catalogue of licensed music, as shipped and as an administrator said since: for the dashboards, which know no
    providers."""
    found: dict[str, dict[str, int]] = {}
    for provider in reference("catalogues"):
        own = provider_configs.find(connection, provider)
        said = dict(shipped(provider).get("rate_limit") or {}) | ({} if own is None else own.rate_limit)
        spans = {window: int(said[name]) for window, name in SAID.items() if said.get(name) is not None}
        if spans:
            found[provider] = spans
    return found
