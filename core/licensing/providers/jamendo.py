"""Jamendo: music under Creative Commons from those who made it. Its errors come with HTTP 200, and an address of a file is
good for a while only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlencode

from core.kit.errors import ProviderError, RateLimited, Rejected, Unavailable, UserError
from core.licensing.catalogue import KIND
from core.licensing.providers import reading
from core.licensing.providers.answering import ANSWER_MAX, Answering, cannot, count, page, refusal
from core.licensing.providers.reading import Row, any_of, cc_terms, fits
from core.licensing.types import Search, Track
from core.providers import rest
from core.providers.base import Call, ProviderInfo
from core.rights import creative_commons
from core.rights.creative_commons import Licence

TITLE, KEY = "Jamendo", "jamendo_client_id"
MOST_PER_PAGE = 200
MOST_LISTED = 1_000_000
_WAIT_S = 60.0
_ORDERS = {
    "title": "name_asc",
    "duration": "duration_asc",
    "newest": "releasedate_desc",
    "popular": "popularity_total_desc",
}
_CLIENT, _LIMIT, _EXCEPTION = (5, 11, 12, 13), 6, 1
"""Codes: of a client that is not let in, of asking too often, and of a fault of its own."""


class JamendoCatalogue(Answering):
    info = ProviderInfo(
        name="jamendo",
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset(
            {"search", "tracks", "list", "similar", "validate"}
            | {"text", "genres", "moods", "instruments", "seconds", "vocals", "commercial", "to_picture", "sort"}
            | {"preview", "download"}
        ),
        settings_key=KEY,
        licence="unknown",
        concurrency=2,
        per_minute=60,
        ttl_s=3600.0,
    )
    about_terms = (
        "Its API is free for applications that are not commercial; a commercial product needs an agreement with Jamendo."
        " That is apart from the licence of each track: for commercial use of one that forbids it, Jamendo Licensing sells"
        " certificates."
    )
    steps: ClassVar[tuple[str, ...]] = (
        "For a use its Creative Commons licence forbids, buy a certificate at licensing.jamendo.com (the link of the track).",
        "Download the file there, and enter the licence with its certificate under Licensing.",
    )  # fmt: skip
    most_ids = MOST_PER_PAGE

    def __init__(self, base_url: str = "", timeout_s: float = 20.0) -> None:
        self._at = rest.Service(TITLE, "https://api.jamendo.com/v3.0", KEY, base_url, timeout_s)

    @property
    def service(self) -> rest.Service:
        return self._at

    def usable_id(self, given: Any) -> str:
        found = super().usable_id(given)
        if not found.isdigit():
            raise UserError(f"{found[:40]!r} is no id of a track of {TITLE}.", "Its ids are numbers.")
        return found

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        size = min(wanted.page_size, MOST_PER_PAGE)
        sent = _sent(wanted) | {"limit": str(size), "offset": str((number - 1) * size)}
        notes = cannot(TITLE, wanted, self.info.capabilities)
        if wanted.sort not in ("relevance", *_ORDERS):
            notes.append(f"{TITLE} cannot sort by {wanted.sort}.")
        found, total, told, came = self._tracks_of("/tracks/", sent, call)
        more = came > 0 and ((number - 1) * size + came < total if total is not None else came >= size)
        return page([one for one in found if _fits(one, wanted)], notes + told, total=total, more=more)

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        if not ids:
            return page([]) | {"gone": []}
        found, _, notes, came = self._tracks_of("/tracks/", {"id": " ".join(ids), "limit": str(len(ids))}, call)
        there = {track.id for track in found}
        # Of one that came and could not be read, nobody knows; it is not gone.
        gone = [each for each in ids if each not in there] if came == len(found) else []
        return page([track for track in found if track.id in ids], notes) | {"gone": gone}

    def similar(self, track_id: str, call: Call) -> dict[str, Any]:
        found, _, notes, _ = self._tracks_of("/tracks/similar/", {"id": track_id, "limit": "20"}, call)
        return page([track for track in found if track.id != track_id], notes)

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        """By id, so that what is new comes last. A cursor is where to go on, and what the last page looked like."""
        offset, last = _where(cursor)
        sent = {"order": "id_asc", "limit": str(MOST_PER_PAGE), "offset": str(offset)}
        if genres:
            sent["fuzzytags"] = " ".join(_words(genres))
        found, total, notes, came = self._tracks_of("/tracks/", sent, call)
        looks = sha256(" ".join(track.id for track in found).encode()).hexdigest()[:12]
        on = offset + came
        if came and looks == last:
            notes.append(f"{TITLE} answered the same page twice: the list ends there.")
        over = not came or looks == last or on >= (MOST_LISTED if total is None else min(total, MOST_LISTED))
        return page(found, notes, total=total, more=not over) | {"cursor": "" if over else f"{on}.{looks}"}

    def address(self, track: Track, form: str) -> str:
        found = track.preview_url if form == "preview" else str(track.facts.get("download_url") or "")
        if form == "full" and (track.preview_only or not found):
            raise UserError(
                f"Whoever made {track.title!r} does not allow its download.",
                f"Take the preview, or look at its page: {track.page_url}",
            )
        if not found:
            raise UserError(f"{TITLE} names no file of {track.title!r}.", f"Look at its page: {track.page_url}")
        return found

    def _tracks_of(
        self, path: str, sent: Mapping[str, str], call: Call
    ) -> tuple[list[Track], int | None, list[str], int]:
        """The tracks, how many there are in all, what is to be said, and how many rows came."""
        always = {
            "client_id": rest.usable(call.key, self._at), "format": "json", "include": "licenses musicinfo",
            "audioformat": "mp32", "audiodlformat": "mp32", "fullcount": "true",
        }  # fmt: skip
        if path == "/tracks/":
            always["type"] = "single albumtrack"  # left out, singles are
        # A blank becomes the + that it joins lists by.
        answer = self._at.look(f"{path}?{urlencode(always | dict(sent))}", {}, answer_max=ANSWER_MAX)
        if answer.status != 200:
            raise refusal(self._at, answer, wait_s=_WAIT_S)
        body = rest.fields(answer)
        head = body.get("headers")
        code = count(head.get("code")) if isinstance(head, Mapping) else None
        if not isinstance(head, Mapping) or code is None:
            raise Unavailable(f"{TITLE} answered something else than tracks.", "Try again later.")
        if code:
            raise _refused(code, Row(head).text("error_message"), self._at)
        rows = reading.rows(TITLE, body)
        found, notes = reading.tracks(TITLE, rows, _track)
        warned = Row(head).text("warnings").rstrip(".")
        return (
            found,
            count(head.get("results_fullcount")),
            notes + ([f"{TITLE}: {warned}."] if warned else []),
            len(rows),
        )


def _refused(code: int, said: str, at: rest.Service) -> ProviderError:
    """Of an error in a good answer. The word for the status is written in several ways; the code alone counts."""
    told = f": {said.rstrip('.')}" if said else ""
    if code in _CLIENT:
        return Rejected(
            f"{TITLE} does not let this client in (code {code}){told}.", f"Check {at.variable}, and the account there."
        )
    if code == _LIMIT:
        return RateLimited(
            f"{TITLE} is asked too often (code {code}){told}.", f"Again in {_WAIT_S:.0f} s.", wait_s=_WAIT_S
        )
    if code == _EXCEPTION:
        return Unavailable(f"{TITLE} has a fault of its own (code {code}){told}.", "Try again later.")
    return Rejected(f"{TITLE} refused the request (code {code}){told}.", "Change the search.")


def _sent(wanted: Search) -> dict[str, str]:
    sent: dict[str, str] = {"search": wanted.text} if wanted.text.strip() else {}
    asked = [_words(each) for each in (wanted.genres, wanted.moods, wanted.instruments) if each]
    words = [word for each in asked for word in each]
    if words:
        # One of each has to be there; of several in a list any will do, which only the loose search knows.
        sent["tags" if all(len(each) == 1 for each in asked) else "fuzzytags"] = " ".join(words)
    if wanted.vocals != "any":
        sent["vocalinstrumental"] = wanted.vocals
    if (wanted.seconds_min, wanted.seconds_max) != (None, None):
        most = 86_400 if wanted.seconds_max is None else math.ceil(wanted.seconds_max)
        sent["durationbetween"] = f"{math.floor(wanted.seconds_min or 0)}_{most}"
    if wanted.commercial:
        sent["ccnc"] = "false"
    if wanted.to_picture:
        sent["ccnd"] = "false"
    if wanted.sort in _ORDERS:
        sent["order"] = _ORDERS[wanted.sort]
    return sent


def _words(asked: Sequence[str]) -> list[str]:
    """As tags are written: one word each."""
    return ["".join(each.split()).lower() for each in asked if each.strip()]


def _fits(track: Track, wanted: Search) -> bool:
    if wanted.vocals != "any" and track.vocals is not None and track.vocals is not (wanted.vocals == "vocal"):
        return False
    return (
        fits(track, wanted) and any_of(wanted.genres, track.genres) and any_of(wanted.instruments, track.instruments)
        and any_of(wanted.moods, track.moods)
    )  # fmt: skip


def _where(cursor: str) -> tuple[int, str]:
    offset, _, last = cursor.partition(".")
    if cursor and not (offset.isascii() and offset.isdigit()):
        raise UserError(f"{cursor[:40]!r} is no place in the list of {TITLE}.", "Begin it anew.")
    return int(offset or 0), last


def _track(row: Row) -> Track:
    title, artist, shown = row.needed("name"), row.text("artist_name"), row.link("shareurl")
    licence = _licence(row)
    info = row.inner("musicinfo")
    tags = info.inner("tags")
    moods, sung = tags.texts("vartags"), info.text("vocalinstrumental")
    allowed = row.flag("audiodownload_allowed")
    sold, free = row.link("prourl"), row.flag("content_id_free")
    facts = {
        "speed": info.text("speed"), "lang": info.text("lang"), "gender": info.text("gender"), "sold_at": sold,
        "acousticelectric": info.text("acousticelectric"), "content_id_free": free,
        "download_url": row.link("audiodownload") if allowed is not False else "",
    }  # fmt: skip
    conditions = [f"Jamendo Licensing sells what this licence forbids: {sold}"] if sold else []
    if free is False:
        conditions.append("It may be registered with Content ID: a video with it may be claimed.")
    return Track(
        provider="jamendo", id=row.id(), title=title, artist=artist, album=row.text("album_name"),
        duration_s=row.number("duration"), genres=tags.texts("genres"), instruments=tags.texts("instruments"), moods=moods,
        tags=moods, vocals={"vocal": True, "instrumental": False}.get(sung), released=row.text("releasedate", 10),
        page_url=shown, preview_url=row.link("audio"), image_url=row.link("image"), preview_only=allowed is False,
        terms=cc_terms(licence, creative_commons.attribution(licence, title, artist, shown), *conditions),
        facts={name: value for name, value in facts.items() if value not in ("", None)},
    )  # fmt: skip


def _licence(row: Row) -> Licence:
    """By its address. Where the flags beside it name a clause that the address lacks, nobody knows which is right."""
    found = creative_commons.of_url(row.link("license_ccurl"))
    flags = row.inner("licenses" if "licenses" in row else "licences")
    clauses = (flags.flag("ccnc") and found.commercial, flags.flag("ccnd") and found.derivatives,
               flags.flag("ccsa") and not found.share_alike)  # fmt: skip
    return creative_commons.UNKNOWN if any(clauses) else found
