"""No window of a provider's is ever exceeded, over threads and processes; what nears a limit slows down and is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.app import Studio
from core.calls import permits as waiting
from core.calls.limits import counted_apart
from core.calls.permits import Full
from core.kit.actor import LOCAL
from core.kit.clock import now
from core.kit.errors import Cancelled, RateLimited
from core.providers.base import Call, Found, ProviderInfo
from core.store import budgets, pauses, permits
from tests import scripted
from tests.forked import start

SHORT = {"minute": 1.0, "hour": 2.5, "day": 6.0}
"""Windows that a test can wait for."""


@dataclass
class Counting:
    """Writes down when it was asked."""

    times: Path
    limits: Mapping[str, int] = field(default_factory=dict)
    refusals: list[float] = field(default_factory=list)
    """Retry-After of the next answers."""
    beside: int = 0
    """Further requests that an answer takes."""

    @property
    def info(self) -> ProviderInfo:
        per = {f"per_{window}": limit for window, limit in self.limits.items()}
        return ProviderInfo(name="counting", title="Counting", kind="catalogue", form="query", resource="net", **per)

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        self._note()
        for _ in range(self.beside):
            call.another()
            self._note()
        if self.refusals:
            raise RateLimited("too many requests", wait_s=self.refusals.pop(0))
        return Found({"found": []})

    def _note(self) -> None:
        with self.times.open("ab", buffering=0) as file:
            file.write(f"{time.time():.6f}\n".encode())

    @property
    def asked(self) -> list[float]:
        return sorted(float(line) for line in self.times.read_text().split()) if self.times.exists() else []


def provider(studio: Studio, tmp_path: Path, limits: Mapping[str, int], **more: Any) -> Counting:
    made = Counting(tmp_path / "times", limits, **more)
    studio.registry.add(made)
    return made


def ask(studio: Studio, text: str = "rain", patience_s: float = 60.0, **more: Any) -> Any:
    return studio.direct.query(LOCAL, "catalogue", {"text": text}, provider="counting", patience_s=patience_s, **more)


def most_within(times: list[float], seconds: float) -> int:
    return max(sum(begin <= time < begin + seconds for time in times) for begin in times)


def ask_many(home: str, database_url: str, times: str, limits: dict[str, int], threads: int, each: int) -> None:
    """In a process of its own."""
    waiting.WINDOWS = SHORT
    studio = scripted.build(Path(home), database_url=database_url)
    studio.registry.add(Counting(Path(times), limits))

    def run(number: int) -> None:
        for n in range(each):
            ask(studio, f"{number} {n}")

    running = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(100)
    studio.close()


def test_two_processes_of_many_threads_never_exceed_a_window(studio: Studio, tmp_path: Path, database_url: str) -> None:
    limits = {"minute": 6, "hour": 10, "day": 20}
    counting = provider(studio, tmp_path, limits)
    given_ = (str(studio.settings.home), database_url, str(counting.times), limits, 3, 4)
    others = [start(ask_many, *given_, environment={}) for _ in range(2)]
    assert [other.wait(150) for other in others] == [0, 0]
    times = counting.asked
    assert len(times) == 24
    for window, limit in limits.items():
        assert most_within(times, SHORT[window]) <= limit, window


def test_a_full_window_says_when_it_is_free(studio: Studio, tmp_path: Path) -> None:
    counting = provider(studio, tmp_path, {"hour": 3})
    for n in range(3):
        ask(studio, str(n), 0.0)
    with pytest.raises(RateLimited) as error:
        ask(studio, "more", 5.0)
    assert 3000 < error.value.wait_s <= 3600
    assert "60 minutes" in error.value.message
    assert len(counting.asked) == 3
    with pytest.raises(RateLimited):  # a job does not hold its place in the queue for an hour either
        studio.direct.query(LOCAL, "catalogue", {"text": "job"}, provider="counting")


def test_a_wait_is_ended_by_a_cancel(studio: Studio, tmp_path: Path) -> None:
    provider(studio, tmp_path, {"minute": 1})
    ask(studio)
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        ask(studio, "more", 100.0, cancelled=stop.is_set)
    assert time.monotonic() - began < 40


def test_what_nears_a_limit_is_slowed_down_and_told_once(studio: Studio, tmp_path: Path) -> None:
    counting = provider(studio, tmp_path, {"minute": 10})
    for n in range(8):
        ask(studio, str(n), 0.0)
    with studio.store.db.read() as connection:
        alerts = [alert.message for alert in budgets.open_alerts(connection) if alert.subject.startswith("rate:")]
    assert len(alerts) == 1
    assert "8 of the 10" in alerts[0]
    with studio.store.db.exclusive("permits:counting") as connection:
        room = permits.look(
            connection, "counting", "x", concurrency=None, limits={"minute": 10}, seconds={"minute": 60.0}
        )  # fmt: skip
    assert room.window_s == 0
    assert room.pace_s > 5, "two are left of nearly a minute"
    ask(studio, "8", 0.0)  # a person in a hurry is not refused while there is room
    assert len(counting.asked) == 9
    with studio.store.db.read() as connection:
        assert sum(alert.subject.startswith("rate:") for alert in budgets.open_alerts(connection)) == 1


def test_a_429_holds_everybody_up_for_as_long_as_it_says(studio: Studio, tmp_path: Path) -> None:
    counting = provider(studio, tmp_path, {}, refusals=[600.0])
    with pytest.raises(RateLimited):
        ask(studio)
    with pytest.raises(RateLimited) as error:
        ask(studio, "another", 1.0)
    assert error.value.wait_s > 500
    assert "asked not to be called" in error.value.message
    assert len(counting.asked) == 1
    usage = studio.catalogue_settings.usage(LOCAL, "counting")[0]
    assert usage.paused_s > 500
    with studio.store.db.write() as connection:
        pauses.lift(connection, "counting")
    ask(studio, "another", 1.0)
    counting.refusals = [0.3]
    with pytest.raises(RateLimited):
        ask(studio, "third", 1.0)
    ask(studio, "third", 30.0)  # short: it is waited for


def test_every_request_of_a_question_counts(studio: Studio, tmp_path: Path) -> None:
    counting = provider(studio, tmp_path, {"hour": 5}, beside=2)
    ask(studio, "one", 0.0)
    assert studio.catalogue_settings.usage(LOCAL, "counting")[0].windows["hour"].used == 3
    with pytest.raises(RateLimited):
        ask(studio, "two", 0.0)
    assert len(counting.asked) == 5


def test_limits_survive_a_restart_and_a_clock_set_back(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider(studio, tmp_path, {"day": 2})
    for n in range(2):
        ask(studio, str(n), 0.0)
    with studio.store.db.write() as connection:
        pauses.say(connection, "counting", 3000)
    again = scripted.build(studio.settings.home, database_url=studio.settings.database_url)
    again.registry.add(Counting(tmp_path / "times", {"day": 2}))
    with pytest.raises(RateLimited):
        ask(again, "more", 0.0)
    for module in ("core.store.pauses", "core.store.permits"):
        monkeypatch.setattr(f"{module}.moment_of", lambda connection: now() - timedelta(days=2))
    with again.store.db.exclusive("permits:counting") as connection:
        assert pauses.left_s(connection, "counting") == 0
        room = permits.look(
            connection, "counting", "x", concurrency=None, limits={"day": 2}, seconds={"day": 86400.0}
        )  # fmt: skip
    assert 86000 < room.window_s <= 86400, "it counts from now on, and not until the clock is there again"
    again.close()


def test_our_own_limit_is_no_word_of_the_providers(studio: Studio, tmp_path: Path) -> None:
    provider(studio, tmp_path, {"hour": 1})
    ask(studio)
    with pytest.raises(RateLimited):
        ask(studio, "more", 0.0)
    assert studio.catalogue_settings.usage(LOCAL, "counting")[0].paused_s == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    limits=st.dictionaries(st.sampled_from(["minute", "hour", "day"]), st.integers(1, 12), min_size=1),
    steps=st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 30), st.booleans()), min_size=1, max_size=60),
)
def test_whatever_comes_when_no_window_is_exceeded(
    studio: Studio, limits: dict[str, int], steps: list[tuple[float, float, bool]]
) -> None:
    """On a clock of its own: each request is sent some time between its permit and its end."""
    clock = [now()]
    arrived = []
    with pytest.MonkeyPatch.context() as patched, studio.store.db.write() as connection:
        patched.setattr("core.store.permits.moment_of", lambda connection: clock[0])
        connection.execute(permits.table.delete())
        for number, (pause, lasting, early) in enumerate(steps):
            clock[0] += timedelta(seconds=pause)
            room = permits.look(
                connection, "x", f"{number}", concurrency=None, limits=limits, seconds=waiting.WINDOWS
            )  # fmt: skip
            if room.window_s:
                assert all(window.full_s <= waiting.WINDOWS[name] for name, window in room.windows.items())
                continue
            permits.put(connection, "x", f"{number}", timedelta(minutes=1))
            sent = clock[0] if early else clock[0] + timedelta(seconds=min(lasting, 10.0))
            arrived.append(sent.timestamp())
            clock[0] += timedelta(seconds=lasting)
            permits.give_back(connection, f"{number}")
        connection.execute(permits.table.delete())
    for window, limit in limits.items():
        assert not arrived or most_within(arrived, waiting.WINDOWS[window] - 0.001) <= limit


def test_files_are_counted_apart_where_they_are_fewer(studio: Studio) -> None:
    """Artlist allows 50 questions and 20 downloads a minute, under one name: neither takes the other's room."""
    info = studio.registry.get("catalogue_file", "artlist").info
    assert (info.per_minute, counted_apart(info)) == (20, True)
    assert not counted_apart(studio.registry.get("catalogue", "artlist").info)
    for number in range(20):
        with waiting.permit(studio.store.db, info, f"attempt_{number}", lambda: False, 0.0):
            pass
    with pytest.raises(Full), waiting.permit(studio.store.db, info, "attempt_20", lambda: False, 0.0):
        pass
    questions = studio.registry.get("catalogue", "artlist").info
    with waiting.permit(studio.store.db, questions, "attempt_21", lambda: False, 5.0):
        pass
