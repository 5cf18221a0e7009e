"""The search of the history over 100,000 jobs, on SQLite and on PostgreSQL: every filter, its counts, and the same words
looked for in the jobs' own requests, which is what a search without a table of its own would do."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import String, func, insert, select, text

from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.settings import load_settings
from core.store import assets, charges, history, history_search, jobs
from core.store.history_search import Filter
from core.store.store import Store, open_store
from tests.bench.rows import Row, timed
from tests.servers import Postgres

COUNT = 100_000
GATE = 1.0
_RARE = "zugspitze"
_WORDS: list[str] = [
    "calm",
    "dark",
    "bright",
    "slow",
    "rainy",
    "evening",
    "piano",
    "strings",
    "techno",
    "pulse",
    "morning",
    "harbour",
    "train",
    "winter",
    "city",
    "night",
    "drive",
    "gentle",
    "epic",
    "trailer",
    "podcast",
    "bed",
    "loop",
    "voice",
    "chapter",
    "story",
    "river",
    "forest",
    "neon",
    "drums",
    "bass",
    "guitar",
    "choir",
]
_MOODS, _GENRES = ("calm", "dark", "epic", "happy", "tense"), ("ambient", "cinematic", "electronic", "jazz", "lo-fi")
_ENGINES, _USERS = ("composer", "musicgen", "mubert", "espeak"), ("local", "ada", "bob", "eve")


def measure() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(load_settings(home=Path(folder) / "sqlite"))
        rows += _measured(store, "SQLite")
        store.db.close()
        with Postgres(durable=True) as server:
            store = open_store(load_settings(home=Path(folder) / "pg", database_url=server.fresh()))
            rows += _measured(store, "PostgreSQL")
            store.db.close()
    return rows


def _measured(store: Store, called: str) -> list[Row]:
    fill(store, COUNT)
    worst, slowest = 0.0, ""
    for name, ask in questions(store).items():
        took = statistics.median(timed(ask) for _ in range(3))
        print(f"# {called}, {COUNT:,} jobs: {name:<40} {took * 1000:7.1f} ms", flush=True)
        if "facets" not in name and took > worst:
            worst, slowest = took, name
    naive = statistics.median(timed(lambda: _naive(store)) for _ in range(3))
    told = f"slowest page {worst * 1000:.0f} ms ({slowest}); the requests themselves {naive * 1000:.0f} ms"
    return [Row(f"history: slowest search, to one of the jobs' requests, {called}", worst / naive, told, at_most=GATE)]


def questions(store: Store) -> dict[str, Callable[[], Any]]:
    ada = Actor("ada")
    deep = (now() - timedelta(minutes=COUNT // 2), "job_")

    def page(
        wanted: Filter, actor: Actor = LOCAL, order: str = "new", after: tuple[datetime, str] | None = None
    ) -> Callable[[], Any]:
        def ask() -> None:
            with store.db.read() as connection:
                history_search.page(connection, actor, wanted, order=order, after=after, limit=50)

        return ask

    def facets(wanted: Filter, actor: Actor = LOCAL) -> Callable[[], Any]:
        def ask() -> None:
            with store.db.read() as connection:
                history_search.facets(connection, actor, wanted)

        return ask

    return {
        "newest": page(Filter()), "newest of one user": page(Filter(), ada), "half-way down": page(Filter(), after=deep),
        "a common word": page(Filter(words="piano")), "three words": page(Filter(words="rainy piano night")),
        "a rare word": page(Filter(words=_RARE)), "a rare word of one user": page(Filter(words=_RARE), ada),
        "a word that is not there": page(Filter(words="xylophonist")),
        "kind, mood and genre": page(Filter(kinds=("music",), moods=("dark",), genres=("jazz",))),
        "a span of BPM": page(Filter(bpm=(119.9, 120.1))), "failed": page(Filter(statuses=("failed",))),
        "cost over $1.90": page(Filter(usd=(Decimal("1.9"), None))), "five stars": page(Filter(rating=5)),
        "deleted": page(Filter(fates=("deleted",))), "discarded": page(Filter(fates=("discarded",))),
        "one day, half a history ago": page(Filter(since=deep[0], before=deep[0] + timedelta(days=1))),
        "longest first": page(Filter(), order="long"), "dearest first": page(Filter(), order="dear"),
        "facets of everything": facets(Filter()), "facets of a word": facets(Filter(words="piano")),
        "facets of one user": facets(Filter(), ada),
    }  # fmt: skip


def _naive(store: Store) -> None:
    with store.db.read() as connection:
        request = func.lower(jobs.table.c.request.cast(String))
        connection.execute(select(jobs.table.c.id).where(request.contains("xylophonist")).limit(50)).all()


def fill(store: Store, count: int) -> None:
    """Invented, the same at each run: done, failed, cancelled; kept, binned and deleted pieces; bills and stars."""
    begun = now() - timedelta(minutes=count)
    pieces: dict[str, list[dict[str, Any]]] = {"jobs": [], "history": [], "charges": [], "assets": []}
    tables = {"jobs": jobs.table, "history": history.table, "charges": charges.table, "assets": assets.table}
    for number, rows in enumerate(_invented(begun, count)):
        for name, row in rows.items():
            pieces[name].append(row)
        if number % 5000 == 4999 or number == count - 1:
            with store.db.write() as connection:
                for name, batch in pieces.items():
                    connection.execute(insert(tables[name]), batch)
                    batch.clear()
    with store.db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


def _invented(begun: datetime, count: int) -> Iterator[dict[str, dict[str, Any]]]:
    draw = random.Random(5)
    for number in range(count):
        moment, job_id = begun + timedelta(minutes=number), f"job_{number:08d}"
        prompt = " ".join(draw.choices(_WORDS, k=14)) + (f" {_RARE}" if number % 20_000 == 7 else "")
        engine, user = draw.choice(_ENGINES), _USERS[number % 4]
        kind = "speech" if engine == "espeak" else "music"
        status = draw.choices((jobs.DONE, jobs.FAILED, jobs.CANCELLED), (90, 8, 2))[0]
        request = {
            "prompt": prompt, "provider": engine, "mood": draw.choice(_MOODS), "genre": draw.choice(_GENRES),
            "bpm": float(draw.randint(60, 180)), "seconds": float(draw.randint(5, 180)), "seed": number, "more": "x" * 800,
        }  # fmt: skip
        job: dict[str, Any] = {
            "id": job_id, "kind": kind, "title": prompt[:60], "status": status, "priority": 10, "position": float(number),
            "resource": "cpu", "request": request, "result": None, "parent_id": None, "root_id": job_id, "user_id": user,
            "error": {"message": "The service refused it."} if status == jobs.FAILED else None, "organisation_id": "",
            "visibility": "private", "actor": {}, "paused": False, "cancel_requested": False, "stage": "", "fraction": 1.0,
            "attempt": 1, "epoch": 1, "created_at": moment, "updated_at": moment, "finished_at": moment,
        }  # fmt: skip
        usd = Decimal(draw.randint(0, 200)) / 100 if engine == "mubert" else Decimal(0)
        rows = {"jobs": job, "history": history.row_of(job)}
        rows["charges"] = {
            "id": f"charge_{number}", "attempt_id": f"attempt_{number}", "job_id": job_id, "root_job_id": job_id,
            "user_id": user, "organisation_id": "", "provider": engine, "kind": kind, "model": "", "units": {},
            "status": charges.SETTLED, "reserved_usd": usd, "settled_usd": usd, "price": {}, "day": moment.date(),
            "created_at": moment, "updated_at": moment,
        }  # fmt: skip
        if status == jobs.DONE and number % 10:
            rows["assets"] = {
                "id": f"asset_{number}", "kind": "music", "source": "ai_music", "name": prompt[:60], "folder": "", "tags": [],
                "rating": draw.choice((None, None, None, 3, 4, 5)), "favourite": number % 50 == 0, "duration_s": 30.0,
                "format": "wav", "bytes": 1000, "sha256": "0" * 64, "instruments": [], "peaks": [50] * 192,
                "generation_config": request, "cost_usd": usd, "licence": {}, "job_id": job_id, "role": "primary",
                "user_id": user, "organisation_id": "", "visibility": "private", "draft": False,
                "deleted_at": moment if number % 7 == 0 else None, "created_at": moment, "updated_at": moment,
            }  # fmt: skip
        yield rows
