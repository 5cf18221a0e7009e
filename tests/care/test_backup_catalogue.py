"""The synced copy of a catalogue through a backup: its rows come back, and its words are found again."""

from __future__ import annotations

from pathlib import Path

from core.app import Studio
from core.care.backup import backup
from core.care.restore import restore
from core.care.verify import verify
from core.kit.settings import load_settings
from core.licensing.copying import Copy, row_of
from core.licensing.types import Search, Terms, Track
from core.store import catalogue_tracks
from core.store.store import Store, open_store


def titles(store: Store, text: str) -> list[str]:
    found, total = Copy(store, Search(text=text), "ada").page_and_count(20)
    assert total == len(found)
    return sorted(track.title for track in found)


def test_its_words_are_found_after_a_restore(studio: Studio, tmp_path: Path) -> None:
    tracks = [
        Track("ada", str(n), title, artist="A. Composer", genres=("Folk",), terms=Terms("cc", "cc-by-4.0", commercial=True))
        for n, title in enumerate(("Rain on the harbour", "Harbour at night", "Golden road"))
    ]  # fmt: skip
    with studio.store.db.write() as connection:
        catalogue_tracks.put(connection, "ada", [row_of(track) for track in tracks], "run", update_existing=True)
    before = titles(studio.store, "harbour")
    assert before == ["Harbour at night", "Rain on the harbour"]
    made = backup(studio.settings, studio.store, tmp_path / "all.tar").path
    again = load_settings(home=tmp_path / "restored" / "home")
    restore(again, made)
    store = open_store(again)
    try:
        assert titles(store, "harbour") == before
        assert titles(store, "golden") == ["Golden road"]
        with store.db.write() as connection:  # and what comes afterwards is found as well, what goes is not
            late = Track("ada", "9", "Harbour lights", terms=Terms("cc", "cc-by-4.0", commercial=True))
            changed = Track("ada", "0", "Rain in the hills", terms=Terms("cc", "cc-by-4.0", commercial=True))
            catalogue_tracks.put(connection, "ada", [row_of(late), row_of(changed)], "run2", update_existing=True)
        assert titles(store, "harbour") == ["Harbour at night", "Harbour lights"]
        assert verify(again, store).problems == ()
    finally:
        store.db.close()
