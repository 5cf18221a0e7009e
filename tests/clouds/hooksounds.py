"""HookSounds' shop (Easy Digital Downloads) as its contract sheet describes it, on loopback."""

from __future__ import annotations

from typing import Any

from tests.clouds.catalogue import CatalogueServer
from tests.clouds.service import Asked, Fault, tone

PUBLIC, TOKEN = "public-key-0123456789", "token-0123456789abcdef"
_QUERY = {"key", "token", "number", "page", "product", "s", "format"}


def said(text: str, status: int = 200) -> Fault:
    return Fault(status, {"error": text})


class HooksoundsServer(CatalogueServer):
    KEY = f"{PUBLIC}:{TOKEN}"

    def __init__(self) -> None:
        super().__init__([])
        self.products = self.rows
        self.good = 1
        self.sound = tone(2.0)
        for number in range(1, 56):
            self.add(str(number), f"Day {number}")

    def add(self, name: str, title: str) -> None:
        self.products[name] = {
            "id": int(name), "slug": f"day-{name}", "title": title, "create_date": "2024-01-02 10:00:00",
            "modified_date": "2024-01-03 10:00:00", "status": "publish", "link": f"https://www.hooksounds.com/{name}",
            "content": "", "excerpt": "", "thumbnail": False, "bpm": 120, "duration": "2:26", "mp3": "",
            "category": [{"term_id": 3, "name": "Corporate", "slug": "corporate", "description": "", "parent": 0, "count": 12}],
            "tags": [{"term_id": 7, "name": "happy", "slug": "happy", "description": ""}],
        }  # fmt: skip

    def where(self, asked: Asked) -> str:
        if asked.path.startswith("/file/"):
            return "file"
        return "track" if "product" in asked.query else "search"

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        if asked.path.startswith("/file/"):
            good = asked.path.split("/")[2] == str(self.good)
            return (200, self.sound, {"content-type": "audio/mpeg"}) if good else (404, b"gone", {})
        query = asked.query
        if asked.path != "/products/" or set(query) - _QUERY:
            return 404, {"error": "Invalid query!"}, {}
        if (query.get("key"), query.get("token")) != (PUBLIC, TOKEN):
            return 200, {"error": "Your request could not be authenticated! (Invalid API key)"}, {}
        if "product" in query:
            if query["product"] not in self.products:
                return 200, {"error": f"Product {query['product']} not found!"}, {}
            return 200, self.page([query["product"]]), {}
        found = [
            name for name, info in self.products.items() if query.get("s", "").lower() in str(info.get("title")).lower()
        ]
        if not found:
            return 404, {"error": "No products found!"}, {}
        number, size = int(query.get("page", "1")), int(query.get("number", "10"))
        shown = self.cut([self.product(name) for name in found], (number - 1) * size, size)
        return 200, {"products": shown, "request_speed": 0.07}, {}

    def page(self, names: list[str]) -> dict[str, Any]:
        return {"products": [self.product(name) for name in names], "request_speed": 0.07}

    def product(self, name: str) -> dict[str, Any]:
        info = dict(self.products[name])
        self.looks += 1
        info["mp3"] = info["mp3"] or f"{self.url}/file/{self.good}/{self.looks}/{name}.mp3"
        prices = {"usementionnon-commercial": "0.00", "prolicense": "29.00", "businesslicense": "99.00"}
        return {"info": info, "pricing": prices}
