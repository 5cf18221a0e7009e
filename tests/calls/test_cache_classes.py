"""Classes of cached answers: their time to live, what they saved, forgetting, and one asker for one question."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.calls import cache
from core.calls.cache import ClassFigures
from core.calls.direct import Answer
from core.kit.actor import LOCAL
from core.kit.errors import RateLimited, Rejected, Unavailable
from core.providers.base import Call, Found, ProviderInfo
from core.store import answers, askings, charges, pauses
from tests import scripted
from tests.forked import start

WAIT_S = 60.0


@dataclass
class Catalogue:
    """Counts what it is asked, in a file, so that several processes can be counted; $0.01 a search (tests/prices)."""

    tally: Path
    name: str = "catalogue"
    acts: list[str] = field(default_factory=list)
    gate: threading.Event | None = None
    """It answers once this is set."""
    begun: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0

    @property
    def info(self) -> ProviderInfo:
        return ProviderInfo(
            name=self.name, title=self.name, kind="catalogue", form="query", resource="net", units=("searches",)
        )

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {"searches": Decimal(1)}

    def query(self, request: Any, call: Call) -> Found:
        with self.tally.open("ab", buffering=0) as file:
            file.write(b"x")
        self.begun.set()
        if self.gate is not None:
            assert self.gate.wait(WAIT_S)
        time.sleep(self.seconds)
        act = self.acts.pop(0) if self.acts else "ok"
        if act == "down":
            raise Unavailable("cannot connect")
        if act == "refused":
            raise Rejected("not this")
        if act == "defect":
            raise KeyError("an adapter's mistake")
        return Found({"op": request["op"], "asked": self.asked}, {"searches": Decimal(1)})

    @property
    def asked(self) -> int:
        return self.tally.stat().st_size if self.tally.exists() else 0


@pytest.fixture
def catalogue(studio: Studio, tmp_path: Path) -> Catalogue:
    made = Catalogue(tmp_path / "asked")
    studio.registry.add(made)
    return made


def ask(studio: Studio, op: str = "search", cache_class: str | None = None, **more: Any) -> Answer:
    request = {"op": op, "text": more.pop("text", "rain")}
    return studio.direct.query(
        LOCAL, "catalogue", request, provider="catalogue", cache_class=op if cache_class is None else cache_class, **more
    )  # fmt: skip


def expire(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        for row in connection.execute(answers.table.select()).mappings().all():
            then = row["made_at"] - timedelta(seconds=100)
            connection.execute(
                answers.table.update().where(answers.table.c.key == row["key"]).values(made_at=then, expires_at=then)
            )


def figures(studio: Studio, cache_class: str = "search") -> ClassFigures:
    return next(one for one in studio.direct.answers.figures() if one.cache_class == cache_class)


def together(count: int, act: Callable[[], Any]) -> list[Any]:
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(act())
        except Exception as error:
            got.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert len(got) == count
    return got


@pytest.mark.usefixtures("catalogue")
def test_each_class_has_a_time_to_live_of_its_own(studio: Studio) -> None:
    for op in ("search", "details", "validation"):
        ask(studio, op)
    with studio.store.db.read() as connection:
        rows = connection.execute(answers.table.select()).mappings().all()
    lasting = {row["cache_class"]: round((row["expires_at"] - row["made_at"]).total_seconds()) for row in rows}
    assert lasting == {"search": 3600, "details": 7200, "validation": 86400}
    ask(studio, "list", cache_class="")
    assert not ask(studio, "list", cache_class="").cached, (
        "what has no class is the provider's to say, and it says never"
    )
    assert ask(studio, "own", cache_class="search", ttl_s=0).cached is False
    assert not ask(studio, "own", cache_class="search").cached


def test_what_the_cache_did_is_counted_and_every_hit_is_a_row_of_nothing(studio: Studio, catalogue: Catalogue) -> None:
    for _ in range(5):
        ask(studio)
    ask(studio, text="sun")
    assert catalogue.asked == 2
    seen = figures(studio)
    assert (seen.hits, seen.misses, seen.stale, seen.entries, seen.fresh) == (4, 2, 0, 2, 2)
    assert seen.hit_rate == pytest.approx(4 / 6)
    assert (seen.calls_saved, seen.saved_usd) == (4, Decimal("0.04"))
    assert seen.ttl_s == 3600
    assert seen.oldest_s is not None
    with studio.store.db.read() as connection:
        rows = connection.execute(charges.table.select()).mappings().all()
    assert sorted(row["settled_usd"] for row in rows) == [Decimal(0)] * 4 + [Decimal("0.01")] * 2
    assert {row["status"] for row in rows} == {"settled"}
    studio.direct.close()
    assert figures(studio).hits == 4, "nothing is written down twice"


@pytest.mark.usefixtures("catalogue")
def test_the_figures_are_there_without_anybody_asking_for_them(studio: Studio) -> None:
    ask(studio)
    ask(studio)
    until = time.monotonic() + WAIT_S
    while True:
        with studio.store.db.read() as connection:
            if len(connection.execute(charges.table.select()).all()) == 2:
                return
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_stale_answer_says_how_old_it_is(studio: Studio, catalogue: Catalogue) -> None:
    first = ask(studio)
    expire(studio)
    catalogue.acts = ["down"]
    stale = ask(studio)
    assert (stale.stale, stale.cached, stale.value) == (True, True, first.value)
    assert stale.age_s >= 100
    assert "cannot connect" in stale.note
    seen = figures(studio)
    assert (seen.stale, seen.misses, seen.hits, seen.fresh) == (1, 1, 0, 0)
    assert not ask(studio).cached, "the provider is there again"


def test_fresh_asks_again_and_keeps_the_new_answer(studio: Studio, catalogue: Catalogue) -> None:
    ask(studio)
    again = ask(studio, fresh=True)
    assert (again.cached, again.value["asked"]) == (False, 2)
    assert ask(studio).value["asked"] == 2
    catalogue.acts = ["down"]
    assert ask(studio, fresh=True).stale


@pytest.mark.usefixtures("catalogue")
def test_forgetting_one_question_a_class_a_provider_and_all(studio: Studio) -> None:
    def fill() -> None:
        for op in ("search", "validation"):
            ask(studio, op)
            ask(studio, op, text="sun")

    fill()
    key = studio.direct.key_of("catalogue", "catalogue", {"op": "search", "text": "sun"})
    assert studio.direct.forget(key=key) == 1
    assert studio.direct.forget(key=key) == 0
    assert ask(studio).cached
    assert studio.direct.forget("catalogue", "validation") == 2
    assert studio.direct.forget("another") == 0
    fill()
    assert studio.direct.forget("catalogue") == 4
    fill()
    assert studio.direct.forget() == 4


def test_what_was_asked_before_it_was_forgotten_is_not_kept(studio: Studio, catalogue: Catalogue) -> None:
    """A licence revoked while its validation is under way."""
    catalogue.gate = threading.Event()
    asking = threading.Thread(target=lambda: ask(studio, "validation"), daemon=True)
    asking.start()
    assert catalogue.begun.wait(WAIT_S)
    studio.direct.forget("catalogue", "validation")
    catalogue.gate.set()
    asking.join(WAIT_S)
    assert not ask(studio, "validation").cached
    assert catalogue.asked == 2


def test_the_same_question_in_the_same_moment_is_asked_once(studio: Studio, catalogue: Catalogue) -> None:
    catalogue.seconds = 0.3
    got = together(8, lambda: ask(studio))
    assert catalogue.asked == 1
    assert [one.value["asked"] for one in got] == [1] * 8
    assert sum(not one.cached for one in got) == 1
    seen = figures(studio)
    assert (seen.hits, seen.misses) == (7, 1)
    assert seen.joined >= 1
    with studio.store.db.read() as connection:
        assert connection.execute(askings.table.select()).all() == []


def test_those_who_waited_share_the_providers_failure(studio: Studio, catalogue: Catalogue) -> None:
    """A provider that is down is not asked once more by each of them."""
    catalogue.gate = threading.Event()
    catalogue.acts = ["down"] * 8
    got: list[Any] = []
    waiters = threading.Thread(target=lambda: got.extend(together(4, lambda: ask(studio))), daemon=True)
    waiters.start()
    assert catalogue.begun.wait(WAIT_S)
    time.sleep(1.0)  # time for the others to find that it is asked; whoever is later asks for himself
    catalogue.gate.set()
    waiters.join(WAIT_S)
    assert all(isinstance(one, Unavailable) and one.cost_nothing for one in got)
    assert catalogue.asked < 4
    catalogue.acts = []
    assert ask(studio).value["asked"] == catalogue.asked


def test_a_defect_leaves_nobody_waiting(studio: Studio, catalogue: Catalogue) -> None:
    catalogue.acts = ["defect"]
    with pytest.raises(KeyError):
        ask(studio)
    assert not ask(studio).cached


@pytest.mark.usefixtures("catalogue")
def test_who_asks_and_dies_is_followed_by_the_next(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LASTING", timedelta(seconds=1))
    key = studio.direct.key_of("catalogue", "catalogue", {"op": "search", "text": "rain"})
    with studio.store.db.exclusive(f"asking:{key}") as connection:
        askings.take(connection, key, "dead", "catalogue", "search", timedelta(seconds=1))
    assert ask(studio).value["asked"] == 1


def test_a_slow_answer_is_waited_for_longer_than_its_claim_lasts(
    studio: Studio, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LASTING", timedelta(seconds=1.5))
    catalogue.seconds = 4.0
    assert [one.value["asked"] for one in together(3, lambda: ask(studio))] == [1] * 3
    assert catalogue.asked == 1


def ask_all(home: str, database_url: str, tally: str, questions: int) -> None:
    """In a process of its own: every question from two threads."""
    studio = scripted.build(Path(home), database_url=database_url)
    studio.registry.add(Catalogue(Path(tally), seconds=0.05))
    try:
        for number in range(questions):
            together(2, lambda number=number: ask(studio, text=str(number)))  # type: ignore[misc]
    finally:
        studio.close()


def test_processes_share_the_cache_and_ask_once(studio: Studio, catalogue: Catalogue, database_url: str) -> None:
    questions = 12
    others = [
        start(ask_all, str(studio.settings.home), database_url, str(catalogue.tally), questions, environment={})
        for _ in range(2)
    ]
    assert [other.wait(120) for other in others] == [0, 0]
    assert catalogue.asked == questions
    seen = figures(studio)
    assert (seen.hits, seen.misses) == (3 * questions, questions)


@pytest.mark.usefixtures("catalogue")
def test_a_limit_that_is_reached_gives_the_stale_answer(studio: Studio) -> None:
    first = ask(studio)
    expire(studio)
    with studio.store.db.write() as connection:
        pauses.say(connection, "catalogue", 600)
    stale = ask(studio, patience_s=0.1)
    assert (stale.stale, stale.value) == (True, first.value)
    with pytest.raises(RateLimited) as error:
        ask(studio, text="new", patience_s=0.1)
    assert error.value.wait_s > 500
    assert "10 minutes" in error.value.message
