"""The ledger: reserve and settle beside bare inserts of the same rows, alone and with twenty writers at once."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import insert, update

from core.app import Studio
from core.calls.asking import Ask, new_attempt
from core.kit.actor import LOCAL
from core.kit.clock import new_id, now
from core.store import attempts, charges, jobs
from tests import scripted
from tests.bench.rows import Row, timed
from tests.scripted import Script, submit

RUNS = 150
WRITERS = 20
EACH = 15
MONTH = 200_000


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        studio = scripted.build(Path(folder) / "home", cap_day_usd="1000000", cap_month_usd="1000000",
                                cap_user_day_usd="1000000", cap_job_usd="1000000")  # fmt: skip
        try:
            ask = _ask(studio, Path(folder))
            ours = statistics.median(timed(partial(_buy, studio, ask, number)) for number in range(RUNS))
            bare = statistics.median(timed(partial(_bare, studio, ask, number)) for number in range(RUNS, 2 * RUNS))
            one = RUNS / sum(timed(partial(_buy, studio, ask, number)) for number in range(2 * RUNS, 3 * RUNS))
            together = _together(studio, ask)
            _fill(studio, MONTH)
            full = statistics.median(timed(partial(_buy, studio, ask, number)) for number in range(900_000, 900_015))
        finally:
            studio.close()
    detail = f"{ours * 1000:.1f} ms against {bare * 1000:.1f} ms"
    return [
        Row("ledger: reserve, intend, settle / the same rows bare", ours / bare, detail, at_most=6.0),
        Row(f"ledger: {WRITERS} writers at once / one, purchases a second", together / one,
            f"{together:.0f} against {one:.0f} a second", at_least=0.4),
        Row(f"ledger: one purchase with {MONTH:,} charges this month / with none", full / ours,
            f"{full * 1000:.1f} ms; each charge of the month adds {(full - ours) / MONTH * 1e9:.0f} ns"),
    ]  # fmt: skip


def _ask(studio: Studio, folder: Path) -> Ask:
    job = submit(studio, LOCAL, folder / "account")
    with studio.store.db.write() as connection:
        jobs.change(connection, job.id, status="running", epoch=1)
    return Ask(job_id=job.id, root_job_id=job.id, epoch=1, actor=LOCAL, kind="scripted",
               request=Script(account=str(folder / "account")), folder=folder)  # fmt: skip


def _buy(studio: Studio, ask: Ask, number: int) -> None:
    provider = studio.registry.get("scripted", "scripted")
    attempt = new_attempt(ask, provider, number)
    studio.calls.reserve(ask, provider, attempt)
    studio.calls.settle(ask, provider, attempt, {"tracks": Decimal(1)}, None)


def _bare(studio: Studio, ask: Ask, number: int) -> None:
    """Three transactions that write the same two rows, with no check of anything."""
    attempt = new_attempt(ask, studio.registry.get("scripted", "scripted"), number)
    charge = {
        "id": new_id("charge"), "attempt_id": attempt.id, "job_id": ask.job_id, "root_job_id": ask.job_id,
        "user_id": "local", "organisation_id": "", "provider": "scripted", "kind": "scripted", "model": "default",
        "units": {"tracks": "1"}, "status": "reserved", "reserved_usd": Decimal("0.1"), "settled_usd": Decimal(0),
        "price": {"lines": []}, "day": now().date(), "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    db = studio.store.db
    with db.write() as connection:
        connection.execute(insert(attempts.table).values(**attempt.__dict__))
        connection.execute(insert(charges.table).values(**charge))
    with db.write() as connection:
        connection.execute(update(attempts.table).where(attempts.table.c.id == attempt.id).values(status="intended"))
    with db.write() as connection:
        connection.execute(update(attempts.table).where(attempts.table.c.id == attempt.id).values(status="succeeded"))
        connection.execute(update(charges.table).where(charges.table.c.id == charge["id"]).values(status="settled"))


def _fill(studio: Studio, count: int) -> None:
    """Charges settled today, which every cap but the job's has to add up: the worst day of a month."""
    at = now()
    row = {
        "job_id": "job", "root_job_id": "job", "user_id": "somebody", "organisation_id": "", "provider": "scripted",
        "kind": "scripted", "model": "default", "units": {"tracks": "1"}, "status": "settled",
        "reserved_usd": Decimal("0.000002"), "settled_usd": Decimal("0.000001"), "price": {"lines": []}, "day": at.date(),
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    with studio.store.db.write() as connection:
        for first in range(0, count, 10_000):
            rows = [row | {"id": f"charge_{n}", "attempt_id": f"attempt_{n}"} for n in range(first, first + 10_000)]
            connection.execute(insert(charges.table), rows)


def _together(studio: Studio, ask: Ask) -> float:
    start = threading.Barrier(WRITERS + 1)

    def write(first: int) -> None:
        start.wait()
        for number in range(first, first + EACH):
            _buy(studio, ask, number)

    threads = [threading.Thread(target=write, args=(10_000 + 100 * index,)) for index in range(WRITERS)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return WRITERS * EACH / (time.perf_counter() - began)
