"""Calls without a job whose outcome nobody knows: shown, held, and resolved by a person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.app import Studio
from core.calls import direct
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, OutcomeUnknown
from core.store import attempts, charges
from tests.calls.test_direct import Catalogue
from tests.money.till import held

ANN, BOB = Actor("ann", tier="studio"), Actor("bob", tier="studio")


@pytest.fixture
def lost(studio: Studio) -> str:
    studio.registry.add(Catalogue(acts=["unknown"]))
    with pytest.raises(OutcomeUnknown):
        studio.direct.query(ANN, "search", {"words": "rain"})
    [found] = studio.direct.unresolved(LOCAL)
    assert (found.provider, found.user_id, found.usd) == ("catalogue", "ann", Decimal("0.01"))
    assert "never came" in found.why
    return found.attempt_id


def test_it_is_held_until_somebody_says_it_was_not_billed(studio: Studio, lost: str) -> None:
    assert held(studio) == Decimal("0.01")
    studio.direct.resolve(LOCAL, lost, billed=False)
    assert (held(studio), studio.direct.unresolved(LOCAL)) == (0, [])


def test_or_that_it_was(studio: Studio, lost: str) -> None:
    studio.direct.resolve(ANN, lost, billed=True)
    assert held(studio) == Decimal("0.01")
    with studio.store.db.read() as connection:
        row = charges.by_attempt(connection, lost)
        assert row is not None
        assert (row.status, row.price["note"]) == ("settled", "billed, said a person")
    with pytest.raises(NotFound, match="no unresolved call"):
        studio.direct.resolve(ANN, lost, billed=False)


def test_it_is_nobody_elses_business(studio: Studio, lost: str) -> None:
    assert studio.direct.unresolved(BOB) == []
    with pytest.raises(NotFound):
        studio.direct.resolve(BOB, lost, billed=False)


def test_a_call_whose_process_died_turns_up_after_a_while(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.registry.add(Catalogue())
    monkeypatch.setattr(studio.direct._metered, "settle", lambda *_, **__: None)  # as if it died before this
    studio.direct.query(LOCAL, "search", {"words": "rain"})
    assert studio.direct.unresolved(LOCAL) == [], "it may still be under way"
    monkeypatch.setattr(direct, "SILENT", timedelta(0))
    [found] = studio.direct.unresolved(LOCAL)
    assert "the studio stopped" in found.why
    studio.direct.resolve(LOCAL, found.attempt_id, billed=True)
    with studio.store.db.read() as connection:
        row = connection.execute(attempts.table.select()).mappings().one()
    assert (row["status"], held(studio)) == ("failed", Decimal("0.01"))
