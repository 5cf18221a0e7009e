"""How answers of ElevenLabs are read: all but an id may be missing or null, and the SDK checks no types."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from core.kit.errors import Unavailable
from core.providers.base import ProviderInfo, Units
from core.providers.elevenlabs_errors import TITLE


def query_info(kind: str, ttl_s: float) -> ProviderInfo:
    return ProviderInfo(
        name="elevenlabs", title=TITLE, kind=kind, form="query", resource="net", ttl_s=ttl_s,
        settings_key="elevenlabs_api_key",
    )  # fmt: skip


class Free:
    """A query that bills nothing. `timeout_s`: of silence."""

    def __init__(self, base_url: str = "", timeout_s: float = 20.0) -> None:
        self._base_url = base_url
        self._timeout_s = timeout_s

    def maximum(self, request: Any) -> Units:
        return {}


def shapeless(what: str) -> Unavailable:
    return Unavailable(f"{TITLE} answered something else than its {what}.", "Try again later.")


def rows_of(found: Any, name: str, *, strict: bool = True) -> list[Any]:
    value = getattr(found, name, None)
    if isinstance(value, list):
        return value
    if strict:
        raise shapeless(name)
    return []


def text(found: Any, name: str) -> str:
    value = getattr(found, name, None)
    return " ".join(value.split()) if isinstance(value, str) else ""


def number(found: Any, name: str) -> float | None:
    value = getattr(found, name, None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def whole(found: Any, name: str) -> int | None:
    value = number(found, name)
    return int(value) if value is not None and float(value).is_integer() else None


def flag(found: Any, name: str) -> bool | None:
    value = getattr(found, name, None)
    return value if isinstance(value, bool) else None


def moment(unix_s: int | None) -> str | None:
    try:
        return None if unix_s is None else datetime.fromtimestamp(unix_s, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None
