"""HookSounds' catalogue: the shop's own interface (Easy Digital Downloads), to search and to listen. Licences are bought there
by hand. Key and token travel in the address, so no address of it is ever written down or answered.

Its prices name no currency, so they are told per licence as they came (`facts`), and never counted as dollars."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from core.kit.errors import Unavailable, UserError
from core.kit.secrecy import keep_secret
from core.licensing.catalogue import FILES, KIND, standing_terms
from core.licensing.providers import fetching, reading
from core.licensing.providers.answering import Answering, cannot, page
from core.licensing.providers.asking import NotThere, looked, understood
from core.licensing.providers.reading import Row
from core.licensing.types import Search, Terms, Track
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, Units

NAME, TITLE = "hooksounds", "HookSounds"
KEY_ID, KEY = "hooksounds_key", "hooksounds_token"
LIST_PAGE, MOST_PAGES = 200, 50
_FREE = "usementionnon-commercial"
_LICENCES = {_FREE: "Non-commercial, with a mention", "prolicense": "Pro", "businesslicense": "Business"}
_LENGTH = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")
_PRICE = re.compile(r"\d{1,7}(\.\d{1,2})?")
_NO_KEY = ("api key", "token", "authenticat", "permission")
_NONE_FOUND = ("not found", "no product", "no result")


class HooksoundsCatalogue(Answering):
    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset({"search", "tracks", "list", "validate"} | {"text"} | {"preview", "manual"}),
        settings_id=KEY_ID,
        settings_key=KEY,
        licence="unknown",
        concurrency=2,
        per_minute=30,
        ttl_s=3600.0,
    )
    about_terms = (
        "Key and token come from the account page. It says nothing of limits, so the studio keeps to 30 questions a minute."
        " Through it one searches and listens; a licence is bought on its site."
    )
    steps = (
        "Open the track's page and choose the licence: Pro or Business. The free one asks for a mention and is not for"
        " commercial use or advertising.",
        "Buy it there, download the file and keep the invoice.",
        "Import the file here, and enter the licence under Licences with its name, its number and the invoice as proof.",
    )
    why_not: ClassVar[Mapping[str, str]] = {
        "similar": "its shop has no question for similar tracks",
        "usage": "its terms ask for no report",
    }
    most_ids = 20

    def __init__(self, base_url: str = "", timeout_s: float = 30.0) -> None:
        self.at = rest.Service(TITLE, "https://www.hooksounds.com/edd-api", KEY, base_url, timeout_s)

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        rows = self._products({"number": wanted.page_size, "page": number, "s": wanted.text}, call)
        found, told = reading.tracks(TITLE, _sold(rows), _track)
        notes = cannot(TITLE, wanted, self.info.capabilities)
        return page(found, notes + told, more=len(rows) >= wanted.page_size)

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        found: list[Any] = []
        gone: list[str] = []
        for number, each in enumerate(ids):
            if number:
                call.another()
            rows = _sold(self._products({"product": each}, call))
            found += rows
            gone += [] if rows else [each]
        read, notes = reading.tracks(TITLE, found, _track)
        return page([track for track in read if track.id in ids], notes) | {"gone": gone}

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        """Its place is a page, and what stood first on the one before: a shop that counts no pages answers the last again."""
        place, _, before = (cursor or "1").partition(":")
        number = int(place) if place.isdecimal() and len(place) < 7 else 0
        if number > MOST_PAGES:
            raise Unavailable(f"{TITLE}: its list does not end after {MOST_PAGES} pages.", "Try again later.")
        if number < 1:
            raise UserError(f"{cursor[:40]!r} is no place in {TITLE}'s list.", "Begin anew, with an empty one.")
        rows = self._products({"number": LIST_PAGE, "page": number}, call)
        first = str(_info(rows[0]).get("id", "")) if rows else ""
        if before and first == before:
            raise Unavailable(
                f"{TITLE} answers page {number - 1} of its list again as page {number}.", "Try again later."
            )
        found, notes = reading.tracks(TITLE, _sold(rows), _track)
        if rows and not found and notes:
            raise Unavailable(f"{TITLE} answers in a shape the studio does not know: {' '.join(notes)}")
        wanted = {each.casefold() for each in genres}
        kept = [track for track in found if not wanted or wanted & {each.casefold() for each in track.genres}]
        return page(kept, notes) | {"cursor": f"{number + 1}:{first}" if len(rows) >= LIST_PAGE else ""}

    def track(self, track_id: str, call: Call) -> Track:
        answer = self.tracks([track_id], call)
        if not answer["tracks"]:
            raise NotThere(TITLE)
        return Track.of(answer["tracks"][0])

    def _products(self, query: Mapping[str, Any], call: Call) -> list[Any]:
        """Empty where it says that there are none, which it does as an error."""
        key, _, token = rest.usable(call.key, self.at).partition(":")
        secret = {"key": keep_secret(key), "token": keep_secret(token), "format": "json"}
        found = looked(self.at, "/products/", {"Accept": "application/json"}, {**query, **secret})
        if _none_found(rest.fields(found)) or (found.status == 404 and "product" in query):
            return []
        answer = understood(self.at, found, _refused)
        if not isinstance(answer, Mapping):
            raise Unavailable(f"{TITLE} answered something else than tracks.", "Try again later.")
        return reading.rows(TITLE, answer, "products")


class HooksoundsFiles:
    """The preview alone: the full file comes with the licence, from its site."""

    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=FILES,
        resource="net",
        capabilities=frozenset({"preview"}),
        settings_id=KEY_ID,
        settings_key=KEY,
        licence="unknown",
        concurrency=2,
        per_minute=30,
    )

    def __init__(self, catalogue: HooksoundsCatalogue) -> None:
        self._catalogue = catalogue

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return {}

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        track_id = self._catalogue.usable_id(request.get("id"))
        if fetching.form_of(request) == fetching.FULL:
            raise UserError(f"{TITLE} hands out previews alone.", " ".join(self._catalogue.steps), "by_hand")

        def link() -> fetching.Link:
            track = self._catalogue.track(track_id, call)
            if not track.preview_url:
                raise UserError(f"{TITLE} names no preview of “{track.title}”.", "Listen to it on its page there.")
            return fetching.Link(track.preview_url, track, facts={"format": "mp3"})

        return fetching.brought(self._catalogue.at, link, call, form=fetching.PREVIEW, units={})


def _info(row: Any) -> Mapping[str, Any]:
    info = row.get("info") if isinstance(row, Mapping) else None
    return info if isinstance(info, Mapping) else {}


def _sold(rows: list[Any]) -> list[Any]:
    """Each product in one object, without those that are there and not for sale."""
    return [_flat(row) for row in rows if _info(row).get("status", "publish") == "publish"]


def _flat(row: Any) -> Any:
    """It writes false for what it does not have."""
    pricing = row.get("pricing") if isinstance(row, Mapping) else None
    names = list(pricing) if isinstance(pricing, Mapping) else []
    return {name: value for name, value in _info(row).items() if value is not False} | {
        "pricing": pricing,
        "names": names,
    }


def _track(its: Row) -> Track:
    prices = _prices(its)
    categories, length = its.texts("category", "name"), its.text("duration")
    seconds = length_of(length)
    if length and seconds is None:
        its.odd.add("duration")
    return Track(
        provider=NAME, id=its.id(), title=its.needed("title"), duration_s=seconds, bpm=its.number("bpm") or None,
        genres=categories, tags=its.texts("tags", "name"), released=its.text("create_date")[:10],
        page_url=its.link("link"), preview_url=its.link("mp3"), image_url=its.link("thumbnail"), terms=_terms(prices),
        preview_only=True, facts={"slug": its.text("slug"), "prices": prices},
    )  # fmt: skip


def _prices(row: Row) -> list[dict[str, Any]]:
    """Each licence by its name, in the shop's own currency, which it does not name."""
    found = []
    for name in row.texts("names"):
        price = row.inner("pricing").text(name)
        if not _PRICE.fullmatch(price):
            row.odd.add(f"the price of {name}"[:40])
            continue
        commercial = name in _LICENCES and name != _FREE
        found.append({"licence": name, "title": _LICENCES.get(name, name), "price": price, "commercial": commercial})
    return found


def _terms(prices: Sequence[Mapping[str, Any]]) -> Terms:
    """What can be bought. A licence of a name nobody knows allows nothing until somebody has read it."""
    standing = standing_terms(NAME) or Terms("per-track")
    told = tuple(f"{each['title']}: {each['price']} (the currency is on its page)." for each in prices)
    return replace(
        standing, commercial=any(each["commercial"] for each in prices), conditions=(*standing.conditions, *told)
    )


def length_of(text: str) -> float | None:
    """ "2:26" or "1:02:26" in seconds."""
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds) or None


def _refused(answer: Any) -> int | None:
    """`error` inside an answer of 200. Its words tell a wrong key from nothing found."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not error:
        return None
    said = str(error).lower()
    return 401 if any(each in said for each in _NO_KEY) else 400


def _none_found(answer: Mapping[str, Any]) -> bool:
    """It says so as an error, with 200 or with 404."""
    said = str(answer.get("error") or "").lower()
    return any(each in said for each in _NONE_FOUND) and not any(each in said for each in _NO_KEY)
