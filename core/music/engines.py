"""The engines of music as they are at this moment: who is ready, what each obeys, what a request would cost there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, cast

from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.money.allowance import Plans
from core.money.ledger import Ledger
from core.money.prices import Quote
from core.music.engine import KIND, STREAM, MusicEngine, obeyed
from core.music.types import MusicRequest
from core.providers.base import ProviderInfo
from core.providers.registry import Readiness, Registry
from core.rights import licences
from core.store.store import Store

EMBEDDED = "composer"
Class = Literal["embedded", "local", "service"]


@dataclass(frozen=True)
class EngineLine:
    """One engine as a page or a list shows it."""

    name: str
    title: str
    kind: Class
    paid: bool
    ready: bool
    why: str
    remedy: str
    obeys: tuple[str, ...]
    """Fields of a MusicRequest."""
    models: tuple[str, ...]
    default_model: str
    shortest_s: float
    longest_s: float
    """Of the usual model."""
    licence: str
    """Id of what it makes now."""
    licence_title: str
    commercial: bool
    usd: Decimal | None
    """Of 30 seconds by the usual model; None where no price is known."""
    units: str
    """What it takes from a plan instead; "" where it is cash or free."""
    streams: bool
    """It can be heard while it is made."""


class Engines:
    def __init__(self, store: Store, registry: Registry, ledger: Ledger, plans: Plans) -> None:
        self._store = store
        self._registry = registry
        self._ledger = ledger
        self._plans = plans

    def get(self, name: str) -> MusicEngine:
        return cast(MusicEngine, self._registry.get(KIND, name))

    def waits(self, name: str) -> bool:
        """Whether its work is done elsewhere. Reads nothing."""
        return any(info.name == name and info.resource == "net" for info in self._registry.known(KIND))

    def in_order(self) -> list[Readiness]:
        """The studio's order, ready or not."""
        states = {each.info.name: each for each in self._registry.readiness(KIND)}
        return [states[name] for name in self._registry.order(KIND)]

    def listing(self) -> list[EngineLine]:
        """In the studio's order."""
        lines = []
        for state in self.in_order():
            name, engine = state.info.name, self.get(state.info.name)
            shortest, longest = _lengths(engine)
            licence = self.licence(state.info)
            record = licences.known()[licence]
            usd, units = self._typical(engine)
            lines.append(
                EngineLine(
                    name, state.info.title, class_of(state.info), state.info.paid, state.ready, "" if state.ready else state.why,
                    state.remedy, tuple(sorted(obeyed(state.info))), state.info.models, engine.default_model, shortest, longest,
                    licence, str(record["title"]), bool(record["commercial"]), usd, units,
                    STREAM in state.info.capabilities,
                )
            )  # fmt: skip
        return lines

    def licence(self, info: ProviderInfo) -> str:
        """Id of what it makes from now on; what was bought before keeps its own."""
        on_plan = bool(info.licence_on_plan) and self._plans.commercial(info.name)
        return info.licence_on_plan if on_plan else info.licence

    def check(self, name: str, request: MusicRequest) -> Mapping[str, Any]:
        """What the engine would be told. UserError where it cannot make this: too long, a model it does not have, words it
        has no place for. Nothing is sent."""
        engine = self.get(name)
        info = engine.info
        if request.model is not None and request.model not in info.models:
            raise UserError(
                f"{info.title} has no model {request.model!r}.", f"There is: {', '.join(info.models)}.", "no_model"
            )
        shortest, longest = engine.lengths(request.model or engine.default_model)
        if not shortest <= request.seconds <= longest:
            raise UserError(
                f"{info.title} cannot make {request.seconds:g} seconds.", f"It makes {shortest:g} to {longest:g} seconds.", "length"
            )  # fmt: skip
        return engine.told(request)

    def check_streams(self, name: str, request: MusicRequest) -> None:
        """UserError where this cannot be heard while it is made."""
        info = self.get(name).info
        if STREAM not in info.capabilities:
            can = [each.title for each in self._registry.known(KIND) if STREAM in each.capabilities]
            raise UserError(
                f"{info.title} cannot be heard while it makes a piece.",
                f"Ask for {' or '.join(can)}, or hear it when it is done.", "no_stream",
            )  # fmt: skip
        if request.best_of > 1:
            raise UserError(
                "The best of several tries is chosen at the end, so it cannot be heard while it is made.",
                "Make it once (best_of 1), or hear it when it is done.", "no_stream",
            )  # fmt: skip

    def quote(self, name: str, request: MusicRequest) -> Quote:
        """The most it can cost there. SetupError without a price, MoneyError where a plan stops."""
        engine = self.get(name)
        with self._store.db.read() as connection:
            model = request.model or engine.default_model
            return self._ledger.quote(connection, name, KIND, model, engine.maximum(request))

    def room(self, actor: Actor, cap_usd: Decimal | None) -> Mapping[str, Decimal]:
        with self._store.db.read() as connection:
            return self._ledger.room(connection, actor, cap_usd)

    def _typical(self, engine: MusicEngine) -> tuple[Decimal | None, str]:
        shortest, longest = _lengths(engine)
        request = MusicRequest(prompt="calm piano", seconds=max(3.0, min(max(30.0, shortest), longest)), seed=1)
        try:
            quote = self.quote(engine.info.name, request)
        except StudioError:
            return None, ""
        return quote.usd, f"{quote.plan_used:g} {quote.plan_unit}" if quote.plan_used else ""


def _lengths(engine: MusicEngine) -> tuple[float, float]:
    """Of the usual model; none for an engine that is listed only to say why it is not there."""
    try:
        return engine.lengths(engine.default_model)
    except StudioError:
        return 0.0, 0.0


def class_of(info: ProviderInfo) -> Class:
    return "service" if info.resource == "net" or info.paid else "embedded" if info.name == EMBEDDED else "local"
