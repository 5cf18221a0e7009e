"""What was spent, cut by day, engine, user and model: on both databases, and to the last nano-dollar."""

from __future__ import annotations

from decimal import Decimal

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.store import spending
from core.store.spending import By
from tests.money.till import reserve, settle

ADA = Actor("ada")


def cut(studio: Studio, by: By, **only: object) -> dict[str, tuple[int, Decimal]]:
    with studio.store.db.read() as connection:
        found = spending.grouped(connection, by, first_day=today(), last_day=today(), **only)  # type: ignore[arg-type]
    return {each.group: (each.count, each.usd) for each in found}


def test_groups_add_up_to_the_ledger(studio: Studio) -> None:
    for actor, provider, tracks in ((LOCAL, "scripted", 1), (LOCAL, "remote", 2), (ADA, "scripted", 3)):
        settle(studio, reserve(studio, {"tracks": tracks}, actor=actor, provider=provider), {"tracks": tracks})
    open_ = reserve(studio, {"tracks": 4}, actor=ADA)  # counted, and worth nothing until its bill is there
    assert cut(studio, "day") == {today().isoformat(): (4, Decimal("0.60"))}
    assert cut(studio, "provider") == {"remote": (1, Decimal("0.20")), "scripted": (3, Decimal("0.40"))}
    assert cut(studio, "user") == {"ada": (2, Decimal("0.30")), "local": (2, Decimal("0.30"))}
    assert cut(studio, "model") == {"default": (4, Decimal("0.60"))}
    assert cut(studio, "template") == {"": (4, Decimal("0.60"))}
    assert cut(studio, "provider", user_id="ada") == {"scripted": (2, Decimal("0.30"))}
    settle(studio, open_, {"tracks": 1})
    assert cut(studio, "user", provider="scripted") == {"ada": (2, Decimal("0.40")), "local": (1, Decimal("0.10"))}
