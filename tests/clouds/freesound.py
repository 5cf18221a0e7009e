"""Freesound's APIv2 as its contract sheet describes it, on loopback."""

from __future__ import annotations

import re
from typing import Any

from tests.clouds.catalogue import HOSTILE, CatalogueServer, Reply
from tests.clouds.service import Asked, Fault

FIRST, HOSTILE_ID, GONE = "1234", "1235", "404404"
OF_A_DAY = Fault(429, {"detail": "Request was throttled. Exceeding a request limit rate (2000/day)"})
_BY, _BYNC = "http://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-nc/3.0/"
_ZERO = "http://creativecommons.org/publicdomain/zero/1.0/"
_SAMPLED = "http://creativecommons.org/licenses/sampling+/1.0/"
_NAMES = {"Attribution": "/by/", "Attribution NonCommercial": "/by-nc/", "Creative Commons 0": "/zero/"}
_KNOWN = {"query", "filter", "sort", "fields", "page", "page_size", "similar_to", "group_by_pack", "weights"}


def _row(number: int | str, name: str, licence: str = _BY, **more: Any) -> dict[str, Any]:
    return {
        "id": int(number), "name": name, "tags": ["music", "calm", "piano"], "license": licence, "username": "ada",
        "url": f"https://freesound.org/people/ada/sounds/{number}/", "duration": 183.4, "type": "wav", "filesize": 1000,
        "samplerate": 44100.0, "channels": 2, "avg_rating": 4.5, "num_downloads": 71, "category": ["Music", "Solo"],
        "gen_ai_preference": "", "created": "2014-04-16T20:07:11.145",
    } | more  # fmt: skip


def rows() -> list[dict[str, Any]]:
    return [
        _row(FIRST, "calm piano.wav", gen_ai_preference="no training", category="Music"),
        _row(HOSTILE_ID, HOSTILE, username="<script>alert(1)</script>", category="Music"),
        _row(1300, "piano zero.wav", _ZERO, duration=12.0, category="Music"),
        _row(1301, "piano nc.wav", _BYNC, duration=60.0, category="Music"),
        _row(1302, "piano sampled.wav", _SAMPLED, category="Music"),
        *(_row(1400 + n, f"piano study {n}.wav", duration=300.0, category="Music") for n in range(20)),
    ]


class FreesoundServer(CatalogueServer):
    KEY = "freesound-key-0123456789abcdef"

    def __init__(self) -> None:
        super().__init__(rows())

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        if asked.path.endswith("/similar/"):
            return "similar"
        return "search" if asked.path == "/search/" else "track"

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/file/"):
            return self.file(asked)
        if asked.headers.get("authorization") != f"Token {self.KEY}":
            return 401, {"detail": "Invalid token."}, {}
        if asked.path == "/search/":
            return self.search(asked.query)
        parts = asked.path.strip("/").split("/")
        if parts[0] != "sounds" or len(parts) not in (2, 3) or parts[2:] not in ([], ["similar"]):
            return 404, {"detail": "Not found."}, {}
        row = self.rows.get(parts[1])
        if row is None:
            return 404, {"detail": "Not found."}, {}
        if len(parts) == 3:
            others = [self.sent(each) for each in list(self.rows.values())[:6]]
            return 200, {"count": 6, "next": None, "previous": None, "results": others}, {}
        return 200, self.sent(row), {}

    def sent(self, row: Any) -> Any:
        if not isinstance(row, dict) or not row:
            return row
        address = self.address(row["id"])
        previews = {f"preview-{grade}-{kind}": address for grade in ("hq", "lq") for kind in ("mp3", "ogg")}
        return row | {"previews": previews}

    def search(self, query: dict[str, str]) -> Reply:
        number, size = int(query.get("page", 1)), int(query.get("page_size", 15))
        if set(query) - _KNOWN or size > 150 or not {"previews", "license"} <= set(query.get("fields", "").split(",")):
            return 400, {"detail": "Invalid parameters."}, {}
        found = [row for row in self.rows.values() if _fits(row, query)]
        shown = self.cut(found, (number - 1) * size, size)
        if number > 1 and not shown:
            return 404, {"detail": "Invalid page."}, {}
        total = 450 if self.paging in ("endless", "repeats") else len(found)
        on = f"http://elsewhere.example/apiv2/search/?page={number + 1}" if number * size < total else None
        return 200, {"count": total, "next": on, "previous": None, "results": [self.sent(row) for row in shown]}, {}


def _fits(row: dict[str, Any], query: dict[str, str]) -> bool:
    asked = query.get("filter", "")
    names = re.search(r"license:\(([^)]*)\)", asked)
    if names and not any(_NAMES[each.strip('" ')] in str(row["license"]) for each in names[1].split(" OR ")):
        return False
    between = re.search(r"duration:\[([\d.]+) TO ([\d.*]+)\]", asked)
    if between:
        most = float("inf") if between[2] == "*" else float(between[2])
        if not isinstance(row["duration"], float) or not float(between[1]) <= row["duration"] <= most:
            return False
    for group in re.findall(r"tag:\(([^)]*)\)", asked):
        if not {each.strip('" ') for each in group.split(" OR ")} & set(row["tags"]):
            return False
    return all(word in str(row["name"]).lower() for word in query.get("query", "").lower().split())
