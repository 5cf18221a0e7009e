"""Which engine makes a piece: the one that was named, or the best of a quality that every cap has room for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.kit.actor import Actor
from core.kit.errors import MoneyError, SetupError, StudioError, UserError
from core.music.engines import Class, Engines, class_of
from core.music.types import MusicRequest

Quality = Literal["", "draft", "standard", "premium"]
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "premium")
_CLASSES: dict[str, tuple[Class, ...]] = {
    "draft": ("embedded",), "standard": ("local", "service", "embedded"), "premium": ("service", "local", "embedded"),
}  # fmt: skip
"""Best first. standard costs no cash: a service is in it only while a plan pays."""


@dataclass(frozen=True)
class Route:
    engines: tuple[str, ...]
    """Who is asked, in this order; the others only where the first failed and it is known to have cost nothing."""
    usd: Decimal
    """The most it can cost: no later one is dearer than this."""
    title: str
    """Of the first."""
    why: str = ""
    """Why this one, where a quality chose it."""
    skipped: tuple[tuple[str, str], ...] = ()
    """(title, reason) of those that would have come first."""

    def as_dict(self) -> dict[str, Any]:
        return {"why": self.why, "usd": f"{self.usd:f}", "skipped": [list(each) for each in self.skipped]}


def route(
    engines: Engines,
    actor: Actor,
    request: MusicRequest,
    *,
    provider: str | None,
    quality: str,
    cap_usd: Decimal | None,
) -> Route:
    """UserError where the engine named cannot make this; SetupError or MoneyError where none can now."""
    if provider:
        return _named(engines, provider, request)
    if quality:
        if quality not in QUALITIES:
            raise UserError(f"There is no quality {quality[:40]!r}.", f"Choose one of: {', '.join(QUALITIES)}.")
        return _best(engines, actor, request, quality, cap_usd)
    ready = [each.info for each in engines.in_order() if each.ready]
    if not ready:
        raise SetupError("No engine of music is ready.", "Run: studio doctor", "no_provider_ready")
    # What is free and first stays alone: nothing is bought, and no other licence is met, by a press on Generate.
    names = [info.name for info in ready] if ready[0].paid else [ready[0].name]
    able = [name for name in names[1:] if _able(engines, name, request)]
    engines.check(names[0], request)
    return Route((names[0], *able), _usd(engines, names[0], request), ready[0].title)


def _named(engines: Engines, provider: str, request: MusicRequest) -> Route:
    state = next((each for each in engines.in_order() if each.info.name == provider), None)
    info = engines.get(provider).info  # UserError for one that there is not
    if state is not None and not state.ready:
        raise SetupError(f"{info.title} is not ready: {state.why}.", state.remedy, "provider_not_ready")
    engines.check(provider, request)
    return Route((provider,), _usd(engines, provider, request), info.title)


def _best(engines: Engines, actor: Actor, request: MusicRequest, quality: str, cap_usd: Decimal | None) -> Route:
    room = engines.room(actor, cap_usd)
    least = min(room.values(), default=Decimal(0))
    classes = _CLASSES[quality]
    states = sorted(
        (each for each in engines.in_order() if class_of(each.info) in classes), key=lambda each: classes.index(class_of(each.info))
    )  # fmt: skip
    able: list[tuple[str, str, Decimal]] = []
    skipped: list[tuple[str, str]] = []
    money = False
    for state in states:
        info, usd, why = state.info, Decimal(0), "" if state.ready else state.why
        if not why:
            try:
                engines.check(info.name, request.model_copy(update={"model": None}))
                usd = engines.quote(info.name, request).usd
            except StudioError as error:
                why = "it has no price here" if error.code == "no_price" else error.message.rstrip(".")
                money = money or isinstance(error, MoneyError)
        if not why and usd and (quality != "premium" or usd > least):
            why, money = "it would cost cash" if quality != "premium" else f"up to ${usd:f} is over a cap", True
        if why:
            skipped += [] if able else [(info.title, why)]
        else:
            able.append((info.name, info.title, usd))
    if not able:
        told = "; ".join(f"{title}: {why}" for title, why in skipped)
        kind = MoneyError if money else SetupError
        raise kind(
            f"Nothing can make this at {quality} quality now ({told}).",
            "Choose another quality, or name an engine.",
            "no_route",
        )
    name, title, usd = able[0]
    price = f"up to ${usd:f}" if usd else "no cash"
    passed = "".join(f"; {other} skipped: {why}" for other, why in skipped)
    others = tuple(other for other, _, price in able[1:] if price <= usd)
    return Route((name, *others), usd, title, f"{quality}: {title}, {price}{passed}", tuple(skipped))


def _able(engines: Engines, name: str, request: MusicRequest) -> bool:
    try:
        engines.check(name, request)
    except StudioError:
        return False
    return True


def _usd(engines: Engines, name: str, request: MusicRequest) -> Decimal:
    return engines.quote(name, request).usd
