"""A studio with something in it, and what is needed to look at it from outside."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from core.app import Studio
from core.care.backup import backup
from core.kit.actor import LOCAL
from core.kit.clock import new_id, now
from core.store import assets, budgets, preferences, projects, sound_features, suggestions
from core.store.store import BLOBS
from tests.video import taken_apart


def put_asset(studio: Studio, folder: Path, data: bytes, **changes: object) -> str:
    """An uploaded asset with these bytes; answers its id."""
    file = folder / new_id("file")
    file.write_bytes(data)
    sha256, size = studio.store.blobs.keep(file)
    row: dict[str, object] = {
        "id": new_id("asset"), "kind": "music", "source": "uploaded", "name": "A piece, é 空", "folder": "", "tags": ["a"],
        "favourite": False, "duration_s": 1.25, "format": "wav", "bytes": size, "sha256": sha256, "instruments": [],
        "peaks": [1, 2, 3], "generation_config": {"$moment": "not ours"}, "cost_usd": 0, "licence": {"title": "Own"},
        "job_id": None, "role": "primary", "user_id": "local", "organisation_id": "", "visibility": "private",
        "draft": False, "created_at": now(), "updated_at": now(),
    } | changes  # fmt: skip
    with studio.store.db.shared(BLOBS) as connection:
        assets.add(connection, row)
    return str(row["id"])


@pytest.fixture
def furnished(studio: Studio, tmp_path: Path) -> Studio:
    first = put_asset(studio, tmp_path, b"first bytes")
    put_asset(studio, tmp_path, b"other bytes " * 1000)
    put_asset(studio, tmp_path, b"first bytes", name="a second reference")
    derived = put_asset(studio, tmp_path, b"derived")
    with studio.store.db.write() as connection:
        connection.execute(
            assets.lineage.insert().values(
                asset_id=derived, source_id=first, role="music", name="A piece", licence={"title": "Own"}
            )
        )
        projects.create(connection, LOCAL, "P", {"n": 1}, "first")
        preferences.write(connection, "theme", {"$moment": "a document", "nothing": None})
        preferences.write(connection, "nothing", None)
        budgets.raise_alert(connection, "day:75", "75 % of the day")
    clip_id, (scene_id,) = taken_apart.put(studio, "calm")
    said = {"mood": "calm", "genre": "ambient", "intensity": "low", "bpm": 71.5}
    row = {"job_id": "job_gone", "scene_id": scene_id, "clip_id": clip_id, "scene_type": "calm", "genre": "ambient",
           "suggested": said, "made": said, "changed": [], "user_id": "local", "created_at": now()}  # fmt: skip
    with studio.store.db.write() as connection:
        connection.execute(suggestions.table.insert().values(row))
        sound_features.put(connection, {"00" * 32: {"brightness": 1200.5}})
    return studio


Backed = Callable[[Studio], Path]


@pytest.fixture
def backed(tmp_path: Path) -> Backed:
    def write(studio: Studio) -> Path:
        return backup(studio.settings, studio.store, tmp_path / f"{new_id('backup')}.tar").path

    return write


@pytest.fixture
def small_files() -> Callable[[int], AbstractContextManager[None]]:
    """No file of this process may grow past so many bytes: the write itself fails, as on a full disk."""

    @contextmanager
    def limit(most: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)

    return limit
