"""Batches of music: the table somebody sends, bad rows, the window, cancel and resume, a budget that ends, the ZIP."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.flows.music_rows import Row, read_table, repeated
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, UserError
from tests import scripted
from tests.scripted import purchases


def test_a_table_as_a_french_spreadsheet_writes_it() -> None:
    text = "Description;Ambiance;Durée (s);Tempo;Tonalité;Graine;Nombre;Boucle\r\n"
    text += "piano calme;calm;12,5;90;D minor;7;2;oui\r\n;;;;;;;\r\n;dark;trois;;;;;\r\n"
    for data in (text.encode("cp1252"), text.encode("utf-8-sig"), text.encode("utf-16"), ("sep=;\r\n" + text).encode()):
        rows = read_table("table.csv", data)
        assert [row.number for row in rows] == [1, 2]
        assert rows[0].values == {
            "prompt": "piano calme", "mood": "calm", "seconds": 12.5, "bpm": 90.0, "key": "D minor", "seed": 7, "count": 2,
            "loopable": True,
        }  # fmt: skip
        assert rows[1].error is not None
        assert "'trois' is not a number" in rows[1].error.message
        assert [row.values.get("seed") for row in repeated(rows)] == [7, 8, None]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no rows"), (b"mood\n", "no rows"), (b"mood,colour\ncalm,red\n", "unknown column 'colour'"),
        (b"mood,humeur\ncalm,sad\n", "'mood' in two columns"), (b"\0\0\0", "no text"), (b"x" * (4 * 2**20 + 1), "larger"),
    ],
)  # fmt: skip
def test_a_table_that_is_none(data: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_table("table.csv", data)


def test_a_line_that_is_wrong_is_one_row() -> None:
    rows = read_table("t.csv", b'prompt,seed\n"one, two",1\none,two,3\nx,1.5\n' + b"y" * 10_001 + b",\n")
    assert rows[0].error is None
    assert [row.error.message.split(" ")[0] for row in rows[1:] if row.error] == ["It", "seed", "Its"]
    assert repeated([Row(1, {"count": 0})])[0].error is not None
    with pytest.raises(UserError, match="more than 1,000"):
        repeated([Row(1, {"count": 1000}), Row(2, {})])


def test_one_bad_row_refuses_nothing_but_itself(desk: Studio, tmp_path: Path) -> None:
    rows = [Row(1, {"mood": "calm", "seconds": 3, "seed": 4}), Row(2, {"mood": "blue"}), Row(3, {"bpm": 900})]
    with pytest.raises(UserError, match=r"2 rows cannot be made: row 2: There is no mood 'blue'; row 3: bpm = 900"):
        desk.music_batches.submit(LOCAL, rows)
    many = [Row(n, {"mood": "blue"}) for n in range(1, 31)]
    with pytest.raises(UserError, match=r"row 20: .*and 10 more"):
        desk.music_batches.submit(LOCAL, many)
    with pytest.raises(UserError, match="30 rows cannot"):
        desk.music_batches.submit(LOCAL, many, skip_bad=True)
    price = desk.music_batches.price(LOCAL, rows)
    assert (price.items, price.usd, [number for number, _ in price.bad]) == (1, Decimal(0), [2, 3])

    job = desk.music_batches.submit(LOCAL, rows, skip_bad=True, title="Three")
    assert desk.jobs.wait(LOCAL, job.id, 120).status == "done"
    path = tmp_path / "out.zip"
    manifest = desk.music_batches.pack(LOCAL, job.id, path)
    assert [(row["index"], row["status"]) for row in manifest] == [(1, "done"), (2, "wrong"), (3, "wrong")]
    assert (manifest[0]["seed"], manifest[0]["engine"], manifest[0]["licence"]) == (4, "composer", "own-work")
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {"0001 calm.wav", "rights/0001 calm.json", "manifest.json", "manifest.csv"}
        assert json.loads(archive.read("manifest.json")) == manifest
        lines = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode())))
    assert lines[1]["error"].startswith("There is no mood 'blue'")
    with pytest.raises(NotFound):
        desk.music_batches.rows(LOCAL, f"{job.id}/1")
    with pytest.raises(UserError, match="Everything in job"):
        desk.batches.resume(LOCAL, job.id)


@pytest.fixture
def bought(home: Path) -> Iterator[Studio]:
    opened = scripted.build(home)
    opened.ensure_worker()
    yield opened
    opened.close()


def items(tmp_path: Path, acts: list[str], **values: Any) -> list[dict[str, Any]]:
    request = {"provider": "scripted", "seconds": 0.0} | values
    return [
        {
            "kind": "bought",
            "request": {"account": str(tmp_path / f"a{n}"), "acts": act.split("+"), **request},
            "title": act,
        }
        for n, act in enumerate(acts)
    ]


def test_a_resumed_batch_makes_only_what_is_missing(bought: Studio, tmp_path: Path) -> None:
    made = items(tmp_path, ["ok", "rejected+ok", "unknown", "ok"])
    job = bought.batches.submit(LOCAL, made, title="four", at_once=2)
    with pytest.raises(UserError, match="nothing to resume yet"):
        bought.batches.resume(LOCAL, job.id)
    job = bought.jobs.wait(LOCAL, job.id, 60)
    assert job.result is not None
    assert (job.result["done"], job.result["failed"], job.result["refused"]) == (2, 2, 0)
    again = bought.batches.resume(LOCAL, job.id)
    assert (again.id, again.attempt) == (job.id, 2)
    job = bought.jobs.wait(LOCAL, job.id, 60)
    assert (job.status, (job.result or {})["done"]) == ("done", 3)
    children = sorted(bought.jobs.children(LOCAL, job.id), key=lambda child: child.id)
    assert [(child.status, child.attempt) for child in children] == [
        ("done", 1), ("done", 2), ("unknown", 1), ("done", 1),
    ]  # fmt: skip
    assert [len(purchases(tmp_path / f"a{n}")) for n in range(4)] == [1, 1, 0, 1]


def test_the_window_and_a_cancel_in_the_middle(bought: Studio, tmp_path: Path) -> None:
    job = bought.batches.submit(LOCAL, items(tmp_path, ["ok"] * 6, seconds=0.25), title="six", at_once=2)
    until, most = time.monotonic() + 60, 0
    while True:
        children = bought.jobs.children(LOCAL, job.id)
        most = max(most, sum(not child.ended for child in children))
        if sum(child.status == "done" for child in children) >= 2:
            break
        assert time.monotonic() < until
        time.sleep(0.01)
    bought.jobs.cancel(LOCAL, job.id)
    assert bought.jobs.wait(LOCAL, job.id, 60).status == "cancelled"
    assert most <= 2
    for child in bought.jobs.children(LOCAL, job.id):
        bought.jobs.wait(LOCAL, child.id, 60)
    done = {child.id for child in bought.jobs.children(LOCAL, job.id) if child.status == "done"}
    assert 2 <= len(done) < 6
    bought.batches.resume(LOCAL, job.id)
    job = bought.jobs.wait(LOCAL, job.id, 60)
    assert (job.status, (job.result or {})["done"]) == ("done", 6)
    for child in bought.jobs.children(LOCAL, job.id):
        assert child.attempt == (1 if child.id in done else child.attempt)


def test_a_budget_that_ends_in_the_middle_finishes_what_is_paid(bought: Studio, tmp_path: Path) -> None:
    """Ten cents each, and room for two."""
    job = bought.batches.submit(LOCAL, items(tmp_path, ["ok"] * 4), title="four", cap_usd=Decimal("0.25"))
    job = bought.jobs.wait(LOCAL, job.id, 60)
    assert job.result is not None
    assert (job.status, job.result["done"], job.result["refused"]) == ("done", 2, 2)
    rows = bought.music_batches.rows(LOCAL, job.id)
    assert sorted(row["status"] for row in rows) == ["done", "done", "refused", "refused"]
    assert all("cap" in row["error"] for row in rows if row["status"] == "refused")
    assert bought.music_batches.cost(LOCAL, job.id) == Decimal("0.2")
