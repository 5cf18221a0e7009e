"""The database and the blobs: migrations, exactness, references, versions."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound, SetupError, UserError
from core.kit.settings import load_settings
from core.store import assets, projects
from core.store.db import metadata
from core.store.migrate import ours
from core.store.store import open_store


def row(sha256: str = "0" * 64, **changes: object) -> dict[str, object]:
    return {
        "id": new_id("asset"), "kind": "music", "source": "ai_music", "name": "A piece", "folder": "", "tags": [],
        "favourite": False, "duration_s": 1.0, "format": "wav", "bytes": 3, "sha256": sha256, "instruments": [],
        "peaks": [], "generation_config": {}, "cost_usd": 0, "licence": {"title": "Own work"}, "job_id": None,
        "role": "primary", "user_id": "local", "organisation_id": "", "visibility": "private", "draft": False,
        "created_at": now(), "updated_at": now(),
    } | changes  # fmt: skip


def test_migrations_make_exactly_the_tables_of_the_code(studio: Studio) -> None:
    with studio.store.db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": ours})
        assert compare_metadata(context, metadata) == []


def test_many_open_the_same_folder_at_once(home: Path) -> None:
    open_store(load_settings(home=home)).db.close()

    def again(_: int) -> None:
        open_store(load_settings(home=home)).db.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(again, range(80)))


def test_opening_twice_changes_nothing_and_a_newer_database_is_refused(home: Path) -> None:
    open_store(load_settings(home=home)).db.close()
    open_store(load_settings(home=home)).db.close()
    with sqlite3.connect(home / "studio.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SetupError, match="newer version"):
        open_store(load_settings(home=home))


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match="cannot be written"):
        open_store(load_settings(home=tmp_path / "file" / "home"))


def test_equal_bytes_are_stored_once_and_go_with_the_last_reference(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"abc")
    sha256, size = studio.store.blobs.keep(file)
    assert studio.store.blobs.keep(file) == (sha256, size)
    first, second = row(sha256), row(sha256)
    with studio.store.db.write() as connection:
        assets.add(connection, first)
        assets.add(connection, second)
    with studio.store.db.write() as connection:
        assert assets.remove(connection, str(first["id"])) is None
    assert studio.store.blobs.path(sha256).read_bytes() == b"abc"
    with studio.store.db.write() as connection:
        assert assets.remove(connection, str(second["id"])) == sha256


def test_the_sweep_takes_only_old_bytes_nobody_knows(studio: Studio, tmp_path: Path) -> None:
    hashes = []
    for text in (b"known", b"orphan", b"young orphan"):
        file = tmp_path / "f"
        file.write_bytes(text)
        hashes.append(studio.store.blobs.keep(file)[0])
    for sha256 in hashes[:2]:
        os.utime(studio.store.blobs.path(sha256), (1, 1))
    with studio.store.db.write() as connection:
        assets.add(connection, row(hashes[0]))
    assert studio.library.sweep() == 1
    assert [studio.store.blobs.path(sha256).exists() for sha256 in hashes] == [True, False, True]


def test_a_failed_transaction_leaves_nothing(studio: Studio) -> None:
    twice = row()
    with pytest.raises(IntegrityError), studio.store.db.write() as connection:  # noqa: PT012
        assets.add(connection, row())
        assets.add(connection, twice)
        assets.add(connection, twice)
    assert studio.library.search(LOCAL)[1] == 0


def test_others_see_only_what_is_shared(studio: Studio) -> None:
    team = Actor("a", organisation_id="team")
    rows = [row(user_id="a", organisation_id="team", visibility=v) for v in ("private", "organisation", "public")]
    with studio.store.db.write() as connection:
        for each in rows:
            assets.add(connection, each)
    seen = {
        name: studio.library.search(actor)[1]
        for name, actor in {
            "owner": team, "mate": Actor("b", organisation_id="team"), "stranger": Actor("c", organisation_id="other"),
            "loner": Actor("d"), "admin": LOCAL,
        }.items()
    }  # fmt: skip
    assert seen == {"owner": 3, "mate": 2, "stranger": 1, "loner": 1, "admin": 3}
    with pytest.raises(NotFound):
        studio.library.get(Actor("c"), str(rows[0]["id"]))
    with pytest.raises(UserError):
        studio.library.edit(Actor("c"), str(rows[2]["id"]), name="mine now")


def test_project_versions_never_overwrite_each_other(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        project = projects.create(connection, LOCAL, "P", {"n": 1}, "first")
        assert projects.save(connection, LOCAL, project, 1, {"n": 2}, "second") == 2
    with pytest.raises(UserError, match="based on 1"), studio.store.db.write() as connection:
        projects.save(connection, LOCAL, project, 1, {"n": 3}, "late")
    with studio.store.db.read() as connection:
        assert projects.document(connection, project, 1) == {"n": 1}
        assert [v["version"] for v in projects.history(connection, project)] == [2, 1]
        with pytest.raises(NotFound):
            projects.get(connection, Actor("other"), project)


def test_searching_takes_any_text_literally(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        assets.add(connection, row(name='100 % _real_ "quoted" 空白', tags=["rain"]))
        assets.add(connection, row(name="another"))
    for words, count in (
        ("100 %", 1),
        ("_real_", 1),
        ('"quoted"', 1),
        ("空白", 1),
        ("RAIN", 1),
        ("%", 1),
        ("'; drop", 0),
    ):
        assert studio.library.search(LOCAL, words=words)[1] == count, words
