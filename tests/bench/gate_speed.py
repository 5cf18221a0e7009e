"""The rights gate on a mix of 50 licensed tracks, beside one search of the studio's own library, and of 100,000 synced tracks."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.clock import new_id, now
from core.kit.settings import load_settings
from core.licensing.copying import Copy
from core.licensing.types import Search
from core.rights import gate, held, licences
from core.rights.gate import Use
from core.store import assets, track_licences
from tests.bench import catalogue_copy
from tests.bench.rows import Row, timed

SOURCES, LICENCES, ROUNDS = 50, 3, 41
GATE = 1.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        studio = build_studio(load_settings(home=Path(folder) / "home"))
        try:
            mix = _mix(studio)
            catalogue_copy.fill(studio.store)
            asked = statistics.median(timed(lambda: _ask(studio, mix)) for _ in range(ROUNDS))
            search = Search(text="piano", genres=("jazz", "folk"), bpm_min=90, bpm_max=120)
            found = statistics.median(
                timed(lambda: Copy(studio.store, search, "bench").page_and_count(20)) for _ in range(ROUNDS)
            )
        finally:
            studio.close()
    told = f"p50 {asked * 1000:.1f} ms beside {found * 1000:.1f} ms"
    name = f"rights gate on a mix of {SOURCES} licensed tracks, to one search of 100,000"
    return [Row(name, asked / found, told, at_most=GATE)]


def _ask(studio: Studio, mix: str) -> None:
    with studio.store.db.read() as connection:
        asset = assets.source(connection, mix)
        assert asset is not None
        verdict = gate.may(connection, asset, Use("youtube", commercial=True))
    assert verdict.allowed
    assert len(verdict.rests_on) == SOURCES


def _mix(studio: Studio) -> str:
    """Each track with several licences: one that is over, one for elsewhere, and the one that covers it."""
    ids = []
    with studio.store.db.write() as connection:
        for number in range(SOURCES):
            record = held.record("stock", str(number), f"Piece {number}", licence_title="Stock")
            ids.append(new_id("asset"))
            assets.add(connection, _row(ids[-1], record))
        records = [held.record("stock", str(n), f"Piece {n}", licence_title="Stock") for n in range(SOURCES)]
        mix = new_id("asset")
        assets.add(connection, _row(mix, licences.combined(records)), [(each, "music") for each in ids])
    for number in range(SOURCES):
        given = {"provider": "stock", "track_id": str(number), "title": f"Piece {number}"}
        studio.licences.add(LOCAL, given)
        studio.licences.add(LOCAL, given | {"starts_on": "2025-01-01", "ends_on": "2025-12-31"})
        studio.licences.add(LOCAL, given | {"platforms": ["podcast"]})
    with studio.store.db.read() as connection:
        assert len(track_licences.holding(connection, LOCAL.user_id, [("stock", "0")])["stock", "0"]) == LICENCES
    return mix


def _row(asset_id: str, licence: dict[str, object]) -> dict[str, object]:
    moment = now()
    return {
        "id": asset_id, "kind": "music", "source": "licensed", "name": asset_id[-6:], "folder": "", "tags": [],
        "favourite": False, "format": "wav", "bytes": 1, "sha256": "0" * 64, "instruments": [], "peaks": [],
        "generation_config": {}, "cost_usd": 0, "licence": licence, "job_id": None, "role": "primary",
        "user_id": LOCAL.user_id, "organisation_id": "", "visibility": "private", "draft": False,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip
