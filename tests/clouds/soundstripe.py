"""Soundstripe's partner API as its contract sheet describes it, on loopback. The names of its filters are known from public
clients alone."""

from __future__ import annotations

from typing import Any

from tests.clouds.catalogue import CatalogueServer
from tests.clouds.service import Asked, Fault, tone

_QUERY = {"page[size]", "page[number]", "include", "filter[q]", "filter[tags][genre]", "filter[tags][mood]"}
SECONDS = 2.0


def error(status: int, detail: str, http: int = 0, **headers: str) -> Fault:
    """`http`: the status it comes with, where that is another."""
    return Fault(http or status, {"errors": [{"detail": detail, "status": status}]}, headers)


class SoundstripeServer(CatalogueServer):
    KEY = "soundstripe-key-0123456789"

    def __init__(self) -> None:
        super().__init__([])
        self.songs = self.rows
        self.scheme = "Token"
        self.good = 1
        """Addresses of an earlier number have expired."""
        self.total: int | None = None
        self.follows: dict[int, int] = {}
        """Page to the one its link names: broken paging."""
        self.files = {"mp3": tone(SECONDS), "wav": tone(SECONDS, "WAV")}
        for number in range(1, 6):
            self.add(str(number), f"Song {number}")

    def add(self, name: str, title: str) -> None:
        self.songs[name] = {
            "id": name, "seconds": SECONDS, "title": title, "bpm": 110.0, "explicit": False, "key": {"name": "A", "mode": "major"},
            "tags": {
                "characteristic": ["Minimal"], "genre": ["Soundtrack / Cinematic"], "instrument": ["Strings"],
                "mood": ["Suspenseful"],
            },
        }  # fmt: skip

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        return "search" if asked.path == "/v1/songs" else "track"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path.startswith("/file/"):
            _, _, good, _, name = asked.path.split("/")
            if int(good) != self.good:
                return 403, "<Error>expired</Error>", {"content-type": "application/xml"}
            kind = name.rpartition(".")[2]
            return 200, self.files[kind], {"content-type": {"mp3": "audio/mpeg", "wav": "audio/wav"}[kind]}
        if asked.headers.get("authorization") != f"{self.scheme} {self.KEY}":
            return 401, {"errors": [{"detail": "Unauthorized", "status": 401}]}, {}
        if asked.method != "GET" or asked.headers.get("accept") != "application/vnd.api+json":
            return 406, {"errors": [{"detail": "Not acceptable", "status": 406}]}, {}
        if set(asked.query) - _QUERY:
            return 400, {"errors": [{"detail": "unknown parameter", "status": 400}]}, {}
        if asked.path == "/v1/songs":
            return 200, self.page(asked.query), {}
        name = asked.path.removeprefix("/v1/songs/")
        if name not in self.songs:
            return 404, {"errors": [{"detail": f"Couldn't find Song with 'id'={name}", "status": 404}]}, {}
        return 200, {"data": self.song(name), "included": self.included([name])}, {}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        size, number = int(query.get("page[size]", "10")), int(query.get("page[number]", "1"))
        assert 1 <= size <= 100
        text, genre = query.get("filter[q]", "").lower(), query.get("filter[tags][genre]")
        found = [
            name for name, song in self.songs.items()
            if text in str(song.get("title")).lower() and (not genre or genre in song["tags"]["genre"])
        ]  # fmt: skip
        begin = (number - 1) * size
        shown = found[0 if self.paging == "repeats" else begin :][:size]
        songs = self.cut([self.song(name) for name in found], begin, size)
        more = number * size < len(found) or self.paging == "endless"
        following = self.follows.get(number, number + 1 if more else None)
        link = None if following is None else f"{self.url}/v1/songs?page%5Bnumber%5D={following}&page%5Bsize%5D={size}"
        total = len(found) if self.total is None else self.total
        return {
            "data": songs, "included": self.included(found[:1] if self.paging == "endless" else shown),
            "links": {"self": "…", "first": None, "prev": None, "next": link, "last": None, "meta": {"total_count": total}},
        }  # fmt: skip

    def song(self, name: str) -> dict[str, Any]:
        refs = {"artists": ["7"], "audio_files": [f"{name}-full", f"{name}-instrumental"]}
        related = {kind: {"data": [{"id": each, "type": kind} for each in ids]} for kind, ids in refs.items()}
        attributes = {key: value for key, value in self.songs[name].items() if key not in ("id", "seconds")}
        return {"id": self.songs[name]["id"], "type": "songs", "attributes": attributes, "relationships": related}

    def included(self, names: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {"id": "7", "type": "artists", "attributes": {"name": "The Strings", "image": None}}
        ]
        self.looks += 1
        for name in names:
            for version, instrumental in (("instrumental", True), ("full", False)):
                described = "Instrumental" if instrumental else "Full [Primary]"
                links = {
                    kind: f"{self.url}/file/{self.good}/{self.looks}/{name}-{version}.{kind}" for kind in self.files
                }
                attributes = {
                    "description": described, "duration": self.songs[name]["seconds"], "instrumental": instrumental, "versions": links,
                }  # fmt: skip
                found.append({"id": f"{name}-{version}", "type": "audio_files", "attributes": attributes})
        return found
