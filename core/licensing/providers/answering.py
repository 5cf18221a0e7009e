"""What the catalogues have in common: a request read, its op found, a refusal in words, and the answer put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError

from core.kit.errors import ProviderError, RateLimited, Rejected, UserError
from core.kit.http import HttpAnswer
from core.licensing.providers.reading import usable_id
from core.licensing.types import Search, Track
from core.providers.base import Call, Found, ProviderInfo, Units
from core.providers.refusals import refused, retry_after_s
from core.providers.rest import Service, words

ANSWER_MAX = 8 << 20
"""A page of 200 tracks with all their tags is some hundred KB."""


class Answering:
    """A catalogue has a method for each op among its capabilities; asked for another, it says why not."""

    info: ProviderInfo
    about_terms = ""
    steps: ClassVar[tuple[str, ...]] = ()
    why_not: ClassVar[Mapping[str, str]] = {}
    """Op to the reason why it is not offered."""
    most_ids = 50
    """Tracks asked for at once."""

    def maximum(self, request: Any) -> Units:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        if not isinstance(request, Mapping):
            raise UserError("A catalogue is asked with an object that has an `op`.")
        op = str(request.get("op", ""))
        asked = {
            "search": self._search, "tracks": self._tracks, "list": self._list, "similar": self._similar,
            "validate": self._validate, "usage": self._usage,
        }  # fmt: skip
        if op not in asked or op not in self.info.capabilities:
            why = self.why_not.get(op, "it has nothing of the kind")
            offered = ", ".join(sorted(set(asked) & self.info.capabilities))
            raise UserError(f"{self.info.title} offers no {op or 'such request'!r}: {why}.", f"It offers: {offered}.", "not_offered")  # fmt: skip
        return Found(asked[op](request, call))

    def search(self, wanted: Search, page: int, call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def similar(self, track_id: str, call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def used(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def validated(self, track_id: str, call: Call) -> dict[str, Any]:
        """From the track itself. A catalogue that knows licences of its own asks for those."""
        found = self.tracks([track_id], call)
        if found["tracks"]:
            return {
                "state": "available",
                "terms": found["tracks"][0]["terms"],
                "note": " ".join(found.get("notes", ())),
            }
        if track_id in found["gone"]:
            return {"state": "withdrawn", "terms": None, "note": f"{self.info.title} has it no more."}
        return {"state": "unknown", "terms": None, "note": " ".join(found.get("notes", ()))}

    def _search(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        try:
            wanted = Search.model_validate(request.get("search") or {})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise UserError(f"{'.'.join(map(str, first['loc'])) or 'search'}: {first['msg']}.") from None
        page = request.get("page", wanted.page)
        if not isinstance(page, int) or isinstance(page, bool) or page < 1:
            raise UserError(f"There is no page {page!r}.", "Pages begin at 1.")
        return self.search(wanted, page, call)

    def _tracks(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        ids = request.get("ids")
        if not isinstance(ids, Sequence) or isinstance(ids, str):
            raise UserError("`ids` is a list of tracks.")
        if len(ids) > self.most_ids:
            raise UserError(f"{self.info.title} is asked for {self.most_ids} tracks at once at most, not {len(ids)}.")
        return self.tracks(list(dict.fromkeys(self.usable_id(each) for each in ids)), call)

    def _list(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        genres = [str(each) for each in request.get("genres") or ()]
        return self.listed(str(request.get("cursor") or ""), genres, call)

    def _similar(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        return self.similar(self.usable_id(request.get("id")), call)

    def _validate(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        return self.validated(self.usable_id(request.get("id")), call)

    def _usage(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        return self.used(request, call)

    def usable_id(self, given: Any) -> str:
        """It goes into a path: nothing that leads elsewhere."""
        found = str(given if given is not None else "").strip()
        if not usable_id(found):
            raise UserError(f"{found[:40]!r} is no id of a track of {self.info.title}.")
        return found


def refusal(service: Service, answer: HttpAnswer, *, wait_s: float = 60.0, gone: str = "") -> ProviderError:
    """The error of an answer that is none. `wait_s`: after a 429 that does not say."""
    waits = retry_after_s(answer.headers)
    if answer.status in (401, 403) and not service.setting:
        told = f": {said}" if (said := words(answer)) else ""
        return Rejected(f"{service.title} refused the request (HTTP {answer.status}){told}.", "Ask for less, or later.")
    error = refused(
        service.title, answer.status, words(answer), key=service.variable,
        wait_s=min(wait_s if waits is None else waits, 86_400.0),
    )  # fmt: skip
    if isinstance(error, RateLimited):
        error.hint = f"Again in {max(1, round(error.wait_s))} s."
    if answer.status == 404:
        error.hint = gone or "Look for another track."
    return error


def page(
    found: Sequence[Track], notes: Sequence[str] = (), *, total: int | None = None, more: bool = False
) -> dict[str, Any]:
    return {"tracks": [track.as_dict() for track in found], "total": total, "more": more, "notes": list(notes)}


def count(value: Any) -> int | None:
    """A number of results, if it is one."""
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found >= 0 and not isinstance(value, bool) else None


def cannot(title: str, wanted: Search, knows: frozenset[str]) -> list[str]:
    """A note on the filters that were asked for and that the catalogue does not know: whoever asked applies them."""
    asked = {
        "genres": ("genre", bool(wanted.genres)), "moods": ("mood", bool(wanted.moods)),
        "instruments": ("instrument", bool(wanted.instruments)), "key": ("key", bool(wanted.key)),
        "bpm": ("tempo", (wanted.bpm_min, wanted.bpm_max) != (None, None)), "vocals": ("vocals", wanted.vocals != "any"),
        "seconds": ("length", (wanted.seconds_min, wanted.seconds_max) != (None, None)),
        "price": ("price", wanted.price_max_usd is not None),
        "sort": (f"{wanted.sort} (its order)", wanted.sort != "relevance"),
    }  # fmt: skip
    missing = [told for name, (told, is_asked) in asked.items() if is_asked and name not in knows]
    return (
        [f"{title} cannot search by {', '.join(missing)}: filtered here, where its tracks say it."] if missing else []
    )
