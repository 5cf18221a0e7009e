"""Openverse's API as its contract sheet describes it, on loopback."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.clouds.catalogue import HOSTILE, CatalogueServer, Reply
from tests.clouds.service import Asked

_KNOWN = {
    "q", "page", "page_size", "license", "license_type", "category", "length", "extension", "source", "excluded_source",
    "creator", "tags", "title", "filter_dead", "mature", "peaks",
}  # fmt: skip
_LENGTHS = {"shortest": (0, 30e3), "short": (30e3, 120e3), "medium": (120e3, 600e3), "long": (600e3, 1e12)}


def uuid(number: int) -> str:
    return str(UUID(int=number + (4 << 76)))


def _row(
    number: int, title: str, licence: str = "by", version: str = "3.0", ms: Any = 183_000, **more: Any
) -> dict[str, Any]:
    deed = {"cc0": "publicdomain/zero", "pdm": "publicdomain/mark"}.get(licence, f"licenses/{licence}")
    address = f"https://creativecommons.org/{deed}/{version}/"
    return {
        "id": uuid(number), "title": title, "creator": "Ada Moor", "creator_url": "https://www.jamendo.com/artist/7",
        "foreign_landing_url": f"https://www.jamendo.com/track/{number}", "license": licence, "license_version": version,
        "license_url": address, "provider": "jamendo", "source": "jamendo", "category": "music", "genres": ["ambient"],
        "attribution": f'"{title}" by Ada Moor is licensed under CC {licence.upper()} {version}.'
        f" To view a copy of this license, visit {address}.",
        "tags": [{"name": "calm"}, {"name": "piano"}], "duration": ms, "filetype": "mp3", "filesize": None, "bit_rate": None,
        "sample_rate": None, "audio_set": None, "thumbnail": "https://example.com/thumb.jpg", "waveform": "https://example.com/w",
    } | more  # fmt: skip


FIRST, GONE, HOSTILE_ID = uuid(1), uuid(404), uuid(2)


def rows() -> list[dict[str, Any]]:
    kinds = ["by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd"]
    return [
        _row(1, "Calm Piano"),
        _row(2, HOSTILE, creator="<script>alert(1)</script>"),
        _row(3, "Public Piano", "cc0", "1.0", 12_000),
        _row(4, "Old Piano", "pdm", "1.0", 720_000),
        _row(5, "Sampled Piano", "sampling+", "1.0", 60_000),
        *(_row(10 + n, f"Piano {n}", kind, "4.0", 90_000) for n, kind in enumerate(kinds)),
        *(_row(20 + n, f"Piano Study {n}") for n in range(15)),
    ]


class OpenverseServer(CatalogueServer):
    KEY = ""
    most_per_page = 20

    def __init__(self) -> None:
        super().__init__(rows())

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        if asked.path.endswith("/related/"):
            return "similar"
        return "search" if asked.path == "/v1/audio/" else "track"

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/file/"):
            return self.file(asked)
        if asked.path == "/v1/audio/":
            return self.search(asked.query)
        parts = asked.path.strip("/").split("/")
        if parts[:2] != ["v1", "audio"] or len(parts) > 4 or (len(parts) == 4 and parts[3] != "related"):
            return 404, {"detail": "Not found."}, {}
        row = self.rows.get(parts[2])
        if row is None:
            return 404, {"detail": "No Audio matches the given query."}, {}
        if len(parts) == 4:
            others = [self.sent(each) for each in list(self.rows.values())[:6]]
            return 200, {"result_count": 10000, "page_count": 0, "page_size": 10, "page": 1, "results": others}, {}
        return 200, self.sent(row), {}

    def sent(self, row: Any) -> Any:
        return {"url": self.address(row["id"])} | row if isinstance(row, dict) and row else row

    def search(self, query: dict[str, str]) -> Reply:
        size, number = int(query.get("page_size", 20)), int(query.get("page", 1))
        if size > 20:
            return 401, {"detail": "Anonymous requests may not ask for more than 20 results on a page."}, {}
        if len(query.get("q", "")) > 200 or set(query) - _KNOWN:
            return 400, {"detail": {name: ["not so"] for name in sorted(set(query) - _KNOWN) or ["q"]}}, {}
        if size * number > 240:
            return 400, {"detail": "pagination depth may not exceed 240"}, {}
        found = [row for row in self.rows.values() if _fits(row, query)]
        shown = [self.sent(row) for row in self.cut(found, (number - 1) * size, size)]
        total = 240 if self.paging in ("endless", "repeats") else len(found)
        head = {"result_count": total, "page_count": min(12, -(-total // size)), "page_size": size, "page": number}
        return 200, head | {"results": shown}, {"x-ratelimit-limit-anon_burst": "20/min"}

    def made_up(self, number: int) -> str:
        return uuid(9_000_000 + number)


def _fits(row: dict[str, Any], query: dict[str, str]) -> bool:
    code, kinds = str(row.get("license")), query.get("license_type", "").split(",")
    if query.get("license") and code not in query["license"].split(","):
        return False
    if ("commercial" in kinds and "nc" in code) or ("modification" in kinds and "nd" in code):
        return False
    if query.get("length"):
        ms = row.get("duration")
        if not isinstance(ms, int) or not any(
            a <= ms < b for a, b in (_LENGTHS[each] for each in query["length"].split(","))
        ):
            return False
    words = query.get("q", "").lower().split()
    return all(word in str(row.get("title")).lower() + " ambient calm" for word in words)
