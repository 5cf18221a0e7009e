"""Queries and streams: cached, stale on error, billed for what was delivered, never bought twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError, OutcomeUnknown, ProviderError, Rejected, Unavailable
from core.providers.base import Call, Found, Part, ProviderInfo
from core.store import charges


@dataclass
class Catalogue:
    """A scripted search service at $0.01 a search and a scripted text service at $0.001 a token."""

    name: str = "catalogue"
    ttl_s: float = 60.0
    acts: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo(
            name=self.name, title=self.name, kind="search", form="query", units=("searches",), ttl_s=self.ttl_s
        )

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {"searches": Decimal(1)}

    def query(self, request: Any, call: Call) -> Found:
        act = self.acts.pop(0) if self.acts else "ok"
        if act == "down":
            raise Unavailable("cannot connect")
        if act == "unknown":
            raise OutcomeUnknown("the answer never came")
        self.asked += 1
        return Found({"hits": [request["words"], self.asked]}, {"searches": Decimal(1)})


@dataclass
class Talker:
    name: str = "talker"
    fail_after: int | None = None
    error: ProviderError | None = None

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo(name=self.name, title=self.name, kind="text", form="stream", units=("tokens",))

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {"tokens": Decimal(100)}

    def stream(self, request: Any, call: Call) -> Iterator[Part]:
        for n in range(10):
            if self.fail_after == n:
                assert self.error is not None
                raise self.error
            yield Part(f"word{n}", {"tokens": Decimal(n + 1)})


def rows(studio: Studio) -> list[tuple[str, str, str]]:
    with studio.store.db.read() as connection:
        found = connection.execute(charges.table.select().order_by(charges.table.c.created_at)).mappings().all()
    return [(row["provider"], row["status"], str(row["settled_usd"])) for row in found]


@pytest.fixture
def catalogue(studio: Studio) -> Catalogue:
    made = Catalogue()
    studio.registry.add(made)
    return made


def test_a_fresh_answer_is_not_bought_again(studio: Studio, catalogue: Catalogue) -> None:
    first = studio.direct.query(LOCAL, "search", {"words": "rain"})
    again = studio.direct.query(LOCAL, "search", {"words": "rain"})
    other = studio.direct.query(LOCAL, "search", {"words": "sun"})
    assert (first.cached, again.cached, other.cached) == (False, True, False)
    assert again.value == first.value
    assert catalogue.asked == 2
    assert rows(studio) == [
        ("catalogue", "settled", "0.01"),
        ("catalogue", "settled", "0"),
        ("catalogue", "settled", "0.01"),
    ]


def test_a_stale_answer_is_better_than_none_and_says_so(studio: Studio, catalogue: Catalogue) -> None:
    catalogue.ttl_s = 0.001
    studio.direct.query(LOCAL, "search", {"words": "rain"})
    catalogue.acts = ["down"]
    stale = studio.direct.query(LOCAL, "search", {"words": "rain"})
    assert stale.stale
    assert "cannot connect" in stale.note
    catalogue.acts = ["down"]
    with pytest.raises(Unavailable):
        studio.direct.query(LOCAL, "search", {"words": "never asked"})


def test_a_query_falls_over_only_when_it_cost_nothing(studio: Studio, catalogue: Catalogue) -> None:
    studio.registry.add(Catalogue("second"))
    catalogue.acts = ["down"]
    assert studio.direct.query(LOCAL, "search", {"words": "a"}).provider == "second"
    catalogue.acts = ["unknown"]
    with pytest.raises(OutcomeUnknown):
        studio.direct.query(LOCAL, "search", {"words": "b"})
    assert rows(studio) == [
        ("catalogue", "released", "0"),
        ("second", "settled", "0.01"),
        ("catalogue", "reserved", "0"),
    ]


def test_a_cap_holds_for_queries_too(studio: Studio, catalogue: Catalogue) -> None:
    studio.budgets.set_limit("day", Decimal("0.015"))
    studio.direct.query(LOCAL, "search", {"words": "a"})
    with pytest.raises(MoneyError):
        studio.direct.query(LOCAL, "search", {"words": "b"})
    assert studio.direct.query(LOCAL, "search", {"words": "a"}).cached
    assert catalogue.asked == 1


def test_a_stream_is_billed_for_what_came(studio: Studio) -> None:
    studio.registry.add(Talker())
    assert list(studio.direct.stream(LOCAL, "text", {})) == [f"word{n}" for n in range(10)]
    assert rows(studio) == [("talker", "settled", "0.01")]


def test_a_stream_the_reader_leaves_settles_what_was_delivered(studio: Studio) -> None:
    studio.registry.add(Talker())
    reading = studio.direct.stream(LOCAL, "text", {})
    assert [next(reading), next(reading)] == ["word0", "word1"]
    reading.close()  # type: ignore[attr-defined]
    assert rows(studio) == [("talker", "settled", "0.002")]


def test_a_stream_that_is_cut_or_stopped_settles_what_was_delivered(studio: Studio) -> None:
    studio.registry.add(Talker(fail_after=4, error=Unavailable("gone")))
    got: list[str] = []
    with pytest.raises(Unavailable):
        got.extend(studio.direct.stream(LOCAL, "text", {}))
    studio.registry.add(Talker())
    stopping = studio.direct.stream(LOCAL, "text", {}, cancelled=lambda: True)
    assert list(stopping) == ["word0"]
    assert rows(studio) == [("talker", "settled", "0.004"), ("talker", "settled", "0.001")]


def test_a_stream_falls_over_before_its_first_part(studio: Studio) -> None:
    studio.registry.add(Talker(fail_after=0, error=Rejected("not this")), Talker("second"))
    assert len(list(studio.direct.stream(LOCAL, "text", {}))) == 10
    assert rows(studio) == [("talker", "released", "0"), ("second", "settled", "0.01")]
