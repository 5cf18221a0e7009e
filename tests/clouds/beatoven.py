"""Beatoven's API as its contract sheet describes it, on loopback. Length is read from the prompt, as there."""

from __future__ import annotations

import re
from typing import Any

from tests.clouds.service import Asked, Service, tone

STEMS = ("bass", "chords", "melody", "percussion")


class BeatovenServer(Service):
    KEY = "beatoven-key-0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, float] = {}
        self.without: set[str] = set()
        """Stems whose link is dead."""

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        return "create" if asked.method == "POST" else "poll"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path.startswith("/file/"):
            _, _, task, name = asked.path.split("/")
            dead = task not in self.tasks or name in self.without
            return (404, b"gone", {}) if dead else (200, tone(self.tasks[task], "WAV"), {"content-type": "audio/wav"})
        if asked.headers.get("authorization") != f"Bearer {self.KEY}":
            return 401, {"error": "Unauthorized"}, {}
        if asked.method == "POST":
            if asked.path != "/api/v1/tracks/compose":
                return 404, {"error": "Not Found"}, {}
            said = re.match(r"(\d+) seconds", (asked.body.get("prompt") or {}).get("text", ""))
            if not said or set(asked.body) != {"prompt", "format", "looping"}:
                return 400, {"error": "prompt.text is missing"}, {}
            name = f"22222222-0000-4000-8000-{self.count():012d}_1"
            self.tasks[name] = float(said[1])
            return 200, {"status": "started", "task_id": name}, {}
        name = asked.path.removeprefix("/api/v1/tasks/")
        if name not in self.tasks:
            return 400, {"error": "no such task"}, {}
        if not self.ready(name):
            return 200, {"status": "composing", "meta": {}}, {}
        stems = {stem: f"{self.url}/file/{name}/{stem}" for stem in STEMS}
        meta = {
            "project_id": "p",
            "track_id": "t",
            "version": 1,
            "track_url": f"{self.url}/file/{name}/track",
            "stems_url": stems,
        }
        return 200, {"status": "composed", "meta": meta}, {}
