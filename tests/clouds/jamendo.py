"""Jamendo's API v3.0 as its contract sheet describes it, on loopback: a wrong client, a wrong parameter, and asking too often
are all answered with HTTP 200."""

from __future__ import annotations

from typing import Any

from tests.clouds.catalogue import HOSTILE, CatalogueServer, Reply
from tests.clouds.service import Asked, Fault

CLIENT = "b6747d04-test"
FIRST, HOSTILE_ID, GONE = "168", "169", "404404"
_KNOWN = {
    "client_id", "format", "limit", "offset", "order", "fullcount", "id", "type", "search", "namesearch", "tags", "fuzzytags",
    "vocalinstrumental", "acousticelectric", "gender", "speed", "durationbetween", "datebetween", "include", "ccnc", "ccnd",
    "ccsa", "prolicensing", "probackground", "content_id_free", "audioformat", "audiodlformat", "imagesize",
}  # fmt: skip


def said(code: int, message: str, status: str = "failed", results: Any = ()) -> dict[str, Any]:
    head = {"status": status, "code": code, "error_message": message, "warnings": "", "results_count": len(results)}
    return {"headers": head, "results": list(results)}


def refusal(code: int, message: str) -> Fault:
    return Fault(200, said(code, message))


def _row(number: int | str, name: str, licence: str = "by-nc-sa/3.0", **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "name": name, "duration": 183, "artist_id": "7", "artist_name": "Both", "artist_idstr": "both",
        "album_name": "Rain Days", "album_id": "24", "license_ccurl": f"http://creativecommons.org/licenses/{licence}/",
        "position": 1, "releasedate": "2021-04-11", "audiodownload_allowed": True, "content_id_free": True,
        "prourl": f"https://licensing.jamendo.com/track/{number}", "shorturl": f"https://jamen.do/t/{number}",
        "shareurl": f"https://www.jamendo.com/track/{number}", "image": "https://usercontent.jamendo.com?type=album&id=24",
        "musicinfo": {"vocalinstrumental": "instrumental", "lang": "", "gender": "", "acousticelectric": "acoustic",
                      "speed": "medium", "tags": {"genres": ["ambient"], "instruments": ["piano"], "vartags": ["calm"]}},
        "licenses": {"ccnc": str("nc" in licence).lower(), "ccnd": str("nd" in licence).lower(),
                     "ccsa": str("sa" in licence).lower(), "prolicensing": "true", "probackground": "false"},
    } | more  # fmt: skip


def rows() -> list[dict[str, Any]]:
    kinds = ["by/4.0", "by-sa/3.0", "by-nd/3.0/fr", "by-nc/2.5", "by-nc-nd/3.0", "by/2.0"]
    return [
        _row(FIRST, "Calm Piano"),
        _row(HOSTILE_ID, HOSTILE, artist_name="<script>alert(1)</script>"),
        _row(
            170,
            "Kept Piano",
            "by/3.0",
            audiodownload_allowed=False,
            audiodownload="",
            content_id_free=False,
            type="single",
        ),
        *(_row(200 + n, f"Piano {kind}", kind, duration=60 + n) for n, kind in enumerate(kinds)),
        *(_row(300 + n, f"Piano Study {n}", duration=300, prourl="") for n in range(16)),
    ]


class JamendoServer(CatalogueServer):
    KEY = CLIENT
    most_per_page = 10

    def __init__(self) -> None:
        super().__init__(rows())

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        if asked.path == "/tracks/similar/":
            return "similar"
        return "track" if "id" in asked.query else "search"

    def answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/file/"):
            return self.file(asked)
        query = asked.query
        if asked.path not in ("/tracks/", "/tracks/similar/"):
            return 200, said(7, "Method not found"), {}
        if query.get("client_id") != CLIENT:
            return 200, said(5, "Your credential is not authorized."), {}
        if set(query) - _KNOWN or not query.get("limit", "10").isdigit() or int(query.get("limit", 10)) > 200:
            return 200, said(3, "The type of a parameter is wrong."), {}
        found = self.chosen(asked)
        offset, size = int(query.get("offset", 0)), int(query.get("limit", 10))
        size = size if "id" in query else min(size, self.most_per_page)
        shown = [self.sent(row) for row in self.cut(found, offset, size)]
        body = said(0, "", "success", shown)
        total = 240 if self.paging in ("endless", "repeats") else len(found)
        body["headers"] |= {"results_fullcount": total} if query.get("fullcount") == "true" else {}
        return 200, body, {}

    def chosen(self, asked: Asked) -> list[dict[str, Any]]:
        query = asked.query
        found = [row for row in self.rows.values() if _fits(row, query, "type=single+albumtrack" in asked.raw_query)]
        if asked.path == "/tracks/similar/":
            return list(self.rows.values())[:6] if query.get("id") in self.rows else []
        if "id" in query:
            wanted = query["id"].split()
            found = [row for row in found if str(row.get("id")) in wanted]
        if query.get("order", "").startswith("id"):
            found.sort(key=lambda row: int(row["id"]))
        return found

    def sent(self, row: Any) -> Any:
        if not isinstance(row, dict) or not row:
            return row
        address = self.address(row["id"])
        return {"audio": address, "audiodownload": address.replace(".mp3", "-full.mp3")} | row


def _fits(row: dict[str, Any], query: dict[str, str], singles: bool) -> bool:
    if row.get("type") == "single" and not singles:
        return False
    for clause in ("ccnc", "ccnd", "ccsa"):
        if clause in query and row["licenses"][clause] != query[clause]:
            return False
    if "durationbetween" in query:
        low, high = (int(each) for each in query["durationbetween"].split("_"))
        if not isinstance(row["duration"], int) or not low <= row["duration"] <= high:
            return False
    tags = {each for of in row["musicinfo"]["tags"].values() for each in of}
    if "tags" in query and not set(query["tags"].split()) <= tags:
        return False
    if "fuzzytags" in query and not set(query["fuzzytags"].split()) & tags:
        return False
    words = query.get("search", "").lower().split()
    return all(word in f"{row.get('name')} {row['artist_name']}".lower() for word in words)
