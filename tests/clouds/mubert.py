"""Mubert's API v3 as its contract sheet describes it, on loopback."""

from __future__ import annotations

from typing import Any

from tests.clouds.service import Asked, Fault, Service, tone

COMPANY, LICENCE = "7c1b2a3e-0000-4000-8000-000000000001", "license-token-0123456789"
CUSTOMER = "7c1b2a3e-0000-4000-8000-0000000000aa"
_FIELDS = {"prompt", "duration", "bitrate", "format", "intensity", "mode"}


def code(status: int, name: str, **more: Any) -> Fault:
    return Fault(status, {"message": name, "code": name, **more})


REFUSALS = {
    "no licence for it": code(403, "LicenseForbiddenDuration", max_track_duration=60),
    "used up": code(403, "LicenseLimitTracksCount"),
    "licence over": code(403, "LicenseExpired"),
    "company off": code(403, "CompanyIsNotActive"),
    "wrong key": code(401, "Unauthenticated"),
    "field by field": Fault(422, {"message": "The given data was invalid.", "errors": {"duration": ["at least 5"]}}),
    "too large": Fault(413, "<html>413</html>", {"content-type": "text/html"}),
    "bare user agent": Fault(403, "error code: 1010", {"content-type": "text/plain"}),
}
BUSY = code(403, "LicenseLimitConcurrentTrackGenerationsCount")


class MubertServer(Service):
    KEY = f"{COMPANY}:{LICENCE}"

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 1
        self.tracks: dict[str, dict[str, Any]] = {}
        self.links: dict[str, bytes] = {}
        self.gives_up = False

    @property
    def token(self) -> str:
        return f"{self.tokens:064d}"

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        if asked.path == "/service/customers":
            return "customer"
        return "create" if asked.method == "POST" else "poll"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path.startswith("/file/"):
            found = self.links.get(asked.path)
            return (404, b"gone", {}) if found is None else (200, found, {"content-type": "audio/mpeg"})
        if asked.path == "/service/customers":
            if (asked.headers.get("company-id"), asked.headers.get("license-token")) != (COMPANY, LICENCE):
                return 401, {"message": "Unauthenticated", "code": "Unauthenticated"}, {}
            access = {
                "id": "a",
                "customer_id": CUSTOMER,
                "token": self.token,
                "expired_at": "2026-12-20T00:00:00.000000Z",
            }
            return 200, {"data": {"id": CUSTOMER, "custom_id": asked.body["custom_id"], "access": access}}, {}
        if asked.headers.get("customer-id") != CUSTOMER:
            return 401, {"message": "Unauthenticated", "code": "Unauthenticated"}, {}
        if asked.headers.get("access-token") != self.token:
            return 403, {"message": "expired", "code": "AccessTokenExpired"}, {}
        if asked.method == "POST" and asked.path == "/public/tracks":
            return self.create(asked.body)
        track = self.tracks.get(asked.path.removeprefix("/public/tracks/"))
        if track is None:
            return 404, {"message": "No query results for model [Track]"}, {}
        return 200, {"data": self.state(track)}, {}

    def create(self, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        wrong = sorted(set(body) ^ _FIELDS)
        wrong += [] if isinstance(body.get("duration"), int) and body["duration"] >= 5 else ["duration"]
        wrong += [] if len(body.get("prompt", "")) <= 200 else ["prompt"]
        if wrong:
            return 422, {"message": "invalid", "errors": {name: ["not so"] for name in wrong}}, {}
        number = self.count()
        name = f"11111111-0000-4000-8000-{number:012d}"
        self.tracks[name] = {"id": name, "session_id": "s", "bpm": None, "key": None, **body}
        return 200, {"data": self.tracks[name] | {"generations": [self.generation("processing", None)]}}, {}

    def state(self, track: dict[str, Any]) -> dict[str, Any]:
        if not self.ready(track["id"]):
            return track | {"generations": [self.generation("processing", None)]}
        if self.gives_up:
            return track | {"generations": [self.generation("failed", None)]}
        path = f"/file/{track['id']}/{len(self.links)}.mp3"
        # Only a track comes as long as it was asked for.
        seconds = track["duration"] - (0.0 if track["mode"] == "track" else 0.4)
        self.links[path] = tone(seconds)
        return track | {"bpm": 112, "key": "Am", "generations": [self.generation("done", f"{self.url}{path}")]}

    @staticmethod
    def generation(status: str, url: str | None) -> dict[str, Any]:
        return {"session_id": "s", "format": "mp3", "bitrate": 320, "status": status, "expired_at": None, "url": url}
