"""What the stand-ins for catalogues of music share: tracks as the service writes them, pages that may be broken, and links
that expire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tests.clouds.service import Asked, Fault, Service, tone

HOSTILE = '<img src=x onerror=alert(1)>"; DROP TABLE assets;--'
"""A title as a stranger may write one: it has to arrive as text."""
WIFI = Fault(200, "<html>welcome to the hotel wifi</html>", {"content-type": "text/html"})
Reply = tuple[int, Any, dict[str, str]]


def dated_wait(date: str, until: str) -> Fault:
    """429 by a clock that goes wrong: it tells its time, and until when to wait by it."""
    return Fault(429, {"detail": "Request was throttled."}, {"date": date, "retry-after": until})


class CatalogueServer(Service):
    """`rows` by id, as the service writes them. Faults: search, list, track, similar, file."""

    most_per_page = 200

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, Any]] = {str(row["id"]): dict(row) for row in rows}
        self.paging: Literal["", "repeats", "endless", "shifts"] = ""
        """repeats: every page is the first one; endless: there is always more, each page of tracks never seen; shifts: a
        page begins one track before the last one ended."""
        self.looks = 0
        self.between: list[Any] = []
        """What stands among the tracks of each page and is none."""

    def address(self, track_id: str) -> str:
        """Another one at each look."""
        self.looks += 1
        return f"{self.url}/file/{track_id}/{self.looks}.mp3"

    def file(self, asked: Asked) -> Reply:
        track_id = asked.path.split("/")[2]
        if track_id not in self.rows:
            return 404, "<html>gone</html>", {"content-type": "text/html"}
        return 200, tone(2.0), {"content-type": "audio/mpeg"}

    def cut(self, rows: Sequence[dict[str, Any]], offset: int, size: int) -> list[Any]:
        """One page of these."""
        size = min(size, self.most_per_page)
        if self.paging == "repeats":
            offset = 0
        if self.paging == "shifts":
            offset = max(0, offset - 1)
        if self.paging == "endless" and rows:
            fresh = [dict(rows[0]) for _ in range(size)]
            for number, row in enumerate(fresh):
                row["id"] = self.made_up(offset + number)
            return fresh
        return [*rows[offset : offset + size], *self.between]

    def made_up(self, number: int) -> str:
        return str(9_000_000 + number)

    def asked_for(self, where: str) -> list[Asked]:
        return [each for each in self.asked if self.where(each) == where]
