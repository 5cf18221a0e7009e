"""Which engine speaks for a quality: a rule, without a database and without a clock, so that it can be tried on any state.

Who qualifies. draft: what costs nothing and runs here. standard: what costs no cash: the neural engines here, a service
whose plan pays for it, the embedded voices. premium: services and the neural engines here.
Who comes first: the user's order, then the studio's order, then by class as in the line above (premium: services first;
draft: the embedded first), then a service whose plan has units left, then what may be used commercially, then as the engines are listed.
Who is passed over: not ready, switched off, no voice as asked, no price, no room under a cap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from core.kit.errors import MoneyError, SetupError, StudioError
from core.money.allowance import PLAN_STOP
from core.voice.routing.wish import Quality
from core.voice.types import Voice

Class = Literal["embedded", "local", "service"]
_CLASSES: Mapping[str, tuple[Class, ...]] = {
    "draft": ("embedded", "local"), "standard": ("local", "service", "embedded"), "premium": ("service", "local"),
}  # fmt: skip
CAPS = {
    "job": "over the job's cap", "day": "over the studio's daily cap", "month": "over the studio's monthly cap",
    "user_day": "over your daily cap",
}  # fmt: skip
_CENT_PARTS = Decimal("0.0001")
NO_CASH = "it would cost cash"


@dataclass(frozen=True)
class Able:
    """An engine as routing sees it at this moment."""

    name: str
    title: str
    kind: Class
    voice: Voice | None = None
    """The nearest to what was asked."""
    why_not: str = ""
    """Not ready, switched off, or nobody there speaks as asked; "": it could speak."""
    plan_left: bool = False
    """A plan that is held still pays for speech there."""
    limited: bool = False
    """On this machine, by weights whose licence forbids commercial use."""


@dataclass(frozen=True)
class Skipped:
    engine: str
    title: str
    why: str


@dataclass(frozen=True)
class Choice:
    quality: Quality
    engine: str
    title: str
    voice: Voice
    usd: Decimal
    """The most it can cost."""
    skipped: tuple[Skipped, ...]
    """Those that would have come first, and why they did not."""

    free: bool = False
    """Nothing is counted, not even against a plan."""

    @property
    def why(self) -> str:
        # Rounded up, so that what is said is never less than what it can cost.
        price = (
            f"up to ${self.usd.quantize(_CENT_PARTS, ROUND_CEILING).normalize():f}"
            if self.usd
            else "free"
            if self.free
            else "your plan pays"
        )
        passed = "".join(f"; {each.title} skipped: {each.why}" for each in self.skipped)
        return f"{self.quality}: {self.title} {self.voice.name}, {price}{passed}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "quality": self.quality, "engine": self.engine, "voice": self.voice.id, "usd": f"{self.usd:f}", "why": self.why,
            "skipped": [{"engine": each.engine, "why": each.why} for each in self.skipped],
        }  # fmt: skip


def ranked(quality: Quality, engines: Sequence[Able], mine: Sequence[str], house: Sequence[str]) -> list[Able]:
    """Those that qualify, best first. `engines`: as they are listed; `mine` and `house`: names in order."""
    classes = _CLASSES[quality]

    def rank(each: tuple[int, Able]) -> tuple[int, ...]:
        number, engine = each
        return (
            _place(mine, engine.name), _place(house, engine.name), classes.index(engine.kind), int(not engine.plan_left), int(engine.limited), number
        )  # fmt: skip

    return [engine for _, engine in sorted(((n, e) for n, e in enumerate(engines) if e.kind in classes), key=rank)]


def choose(
    quality: Quality,
    ranking: Sequence[Able],
    room: Mapping[str, Decimal],
    price: Callable[[Able], Decimal],
) -> Choice:
    """The first that can speak within every cap. `room`: dollars left by cap. `price`: the most this script can cost there;
    raises StudioError where it cannot be bought. MoneyError or SetupError names every engine and why not."""
    skipped: list[Skipped] = []
    money = False
    for engine in ranking:
        usd = Decimal(0)
        why = engine.why_not or ("" if engine.voice is not None else "nobody there speaks as asked")
        if not why:
            try:
                usd = price(engine)
            except StudioError as error:
                why, money = _short(error), money or isinstance(error, MoneyError)
        if not why and usd and (why := over(usd, room) if quality == "premium" else NO_CASH):
            money = True
        if not why and engine.voice is not None:
            free = engine.kind != "service"
            return Choice(quality, engine.name, engine.title, engine.voice, usd, tuple(skipped), free)
        skipped.append(Skipped(engine.name, engine.title, why))
    told = "; ".join(f"{each.title}: {each.why}" for each in skipped) or "no engine of that kind is installed"
    kind = MoneyError if money else SetupError
    raise kind(
        f"Nothing speaks at {quality} quality now ({told}).", "Choose another quality, name a voice, or raise the cap.", "no_route",
    )  # fmt: skip


def over(usd: Decimal, room: Mapping[str, Decimal]) -> str:
    """Which cap has no room for it; "" where all have."""
    return next((CAPS.get(scope, f"over the cap {scope}") for scope, left in room.items() if usd > left), "")


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _short(error: StudioError) -> str:
    if isinstance(error, MoneyError) and error.code == PLAN_STOP:
        return "its plan has not enough left this month"
    if error.code == "no_price":
        return "it has no price here"
    return error.message.rstrip(".")
