"""Epidemic Sound's partner API as its contract sheet describes it, on loopback."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from tests.clouds.catalogue import CatalogueServer
from tests.clouds.service import Asked, Fault, tone

SECONDS = 2.0
_SEARCH = {"term", "genre[]", "mood[]", "bpmMin", "bpmMax", "offset", "limit", "sort", "order"}


def error(status: int, message: str, **headers: str) -> Fault:
    return Fault(status, {"message": message, "errors": [{"key": "limit", "messages": ["too many"]}]}, headers)


class EpidemicServer(CatalogueServer):
    KEY = "epidemic_live_0123456789"

    def __init__(self) -> None:
        super().__init__([])
        self.tracks = self.rows
        self.good = 1
        self.counted: list[str] = []
        self.used: list[tuple[str, dict[str, Any]]] = []
        """User and what was reported."""
        self.streams = "json"
        """json, redirect or sound: how a stream is answered."""
        self.on = True
        """Whether its last page says that another follows."""
        self.sound = tone(SECONDS)
        for number in range(1, 76):
            self.add(f"track-{number}", f"Night {number}")

    def add(self, name: str, title: str) -> None:
        self.tracks[name] = {
            "id": name, "title": title, "mainArtists": ["The Night"], "featuredArtists": ["A Guest"], "bpm": 92,
            "length": SECONDS, "moods": [{"id": "dreamy", "name": "Dreamy"}], "genres": [{"id": "ambient", "name": "Ambient"}],
            "images": {"default": "https://img.example/1.jpg"}, "waveformUrl": "https://img.example/1.json",
            "hasVocals": False, "added": "2025-03-01T00:00:00Z", "tierOption": "PAID", "isExplicit": False,
            "isPreviewOnly": False,
        }  # fmt: skip

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        last = asked.path.rpartition("/")[2]
        return {
            "search": "search",
            "download": "create",
            "stream": "stream",
            "usage": "usage",
            "similar": "similar",
        }.get(last, "track")

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        parts = asked.path.strip("/").split("/")
        if parts[0] == "file":
            good = parts[1] == str(self.good)
            return (200, self.sound, {"content-type": "audio/mpeg"}) if good else (403, b"gone", {})
        if asked.headers.get("authorization") != f"Bearer {self.KEY}":
            return 401, {"message": "Unauthorized"}, {}
        if (asked.method, asked.path) == ("POST", "/v0/usage"):
            if set(asked.body) != {"platform", "trackIds"} or not asked.body["trackIds"]:
                return 400, {"message": "Bad Request", "errors": [{"key": "platform", "messages": ["missing"]}]}, {}
            self.used.append((asked.headers.get("x-partner-user-id", ""), asked.body))
            return 200, b"", {}
        if asked.path == "/v0/tracks/search":
            return self.search(asked.query)
        if asked.path == "/v0/tracks/metadata":
            ids = parse_qs(asked.raw_query).get("trackId", [])
            return 200, [self.tracks[each] for each in ids if each in self.tracks], {}
        if len(parts) == 4 and parts[:2] == ["v0", "tracks"] and parts[2] in self.tracks:
            return self.one(parts[2], parts[3], asked)
        return 404, {"message": "Not Found"}, {}

    def search(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", "50"))
        if set(query) - _SEARCH or limit > 60:
            return 400, {"message": "Bad Request", "errors": [{"key": "limit", "messages": ["at most 60"]}]}, {}
        found = [
            each for each in self.tracks.values() if query.get("term", "").lower() in str(each.get("title")).lower()
        ]
        shown, more = self.cut(found, offset, limit), offset + limit < len(found)
        links = {"next": f"/v0/tracks/search?offset={offset + limit}" if more and self.on else None, "prev": None}
        pages = {"page": 1, "limit": limit, "offset": offset}
        return 200, {"tracks": shown, "pagination": pages, "links": links, "aggregations": {}}, {}

    def one(self, name: str, what: str, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        self.looks += 1
        link = f"{self.url}/file/{self.good}/{self.looks}/{name}.mp3"
        if what == "similar":
            return 200, {"tracks": list(self.tracks.values())[:5]}, {}
        if what == "stream":
            if self.streams == "redirect":
                return 302, b"", {"location": f"/file/{self.good}/{name}.mp3"}
            return (
                (200, self.sound, {"content-type": "audio/mpeg"})
                if self.streams == "sound"
                else (200, {"url": link}, {})
            )
        if what == "download" and asked.query == {"format": "mp3", "quality": "high"}:
            self.counted.append(name)
            return 200, {"url": link, "expires": "2026-01-01T00:00:00Z"}, {}
        return 404, {"message": "Not Found"}, {}
