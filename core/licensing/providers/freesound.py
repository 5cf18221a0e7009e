"""Freesound: sounds, loops and some music under Creative Commons. Its originals are handed out to people who sign in there;
a studio with a key gets the previews, which have the same licence."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlencode

from core.kit.errors import Unavailable, UserError
from core.kit.http import HttpAnswer
from core.licensing.catalogue import KIND
from core.licensing.providers import reading
from core.licensing.providers.answering import ANSWER_MAX, Answering, cannot, count, page, refusal
from core.licensing.providers.reading import Row, cc_terms, fits
from core.licensing.types import Search, Track
from core.providers import rest
from core.providers.base import Call, ProviderInfo
from core.rights import creative_commons

TITLE, KEY = "Freesound", "freesound_api_key"
MOST_PER_PAGE = 150
MOST_LISTED = 3000
"""Its terms forbid to replicate it: of what is tagged as music, the sync takes so many and no more."""
_FIELDS = (
    "id,name,tags,license,username,url,duration,previews,type,filesize,samplerate,channels,avg_rating,num_downloads,"
    "category,gen_ai_preference,created"
)
_ORDERS = {"duration": "duration_asc", "newest": "created_desc", "popular": "downloads_desc"}
_NC, _BY, _ZERO = '"Attribution NonCommercial"', '"Attribution"', '"Creative Commons 0"'
_MINUTE_S, _DAY_S = 60.0, 3600.0
"""To wait after a refusal that does not say how long: of the limit of a minute, and of the one of a day."""


class FreesoundCatalogue(Answering):
    info = ProviderInfo(
        name="freesound",
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset(
            {"search", "tracks", "list", "similar", "validate"}
            | {"text", "genres", "moods", "instruments", "seconds", "commercial", "to_picture", "sort"}
            | {"preview"}
        ),
        settings_key=KEY,
        licence="unknown",
        concurrency=2,
        per_minute=60,
        ttl_s=3600.0,
    )
    about_terms = (
        "Its API is free for purposes that are not commercial; a commercial product needs a licence of MTG/UPF, apart from the"
        " licence of each sound. It may not be replicated: 60 questions a minute, 2,000 a day."
    )
    steps: ClassVar[tuple[str, ...]] = (
        "The original is for whoever signs in: open the page of the sound on freesound.org and download it there.",
        "Import the file into the library, and declare its licence with the address, the author and the day.",
    )
    most_ids = 50

    def __init__(self, base_url: str = "", timeout_s: float = 20.0) -> None:
        self._at = rest.Service(TITLE, "https://freesound.org/apiv2", KEY, base_url, timeout_s)

    @property
    def service(self) -> rest.Service:
        return self._at

    def usable_id(self, given: Any) -> str:
        found = super().usable_id(given)
        if not found.isdigit():
            raise UserError(f"{found[:40]!r} is no id of a sound of {TITLE}.", "Its ids are numbers.")
        return found

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        notes = cannot(TITLE, wanted, self.info.capabilities)
        if wanted.sort not in ("relevance", *_ORDERS):
            notes.append(f"{TITLE} cannot sort by {wanted.sort}.")
        sent = {"query": wanted.text, "sort": _ORDERS.get(wanted.sort, "score")}
        if narrowed := _filter(wanted):
            sent["filter"] = narrowed
        found, total, told, came = self._page(sent, number, min(wanted.page_size, MOST_PER_PAGE), call)
        more = came > 0 and (total is None or number * min(wanted.page_size, MOST_PER_PAGE) < total)
        return page([one for one in found if fits(one, wanted)], notes + told, total=total, more=more)

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        found: list[Any] = []
        gone: list[str] = []
        for number, each in enumerate(ids):
            if number:
                call.another()
            answer = self._look(f"/sounds/{each}/", {"fields": _FIELDS}, call)
            if answer.status in (404, 410):
                gone.append(each)
            else:
                found.append(rest.fields(self._good(answer)))
        read, notes = reading.tracks(TITLE, found, _track)
        return page(read, notes) | {"gone": gone}

    def similar(self, track_id: str, call: Call) -> dict[str, Any]:
        sent = {"fields": _FIELDS, "page_size": "20"}
        body = rest.fields(self._good(self._look(f"/sounds/{track_id}/similar/", sent, call)))
        read, notes = reading.tracks(TITLE, reading.rows(TITLE, body), _track)
        return page([one for one in read if one.id != track_id], notes)

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        """Of what is tagged as music, or with one of these genres, the oldest first. A cursor is the page to go on with,
        and what the last one looked like."""
        number, last = _where(cursor)
        sent = {"query": "", "sort": "created_asc", "filter": f"tag:{_any(genres or ['music'])}"}
        found, total, notes, came = self._page(sent, number, MOST_PER_PAGE, call)
        looks = sha256(" ".join(track.id for track in found).encode()).hexdigest()[:12]
        if came and looks == last:
            notes.append(f"{TITLE} answered the same page twice: the list ends there.")
        if number * MOST_PER_PAGE >= MOST_LISTED:
            notes.append(f"{TITLE} may not be replicated: the list ends after {MOST_LISTED} sounds.")
        seen = (number - 1) * MOST_PER_PAGE + came
        over = (
            not came or looks == last or seen >= MOST_LISTED or (total is not None and number * MOST_PER_PAGE >= total)
        )
        return page(found, notes, total=total, more=not over) | {"cursor": "" if over else f"{number + 1}.{looks}"}

    def address(self, track: Track, form: str) -> str:
        if form == "full":
            raise UserError(
                f"{TITLE} hands out the original of {track.title!r} to people who sign in there.",
                f"Take the preview, or download it on its page and import it: {track.page_url}", "by_hand",
            )  # fmt: skip
        if not track.preview_url:
            raise UserError(f"{TITLE} names no preview of {track.title!r}.", f"Look at its page: {track.page_url}")
        return track.preview_url

    def _page(
        self, sent: dict[str, str], number: int, size: int, call: Call
    ) -> tuple[list[Track], int | None, list[str], int]:
        answer = self._look("/search/", sent | {"fields": _FIELDS, "page": str(number), "page_size": str(size)}, call)
        if answer.status == 404 and number > 1:
            return [], None, [], 0  # a page behind the last
        body = rest.fields(self._good(answer))
        rows = reading.rows(TITLE, body)
        found, notes = reading.tracks(TITLE, rows, _track)
        # `next` only tells that there is more: an address out of an answer is never followed with the key.
        return found, count(body.get("count")), notes, len(rows)

    def _look(self, path: str, sent: dict[str, str], call: Call) -> HttpAnswer:
        headers = {"Authorization": f"Token {rest.usable(call.key, self._at)}"}
        return self._at.look(f"{path}?{urlencode(sent)}", headers, answer_max=ANSWER_MAX)

    def _good(self, answer: HttpAnswer) -> HttpAnswer:
        if answer.status != 200:
            of_a_day = "day" in rest.words(answer).lower()
            raise refusal(self._at, answer, wait_s=_DAY_S if of_a_day else _MINUTE_S, gone="It may have been deleted.")
        if not rest.fields(answer):
            raise Unavailable(f"{TITLE} answered something else than sounds.", "Try again later.")
        return answer


def _filter(wanted: Search) -> str:
    """In the words of Solr."""
    told = [f"tag:{_any(each)}" for each in (wanted.genres, wanted.moods, wanted.instruments) if each]
    if wanted.commercial:
        told.append(f"license:({_BY} OR {_ZERO})")
    elif wanted.to_picture:
        told.append(f"license:({_BY} OR {_NC} OR {_ZERO})")
    if (wanted.seconds_min, wanted.seconds_max) != (None, None):
        most = "*" if wanted.seconds_max is None else f"{wanted.seconds_max:g}"
        told.append(f"duration:[{wanted.seconds_min or 0:g} TO {most}]")
    return " ".join(told)


def _any(words: Sequence[str]) -> str:
    """Any of these tags. What Solr would read as more than a word is taken out."""
    told = ["".join(c if c.isalnum() else "-" for c in each.strip().lower()).strip("-") for each in words]
    return f"({' OR '.join(f'{chr(34)}{each}{chr(34)}' for each in told if each) or '*'})"


def _where(cursor: str) -> tuple[int, str]:
    number, _, last = cursor.partition(".")
    if cursor and not (number.isascii() and number.isdigit() and int(number) > 0):
        raise UserError(f"{cursor[:40]!r} is no place in the list of {TITLE}.", "Begin it anew.")
    return int(number or 1), last


def _track(row: Row) -> Track:
    title, author, shown = row.needed("name"), row.text("username"), row.link("url")
    licence = creative_commons.of_url(row.link("license"))
    wish = row.text("gen_ai_preference")
    facts = {name: value for name in ("type", "category") if (value := row.text(name))}
    names = ("filesize", "samplerate", "channels", "avg_rating")
    figures = {name: figure for name in names if (figure := row.number(name)) is not None}
    previews = row.inner("previews")
    return Track(
        provider="freesound", id=row.id(), title=title, artist=author, tags=row.texts("tags"),
        duration_s=row.number("duration"), popularity=row.number("num_downloads"), released=row.text("created", 10),
        page_url=shown, preview_url=previews.link("preview-hq-mp3") or previews.link("preview-lq-mp3"), preview_only=True,
        terms=cc_terms(
            licence, creative_commons.attribution(licence, title, author, shown),
            *([f"Its author's wish about training of AI: {wish}."] if wish else []),
        ),
        facts=facts | figures | ({"gen_ai_preference": wish} if wish else {}),
    )  # fmt: skip
