"""Catalogues that do what they are told: they page, filter what they say they filter, fail, dawdle and talk nonsense."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.kit.errors import StudioError
from core.licensing.catalogue import FILTERS, KIND
from core.licensing.matching import fits, wanted
from core.licensing.merging import order_of
from core.licensing.types import Search, Terms, Track
from core.providers.base import Call, Found, ProviderInfo

OPEN = Terms("cc", "cc-by-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", commercial=True,
             attribution="“X” by Y, CC BY 4.0")  # fmt: skip
SOLD = Terms("per-track", "standard", "Standard", commercial=True)


def track(provider: str, number: int, **values: Any) -> Track:
    """Each another name, tempo, key and length."""
    plain = Track(
        provider, f"t{number}", f"{provider} piece {number}", artist=f"Artist {number % 7}", duration_s=60.0 + number,
        bpm=80.0 + number % 60, key="A minor" if number % 2 else "C major", vocals=number % 3 == 0, terms=OPEN,
        genres=("electronic",) if number % 2 else ("folk",), moods=("calm",) if number % 5 else ("happy",),
        popularity=float(number),
    )  # fmt: skip
    return replace(plain, **values)


class ScriptedCatalogue:
    def __init__(
        self, name: str, tracks: Sequence[Track] = (), *, obeys: Sequence[str] = FILTERS, per_page: int = 20,
        counts: bool = True, **info: Any,
    ) -> None:  # fmt: skip
        self.info = ProviderInfo(
            name=name, title=name.capitalize(), kind=KIND, form="query", resource="net",
            capabilities=frozenset({"search", "tracks", "list", *obeys}), **info,
        )  # fmt: skip
        self.tracks = list(tracks)
        self.per_page = per_page
        self.counts = counts
        self.asked: list[dict[str, Any]] = []
        self.error: StudioError | Exception | None = None
        self.nonsense: Any = None
        self.gate: threading.Event | None = None
        """Waited for before anything is answered."""
        self.before: Callable[[Mapping[str, Any]], None] = lambda request: None

    about_terms = "Scripted."
    steps: tuple[str, ...] = ()

    def maximum(self, request: Any) -> Mapping[str, Decimal]:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        self.asked.append(request)
        if self.gate is not None:
            self.gate.wait(30)
        self.before(request)
        if self.error is not None:
            raise self.error
        return Found(self.nonsense if self.nonsense is not None else getattr(self, f"_{request['op']}")(request))

    def _search(self, request: Any) -> dict[str, Any]:
        search = Search.model_validate(request["search"])
        found = [each for each in self.tracks if fits(each, search, wanted(search))]
        if search.sort != "relevance":
            found.sort(key=order_of(search.sort))
        first = (request["page"] - 1) * self.per_page
        page = found[first : first + self.per_page]
        total = {"total": len(found)} if self.counts else {}
        return {"tracks": [each.as_dict() for each in page], "more": first + self.per_page < len(found), **total}

    def _tracks(self, request: Any) -> dict[str, Any]:
        known = {each.id: each for each in self.tracks}
        return {
            "tracks": [known[each].as_dict() for each in request["ids"] if each in known],
            "gone": [each for each in request["ids"] if each not in known],
        }

    def _list(self, request: Any) -> dict[str, Any]:
        first = int(request["cursor"] or 0)
        wanted_genres = set(request.get("genres") or ())
        found = [each for each in self.tracks if not wanted_genres or wanted_genres & set(each.genres)]
        past = first + self.per_page
        page = [each.as_dict() for each in found[first:past]]
        return {"tracks": page, "cursor": str(past) if past < len(found) else ""}

    def _similar(self, request: Any) -> dict[str, Any]:
        return {"tracks": [each.as_dict() for each in self.tracks if each.id != request["id"]][:10]}
