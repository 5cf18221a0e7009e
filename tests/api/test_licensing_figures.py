"""The music-licensing document's analytics over REST, in its shapes."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.store import track_uses

BASE = "/api/music-licensing/analytics"


def test_the_documents_shapes(studio: Studio, client: TestClient) -> None:
    use = {
        "provider": "openverse", "artist": "Ann", "genre": "ambient", "mood": "calm", "asset_id": "asset_1", "output_name": "Film",
        "project_id": "", "licence_id": None, "platform": "youtube", "channel": "", "territory": "", "commercial": True,
    }  # fmt: skip
    with studio.store.db.write() as connection:
        for number, on in enumerate(("2024-01-02", "2024-01-03", "2024-01-09")):
            one = {
                "track_id": str(number % 2),
                "title": f"Piece {number % 2}",
                "output_asset_id": f"asset_{number}",
                "used_on": on,
            }
            track_uses.add(connection, LOCAL, use | one)
    studio.refresh_mart()
    asked = {"startDate": "2024-01-01", "groupBy": "week"}
    usage = client.get(f"{BASE}/usage", params=asked).json()
    assert usage["usageOverTime"] == [
        {"_id": "2024-W01", "totalUsage": 2, "uniqueTracks": 2}, {"_id": "2024-W02", "totalUsage": 1, "uniqueTracks": 1},
    ]  # fmt: skip
    assert usage["topTracks"][0] == {
        "_id": "openverse:0", "provider": "openverse", "trackId": "0", "title": "Piece 0", "artist": "Ann", "totalUsage": 2
    }  # fmt: skip
    assert usage["genreDistribution"] == [{"_id": "ambient", "count": 3}]
    assert usage["moodDistribution"] == [{"_id": "calm", "count": 3}]
    held = client.get(f"{BASE}/compliance", params={"startDate": "2024-01-01"}).json()
    assert (held["totalUses"], held["complianceRate"], held["notCovered"], held["expiring"]) == (3, 1.0, [], [])
    told = client.get(f"{BASE}/providers", params={"startDate": "2024-01-01", "provider": "openverse"}).json()
    assert (told["providers"][0]["uses"], told["cacheHitRate"], told["spentUsd"]) == (3, None, 0.0)
    empty = client.get(f"{BASE}/usage", params={"provider": "nobody"}).json()
    assert (empty["usageOverTime"], empty["totalUsage"]) == ([], 0)
    assert client.get(f"{BASE}/usage", params={"groupBy": "year"}).status_code == 422
    late = {"startDate": str(today()), "endDate": str(today() - timedelta(days=2))}
    assert client.get(f"{BASE}/compliance", params=late).status_code == 422
