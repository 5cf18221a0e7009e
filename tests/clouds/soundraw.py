"""Soundraw's API v3 as its contract sheet describes it (from one public client), on loopback."""

from __future__ import annotations

from typing import Any

from tests.clouds.service import Asked, Service, tone

MOODS = """Angry|Busy & Frantic|Dark|Dreamy|Elegant|Epic|Euphoric|Fear|Funny & Weird|Glamorous|Happy|Heavy & Ponderous|Hopeful
|Laid Back|Mysterious|Peaceful|Restless|Romantic|Running|Sad|Scary|Sentimental|Sexy|Smooth|Suspense"""
GENRES = """Acoustic|Hip Hop|Beats|Funk|Pop|Drum n Bass|Trap|Tokyo night pop|Rock|Latin|House|Tropical House|Ambient|Orchestra
|Electro & Dance|Electronica|Techno & Trance|Jersey Club|Drill|R&B|Lofi Hip Hop|World|Afrobeats|Christmas"""
THEMES = """Ads & Trailers|Broadcasting|Cinematic|Corporate|Comedy|Cooking|Documentary|Drama|Fashion & Beauty|Gaming
|Holiday Season|Horror & Thriller|Motivational & Inspiring|Nature|Photography|Sports & Action|Technology|Travel|Tutorials
|Vlogs|Wedding & Romance|Workout & Wellness"""
LISTS = {
    "moods": MOODS, "genres": GENRES, "themes": THEMES, "tempo": "low|normal|high", "file_format": "m4a|mp3|wav",
}  # fmt: skip
ENERGIES = ("Muted", "Low", "Medium", "High", "Very High")


def allowed(name: str) -> set[str]:
    return {each.strip() for each in LISTS[name].split("|")}


class SoundrawServer(Service):
    KEY = "soundraw-token-0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.songs: dict[str, dict[str, Any]] = {}
        self.links: dict[str, bytes] = {}
        self.gives_up = False

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        return "create" if asked.method == "POST" else "poll"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path.startswith("/file/"):
            found = self.links.get(asked.path)
            return (403, b"expired", {}) if found is None else (200, found, {"content-type": "audio/mpeg"})
        if asked.headers.get("authorization") != f"Bearer {self.KEY}":
            return 401, {"message": "Unauthorized"}, {}
        if asked.method == "POST":
            if asked.path != "/musics/compose":
                return 404, {"message": "not found"}, {}
            wrong = self.wrong(asked.body)
            if wrong:
                return 422, {"error": wrong}, {}
            name = f"req_{self.count()}"
            self.songs[name] = asked.body
            return 200, {"request_id": name}, {}
        name = asked.path.removeprefix("/results/")
        if name not in self.songs:
            return 404, {"message": "not found"}, {}
        return 200, self.state(name), {}

    def wrong(self, body: dict[str, Any]) -> str:
        for name in LISTS:
            if not set(body.get(name, [])) <= allowed(name):
                return f"{name} cannot be {body[name]}"
        if not any(body.get(name) for name in ("moods", "genres", "themes")):
            return "choose a mood, genre or theme"
        if not isinstance(body.get("length"), int) or not 10 <= body["length"] <= 300:
            return "length goes from 10 to 300"
        edge = 0
        for level in body.get("energy_levels", []):
            if level["start"] != edge or level["energy"] not in ENERGIES:
                return "energy_levels have a gap"
            edge = level["end"]
        return "" if edge == body["length"] else "energy_levels do not reach the end"

    def state(self, name: str) -> dict[str, Any]:
        body = {"endpoint": "compose", "params": self.songs[name], "request_id": name, "result": None}
        if not self.ready(name):
            return body | {"status": "pending"}
        if self.gives_up:
            return body | {"status": "failed"}
        path = f"/file/{name}/{len(self.links)}.mp3"
        self.links[path] = tone(float(self.songs[name]["length"]))
        result = {"share_link": "x", "m4a_url": None, "mp3_url": f"{self.url}{path}", "length": 30, "bpm": "120"}
        return body | {"status": "done", "result": result}
