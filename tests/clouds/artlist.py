"""Artlist's enterprise API as its contract sheet describes it, on loopback: tokens, search, and links to files."""

from __future__ import annotations

import base64
from typing import Any

from tests.clouds.catalogue import CatalogueServer
from tests.clouds.service import Asked, Fault, tone

CLIENT, SECRET = "client-0123456789", "secret-0123456789abcdef"
SECONDS = 2.0
_SEARCH = {"page", "query", "categoryIds[]", "vocalType", "durationMin", "durationMax", "bpmMin", "bpmMax"}
_VOCALS = ["VOCAL_AND_INSTRUMENTS", "VOCAL", "INSTRUMENTAL", "FEMALE_VOCAL", "MALE_VOCAL", "DUET", "GROUP", "ACAPELLA"]


def error(status: int, message: str, http: int = 0, **headers: str) -> Fault:
    body = {"success": False, "error": {"message": message, "code": "x", "status": status}}
    return Fault(http or status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class ArtlistServer(CatalogueServer):
    KEY = f"{CLIENT}:{SECRET}"

    def __init__(self) -> None:
        super().__init__([])
        self.songs = self.rows
        self.tokens = 0
        self.lasts: Any = 3600
        self.good = 1
        """Links of an earlier number have expired."""
        self.counted: list[str] = []
        """Downloads it would bill."""
        self.left = "40"
        self.reset = "30"
        self.total: int | None = None
        self.sound, self.preview = tone(SECONDS, "WAV"), tone(SECONDS)
        for number in range(1, 46):
            self.add(str(number), f"Song {number}")

    def add(self, name: str, title: str) -> None:
        self.songs[name] = {
            "id": name, "name": title, "artist": {"id": "7", "name": "The Band", "slug": "the-band"},
            "album": {"id": "3", "name": "First"}, "url": f"/preview/{name}", "imageUrl": "https://img.example/1.jpg",
            "thumbImageUrl": None, "waveSurferUrl": None, "duration": SECONDS, "bpmRate": 100 + int(name) % 40,
            "genreCategories": [{"id": 1, "name": "Pop"}],
        }  # fmt: skip

    def where(self, asked: Asked) -> str:
        first = asked.path.split("/")[1]
        if first == "search":
            return "search" if asked.path == "/search/v1/song" else "track"
        return {"oauth2": "token", "download": "create", "file": "file", "preview": "file"}.get(first, "")

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        where, parts = self.where(asked), asked.path.split("/")
        if where == "token":
            return self.token(asked)
        if where == "file":
            if parts[1] == "preview":
                return 200, self.preview, {"content-type": "audio/aac"}
            return (
                (200, self.sound, {"content-type": "audio/wav"}) if int(parts[2]) == self.good else (403, b"gone", {})
            )
        if asked.headers.get("authorization") != f"Bearer token-0123456789-{self.tokens}":
            return self.refused(401, "Unauthorized")
        headers = {"x-ratelimit-limit": "50", "x-ratelimit-remaining": self.left, "x-ratelimit-reset": self.reset}
        if where == "search":
            status, body = self.search(asked.query)
            return status, body, headers
        if where == "track" and parts[4] in self.songs:
            return 200, {"song": self.song(parts[4])}, headers
        if (
            where == "create"
            and parts[3:5] == ["downloadable", "song"]
            and parts[5] in self.songs
            and parts[6] in ("mp3", "wave")
        ):
            self.counted.append(parts[5])
            return 200, {"url": f"{self.url}/file/{self.good}/{parts[5]}.wav?signature=1"}, headers
        return self.refused(404, "Not found")

    def token(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked.headers.get("authorization") != f"Basic {basic}"
            or asked.headers["content-type"] != "application/x-www-form-urlencoded"
        ):
            return 400, {"error": "invalid_client"}, {}
        self.tokens += 1
        return (
            200,
            {"access_token": f"token-0123456789-{self.tokens}", "expires_in": self.lasts, "token_type": "Bearer"},
            {},
        )

    def search(self, query: dict[str, str]) -> tuple[int, Any]:
        wrong = (
            set(query) - _SEARCH or int(query.get("page", "0")) < 1 or query.get("vocalType", "VOCAL") not in _VOCALS
        )
        wrong = (
            wrong or not 0 <= int(query.get("bpmMax", "0")) <= 200 or not 0 <= int(query.get("durationMax", "0")) <= 420
        )
        if wrong:
            return 422, {"success": False, "error": {"message": "invalid", "code": "x", "status": 422}}
        low, high = int(query.get("bpmMin", "0")), int(query.get("bpmMax", "1000"))
        found = [
            name for name, song in self.songs.items()
            if query.get("query", "").lower() in str(song.get("name")).lower() and low <= self.tempo(song) <= high
        ]  # fmt: skip
        begin = (int(query["page"]) - 1) * 20
        total = len(found) if self.total is None else self.total
        return 200, {"songs": self.cut([self.song(name) for name in found], begin, 20), "total": total}

    def tempo(self, song: dict[str, Any]) -> float:
        bpm = song.get("bpmRate")
        return bpm if isinstance(bpm, int) else 100

    def song(self, name: str) -> dict[str, Any]:
        song = dict(self.songs[name])
        self.looks += 1
        if str(song.get("url", "")).startswith("/"):
            song["url"] = f"{self.url}/preview/{self.looks}/{name}"
        return song

    def refused(self, status: int, message: str) -> tuple[int, Any, dict[str, str]]:
        return status, {"success": False, "error": {"message": message, "code": "x", "status": status}}, {}
