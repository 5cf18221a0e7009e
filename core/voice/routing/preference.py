"""A user's own routing: which engines are asked first, which never unasked, and whether another voice may stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import AccessError, UserError
from core.providers.base import ProviderInfo
from core.providers.registry import Readiness, Registry
from core.store import preferences
from core.store.store import Store
from core.voice.book import VoiceBook
from core.voice.gallery import PROVIDER as EMBEDDED
from core.voice.pieces import KIND
from core.voice.routing.choosing import Class
from core.voice.routing.wish import STAND_IN, StandIn

_NAME = "voice_routing"
_CLASSES: tuple[Class, ...] = ("service", "local", "embedded")


@dataclass(frozen=True)
class Preference:
    order: tuple[str, ...] = ()
    """Names of engines, best first; those left out come after, in the studio's order."""
    off: tuple[str, ...] = ()
    """Never chosen by a quality or as a stand-in. A voice that is named outright still speaks."""
    stand_in: StandIn = "never"


@dataclass(frozen=True)
class EngineLine:
    """One engine as a page of preferences shows it."""

    name: str
    title: str
    paid: bool
    ready: bool
    why: str
    """Why it is not ready."""
    mine: bool
    """Not switched off by this user."""
    installed: bool
    """Not switched off for the whole studio."""


class Preferences:
    def __init__(self, store: Store, registry: Registry, book: VoiceBook) -> None:
        self._store = store
        self._registry = registry
        self._book = book

    def of(self, actor: Actor) -> Preference:
        with self._store.db.read() as connection:
            kept: dict[str, Any] = preferences.read(connection, _NAME, {}, actor.user_id)
        how: StandIn = kept.get("stand_in", "never")
        return Preference(
            tuple(self._known(kept.get("order", ()))), tuple(self._known(kept.get("off", ()))),
            how if how in STAND_IN else "never",
        )  # fmt: skip

    def set(
        self,
        actor: Actor,
        *,
        order: Sequence[str] | None = None,
        off: Sequence[str] | None = None,
        stand_in: str | None = None,
    ) -> Preference:
        """What is None stays. UserError for an engine that there is not."""
        for name in (*(order or ()), *(off or ())):
            self._registry.get(KIND, name)
        if stand_in is not None and stand_in not in STAND_IN:
            raise UserError(f"stand_in = {stand_in[:40]!r} cannot be used.", f"Give one of: {', '.join(STAND_IN)}.")
        given = {"order": order, "off": off, "stand_in": stand_in}
        with self._store.db.exclusive(_NAME) as connection:
            kept: dict[str, Any] = dict(preferences.read(connection, _NAME, {}, actor.user_id))
            for name, value in given.items():
                if value is not None:
                    kept[name] = value if isinstance(value, str) else list(dict.fromkeys(value))
            preferences.write(connection, _NAME, kept, actor.user_id)
        return self.of(actor)

    def switch(self, actor: Actor, engine: str, *, on: bool) -> None:
        """For the whole studio; administrators only."""
        if not actor.is_admin:
            raise AccessError("Only an administrator switches an engine on or off for all.", "Switch it off for you.")
        self._registry.switch(KIND, engine, on=on)

    def engines(self, actor: Actor) -> list[EngineLine]:
        """Every engine that routing may choose, in the order in which a premium voice is looked for."""
        mine, house = self.of(actor), self._registry.put_in_order(KIND)
        off = self._registry.switched_off(KIND)
        lines = [item for item in self._registry.readiness(KIND) if self.routable(item.info)]
        placed = [*mine.order, *(name for name in house if name not in mine.order)]

        def rank(item: Readiness) -> tuple[int, int]:
            name = item.info.name
            return placed.index(name) if name in placed else len(placed), _CLASSES.index(class_of(item.info))

        return [
            EngineLine(
                item.info.name, item.info.title, item.info.paid, item.ready, "" if item.ready else item.why,
                item.info.name not in mine.off, item.info.name not in off,
            )
            for item in sorted(lines, key=rank)
        ]  # fmt: skip

    def routable(self, info: ProviderInfo) -> bool:
        """Not closed for good, and with voices that are not somebody's own."""
        gone = info.retired_on is not None and info.retired_on <= today()
        return not gone and self._book.has_gallery(info.name)

    def _known(self, names: Sequence[str]) -> list[str]:
        """Without engines that this release does not have any more."""
        here = {info.name for info in self._registry.known(KIND)}
        return [name for name in names if name in here]


def class_of(info: ProviderInfo) -> Class:
    return "service" if info.resource == "net" or info.paid else "embedded" if info.name == EMBEDDED else "local"
