"""The synced copy of 100,000 tracks: a filtered search (its page and its count) beside SQLite's own full-text query for
the same words, and a sync of 8,000 tracks beside the floor that its catalogue's limits set."""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.licensing.copying import Copy, row_of
from core.licensing.types import Search, Terms, Track
from core.store import catalogue_tracks
from core.store.store import Store, open_store
from tests import scripted
from tests.bench.rows import Row, timed
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track

COUNT, SYNCED = 100_000, 8_000
PER_PAGE, PER_MINUTE = 100, 60
"""As the document has it of Soundstripe."""
SEARCH_GATE, SYNC_GATE = 2.0, 1.2
_WORDS = [
    "rain",
    "piano",
    "night",
    "river",
    "forest",
    "neon",
    "drums",
    "bass",
    "guitar",
    "choir",
    "winter",
    "city",
    "drive",
    "gentle",
    "epic",
    "trailer",
    "morning",
    "harbour",
    "train",
    "calm",
    "dark",
    "bright",
    "slow",
    "evening",
    "strings",
    "pulse",
    "story",
    "light",
    "shadow",
    "golden",
    "silver",
    "distant",
    "open",
    "road",
    "summer",
]
_GENRES = ("Electronic", "Folk", "Jazz", "Ambient", "Cinematic", "Lo-Fi", "Rock", "Hip-Hop")
_MOODS = ("calm", "happy", "tense", "sad", "epic", "dreamy")
_KEYS = ("A minor", "C major", "D minor", "G major", "E minor")


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        store = open_store(load_settings(home=home))
        fill(store)
        rows = _searches(store, home)
        store.db.close()
        return [*rows, _sync(Path(folder) / "sync")]


def fill(store: Store) -> None:
    draw = random.Random(7)
    for first in range(0, COUNT, 2000):
        rows = [row_of(invented(draw, number)) for number in range(first, first + 2000)]
        with store.db.write() as connection:
            catalogue_tracks.put(connection, "bench", rows, "run", update_existing=True)


def invented(draw: random.Random, number: int) -> Track:
    return Track(
        "bench", f"t{number}", " ".join(draw.choices(_WORDS, k=3)), artist=f"Artist {draw.randrange(3000)}",
        duration_s=draw.uniform(30, 300), bpm=float(draw.randint(60, 180)), key=draw.choice(_KEYS),
        genres=tuple(draw.sample(_GENRES, 2)), moods=tuple(draw.sample(_MOODS, 2)), tags=tuple(draw.sample(_WORDS, 4)),
        vocals=draw.random() < 0.4, terms=Terms("cc", "cc-by-4.0", commercial=True), popularity=draw.random(),
    )  # fmt: skip


def _searches(store: Store, home: Path) -> list[Row]:
    worst, told = 0.0, ""
    with closing(sqlite3.connect(home / "studio.sqlite")) as plain:
        for values in (
            {"text": "piano"}, {"text": "rain night"}, {"text": "piano", "genres": ("lofi",)},
            {"text": "piano", "genres": ("jazz", "folk"), "bpm_min": 90, "bpm_max": 120},
            {"text": "golden road", "vocals": "instrumental", "seconds_max": 120, "key": "A minor"},
        ):  # fmt: skip
            search = Search(**values)  # type: ignore[arg-type]
            words = " ".join(f'"{word}"*' for word in search.text.split())
            own = _median(lambda words=words: _own(plain, words))  # type: ignore[misc]
            ours = _median(lambda search=search: _ours(store, search))  # type: ignore[misc]
            print(f"# copy: {values}: {ours * 1000:.1f} ms, SQLite's own {own * 1000:.1f} ms", flush=True)
            if ours / own > worst:
                worst, told = ours / own, f"{ours * 1000:.1f} ms beside {own * 1000:.1f} ms for {values}"
    return [
        Row(
            "catalogues: filtered search of 100,000 tracks, to SQLite's own full-text query",
            worst,
            told,
            at_most=SEARCH_GATE,
        )
    ]


def _median(ask: Any) -> float:
    return statistics.median(timed(ask) for _ in range(9))


def _own(plain: sqlite3.Connection, words: str) -> None:
    """As anybody would write it: the best twenty and how many there are."""
    asked = "SELECT rowid FROM catalogue_words WHERE catalogue_words MATCH ? ORDER BY rank LIMIT 20"
    plain.execute(asked, [words]).fetchall()
    plain.execute("SELECT count(*) FROM catalogue_words WHERE catalogue_words MATCH ?", [words]).fetchone()


def _ours(store: Store, search: Search) -> None:
    Copy(store, search, "bench").page_and_count(20)


def _pace() -> Callable[[object], None]:
    """One question in each of its moments; who asks sooner waits for the next."""
    free = time.monotonic() + 60 / PER_MINUTE

    def wait(_: object) -> None:
        nonlocal free
        time.sleep(max(0.0, free - time.monotonic()))
        free = max(free, time.monotonic()) + 60 / PER_MINUTE

    return wait


def _sync(home: Path) -> Row:
    """The catalogue answers so many questions a minute and no more."""
    studio = scripted.build(home)
    limited = ScriptedCatalogue("limited", [track("limited", number) for number in range(SYNCED)], per_page=PER_PAGE)
    limited.before = _pace()
    studio.registry.add(limited)
    studio.ensure_worker()
    began = time.monotonic()
    job = studio.catalogue_sync.start(LOCAL, "limited")
    assert studio.jobs.wait(LOCAL, job.id, 600).status == "done"
    took, floor = time.monotonic() - began, SYNCED / PER_PAGE * 60 / PER_MINUTE
    studio.close()
    told = f"{took:.1f} s for {SYNCED:,} tracks, floor {floor:.1f} s"
    return Row("catalogues: sync of 8,000 tracks, to the floor of its limits", took / floor, told, at_most=SYNC_GATE)
