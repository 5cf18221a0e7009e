"""The user's own licensed files as a catalogue like any other: no key, no network, and nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.kit.errors import UserError
from core.licensing.asking import PERSONAL
from core.licensing.catalogue import FILTERS, KIND
from core.licensing.matching import fits, wanted
from core.licensing.merging import order_of
from core.licensing.providers.answering import page
from core.licensing.types import Search, Track
from core.providers.base import Call, Found, ProviderInfo, Units

TITLE = "Own licensed music"


class OwnCatalogue:
    info = ProviderInfo(
        name="own", title=TITLE, kind=KIND, form="query", resource="cpu", licence="licensed",
        capabilities=frozenset({"search", "tracks", "validate", "manual", PERSONAL, *FILTERS}),
    )  # fmt: skip
    about_terms = "Your own files with your own licence papers; nothing leaves this machine."
    steps = ("It is in your library already: put that piece into the project.",)

    def __init__(self, tracks: Callable[[Mapping[str, Any]], list[Track]]) -> None:
        """`tracks(actor as a dict)`: what this user may see."""
        self._tracks = tracks

    def maximum(self, request: Any) -> Units:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        asking = request.get("actor") if isinstance(request, Mapping) else None
        if not isinstance(asking, Mapping):
            raise UserError(f"{TITLE} is asked for somebody, and nobody is named.")
        match request.get("op"):
            case "search":
                return Found(self._search(request, asking))
            case "tracks":
                return Found(self._found([str(each) for each in request.get("ids") or ()], asking))
            case "validate":
                return Found(self._validate(str(request.get("id") or ""), asking))
            case other:
                raise UserError(
                    f"{TITLE} offers no {str(other)[:40]!r}: it is not a copy of anything.",
                    "It offers: search, tracks, validate.", "not_offered",
                )  # fmt: skip

    def _search(self, request: Mapping[str, Any], asking: Mapping[str, Any]) -> dict[str, Any]:
        search = Search.model_validate(request.get("search") or {})
        number = int(request.get("page") or 1)
        on = wanted(search) - {"sort"}
        found = [each for each in self._tracks(asking) if fits(each, search, on)]
        if search.sort != "relevance":
            found.sort(key=order_of(search.sort))
        first = (number - 1) * search.page_size
        past = first + search.page_size
        return page(found[first:past], total=len(found), more=len(found) > past)

    def _found(self, ids: Sequence[str], asking: Mapping[str, Any]) -> dict[str, Any]:
        there = {each.id: each for each in self._tracks(asking)}
        return page([there[each] for each in ids if each in there]) | {
            "gone": [each for each in ids if each not in there]
        }

    def _validate(self, track_id: str, asking: Mapping[str, Any]) -> dict[str, Any]:
        rows = self._found([track_id], asking)["tracks"]
        if not rows:
            return {"state": "withdrawn", "terms": None, "note": "It is not in your library (any more)."}
        return {"state": "available", "terms": rows[0]["terms"], "note": " ".join(rows[0]["terms"]["conditions"])}
