"""Artlist's enterprise API: a token for an hour, pages of 20, the full file as "wave", and limits told in each answer's headers.

Its genres, moods and instruments are numbers from a dictionary that comes with an agreement, so they are not sent: whoever
asked filters. Ordinary subscriptions give no access."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable, UserError
from core.kit.http import HttpAnswer
from core.kit.secrecy import keep_secret
from core.licensing.catalogue import FILES, KIND, standing_terms
from core.licensing.providers import fetching, reading
from core.licensing.providers.answering import Answering, cannot, count, page
from core.licensing.providers.asking import NotThere, looked, reset_s, understood
from core.licensing.providers.reading import Row
from core.licensing.types import Search, Terms, Track
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, Units

NAME, TITLE = "artlist", "Artlist"
KEY_ID, KEY = "artlist_client_id", "artlist_client_secret"
VENDOR = "https://business.artlist.io"
TOKENS = "https://artlist-business-api-prod-cognito.artlist.io"
PAGE = 20
"""Fixed: there is no parameter for it."""
LONGEST_S, FASTEST = 420.0, 200.0
"""The most its filters know."""
EARLIER_S = 60.0
"""A token is asked for anew so long before it ends."""
SHORTEST_TOKEN_S = 30.0
SEARCH, DOWNLOAD = "search", "download"
"""It counts them apart."""
_VOCALS = {"vocal": "VOCAL", "instrumental": "INSTRUMENTAL"}


class Tokens:
    """One for each credential, in memory alone."""

    def __init__(self, at: rest.Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._at, self._clock = at, clock
        self._found: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def token(self, key: str, *, instead_of: str = "") -> str:
        """`instead_of`: one that was refused. What another thread has got meanwhile is taken."""
        name = hashlib.sha256(key.encode()).hexdigest()
        with self._lock:
            token, ends = self._found.get(name, ("", 0.0))
            if not token or token == instead_of or self._clock() >= ends:
                token, ends = self._new(key)
                self._found[name] = token, ends
            return token

    def _new(self, key: str) -> tuple[str, float]:
        client, _, secret = rest.usable(key, self._at).partition(":")
        keep_secret(secret)
        basic = keep_secret(base64.b64encode(f"{client}:{secret}".encode()).decode())
        try:
            answer = self._at.ask(
                "/oauth2/token", {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode({"grant_type": "client_credentials"}).encode(),
            )  # fmt: skip
        except OutcomeUnknown as error:
            raise Unavailable(error.message, "Try again later.") from error
        if answer.status in (400, 401, 403):
            raise Rejected(
                f"{TITLE} does not accept these credentials.",
                f"Check STUDIO_{KEY_ID.upper()} and STUDIO_{KEY.upper()}.",
            )
        value = understood(self._at, answer)
        token = value.get("access_token") if isinstance(value, Mapping) else None
        if not isinstance(token, str) or not token:
            raise Unavailable(f"{TITLE} answered without a token.", "Try again later.")
        lasts = value.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and not isinstance(lasts, bool) else 3600.0
        # By this machine's steady clock, so that a wrong date does no harm.
        return keep_secret(token), self._clock() + max(SHORTEST_TOKEN_S, seconds - EARLIER_S)


class Window:
    """What its headers said is left: at 0 nothing is asked until it begins anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def check(self, what: str) -> None:
        wait = self._until.get(what, 0.0) - self._clock()
        if wait > 0:
            raise RateLimited(f"{TITLE} takes no more questions for {wait:.0f} s.", "Wait that long.", wait_s=wait)

    def seen(self, what: str, answer: HttpAnswer) -> None:
        left, wait = count(answer.headers.get("x-ratelimit-remaining")), reset_s(answer.headers)
        if left == 0 and wait is not None:
            self._until[what] = self._clock() + min(wait, 60.0)  # its windows are minutes


class ArtlistCatalogue(Answering):
    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset(
            {"search", "tracks", "list", "validate"}
            | {"text", "bpm", "seconds", "vocals"}
            | {"preview", "download", "manual"}
        ),
        settings_id=KEY_ID,
        settings_key=KEY,
        licence="unknown",
        concurrency=4,
        per_minute=50,
        ttl_s=3600.0,
    )
    about_terms = (
        "An enterprise agreement with credentials of its own; an ordinary Artlist subscription gives no access. 100 questions a"
        " minute, 50 of them searches and 20 downloads."
    )
    steps = (
        "Download the full file here: the song's id and the moment of the download are kept as proof.",
        "Enter the licence under Licences with the reference of your agreement: the API hands out no licence document.",
        "If you publish on a channel, clear it in your Artlist account, where your agreement asks for that.",
    )
    why_not: ClassVar[Mapping[str, str]] = {
        "similar": "its API has no question for similar songs",
        "usage": "its terms ask for no report through the API",
    }
    most_ids = 20

    def __init__(self, base_url: str = "", timeout_s: float = 30.0, token_url: str = "") -> None:
        """A gateway hands out the tokens too, unless `token_url` says who does."""
        self.at = rest.Service(TITLE, VENDOR, KEY, base_url, timeout_s)
        self._tokens = Tokens(rest.Service(TITLE, TOKENS, KEY, token_url or base_url, timeout_s))
        self._window = Window()

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        """Of whatever size the page is: as many of theirs as it takes."""
        size = wanted.page_size
        first, last = (number - 1) * size // PAGE + 1, (number * size - 1) // PAGE + 1
        rows: list[Any] = []
        total: int | None = None
        full = True
        for each in range(first, last + 1):
            if each > first:
                call.another()
            got, total = self._page(each, _sent(wanted), call)
            rows += got
            full = len(got) >= PAGE
            if not full or (total is not None and each * PAGE >= total):
                break
        begin = (number - 1) * size - (first - 1) * PAGE
        found, notes = reading.tracks(TITLE, rows[begin : begin + size], _track)
        more = number * size < total if total is not None else full
        return page(found, cannot(TITLE, wanted, self.info.capabilities) + notes, total=total, more=more and bool(rows))

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        found: list[Any] = []
        gone: list[str] = []
        for number, each in enumerate(ids):
            if number:
                call.another()
            try:
                found.append(self._song(each, call))
            except NotThere:
                gone.append(each)
        read, notes = reading.tracks(TITLE, found, _track)
        return page(read, notes) | {"gone": gone}

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        number = count(cursor or "1")
        if not number:
            raise UserError(f"{cursor[:40]!r} is no place in {TITLE}'s list.", "Begin anew, with an empty one.")
        rows, total = self._page(number, {}, call)
        found, notes = reading.tracks(TITLE, rows, _track)
        if rows and not found:
            raise Unavailable(f"{TITLE} answers in a shape the studio does not know: {' '.join(notes)}")
        more = number * PAGE < total if total is not None else len(rows) >= PAGE
        if more and not rows:
            raise Unavailable(
                f"{TITLE}: its list ends at page {number}, and it says it has {total} songs.", "Try again later."
            )
        wanted = {each.casefold() for each in genres}
        kept = [track for track in found if not wanted or wanted & {each.casefold() for each in track.genres}]
        return page(kept, notes, total=total) | {"cursor": str(number + 1) if more else ""}

    def track(self, track_id: str, call: Call) -> Track:
        read, notes = reading.tracks(TITLE, [self._song(track_id, call)], _track)
        if not read:
            raise Unavailable(
                f"{TITLE} answered something else than this song. {' '.join(notes)}".strip(), "Try again later."
            )
        return read[0]

    def download(self, track_id: str, call: Call) -> str:
        """The address of the full file. This is what is counted."""
        answer = self._ask(DOWNLOAD, f"/download/v1/downloadable/song/{track_id}/wave", {}, call)
        url = answer.get("url") if isinstance(answer, Mapping) else None
        if not isinstance(url, str) or not url:
            raise OutcomeUnknown(f"{TITLE} answered a download without an address.")
        return url

    def _page(self, number: int, query: Mapping[str, Any], call: Call) -> tuple[list[Any], int | None]:
        answer = self._ask(SEARCH, "/search/v1/song", {"page": number, **query}, call)
        if not isinstance(answer, Mapping):
            raise Unavailable(f"{TITLE} answered something else than songs.", "Try again later.")
        return reading.rows(TITLE, answer, "songs"), count(answer.get("total"))

    def _song(self, track_id: str, call: Call) -> Any:
        answer = self._ask(SEARCH, f"/search/v1/song/{track_id}", {}, call, absent=True)
        song = answer.get("song") if isinstance(answer, Mapping) else None
        if not isinstance(song, Mapping):
            raise Unavailable(f"{TITLE} answered something else than a song.", "Try again later.")
        return song

    def _ask(self, what: str, path: str, query: Mapping[str, Any], call: Call, *, absent: bool = False) -> Any:
        """Asked again once with a new token, if the old one is refused: then nothing was done or counted."""
        self._window.check(what)
        token = self._tokens.token(call.key)
        answer = self._look(what, path, query, token)
        if answer.status == 401:
            token = self._tokens.token(call.key, instead_of=token)
            answer = self._look(what, path, query, token)
        return understood(self.at, answer, _refused, counts=what == DOWNLOAD, absent=absent)

    def _look(self, what: str, path: str, query: Mapping[str, Any], token: str) -> HttpAnswer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        answer = looked(self.at, path, headers, query, counts=what == DOWNLOAD)
        self._window.seen(what, answer)
        return answer


class ArtlistFiles:
    """Preview: the AAC of the song. Full: the wave, billed by contract."""

    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=FILES,
        resource="net",
        capabilities=frozenset({"preview", "download"}),
        units=(fetching.UNIT,),
        settings_id=KEY_ID,
        settings_key=KEY,
        licence="unknown",
        concurrency=2,
        per_minute=20,
    )

    def __init__(self, catalogue: ArtlistCatalogue) -> None:
        self._catalogue = catalogue

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return fetching.billed(request)

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        form, track_id = fetching.form_of(request), self._catalogue.usable_id(request.get("id"))
        with fetching.there(TITLE):
            track = self._catalogue.track(track_id, call)

        def link() -> fetching.Link:
            call.another()
            if form == fetching.FULL:
                about = {"format": "wave"}
                return fetching.Link(self._catalogue.download(track_id, call), track, track.duration_s, about)
            fresh = self._catalogue.track(track_id, call)
            if not fresh.preview_url:
                raise UserError(f"{TITLE} names no preview of “{fresh.title}”.", "Look at its page there.")
            return fetching.Link(fresh.preview_url, fresh, facts={"format": "aac"})

        units = fetching.billed({"form": form})
        return fetching.brought(self._catalogue.at, link, call, form=form, units=units, asking_counts=True)


def _sent(wanted: Search) -> dict[str, Any]:
    """Beyond what its filters know, the nearest they do; whoever asked looks again."""
    query: dict[str, Any] = {"query": wanted.text, "vocalType": _VOCALS.get(wanted.vocals, "")}
    for name, least, most, limit in (
        ("duration", wanted.seconds_min, wanted.seconds_max, LONGEST_S), ("bpm", wanted.bpm_min, wanted.bpm_max, FASTEST),
    ):  # fmt: skip
        if least is not None:
            query[f"{name}Min"] = min(int(least), int(limit))
        if most is not None and most <= limit:
            query[f"{name}Max"] = -int(-most // 1)
    return query


def _track(row: Row) -> Track:
    artist, album = row.inner("artist").text("name"), row.inner("album").text("name")
    seconds = row.number("duration")
    facts = {name: found for name in ("hook30Start", "hook30End") if (found := row.number(name)) is not None}
    return Track(
        provider=NAME, id=row.id(), title=row.needed("name"), artist=artist, album=album, duration_s=seconds or None,
        bpm=row.number("bpmRate") or None, genres=row.texts("genreCategories", "name"),
        preview_url=row.link("url"), image_url=row.link("imageUrl") or row.link("thumbImageUrl"),
        terms=standing_terms(NAME) or Terms("subscription"), facts=facts,
    )  # fmt: skip


def _refused(answer: Any) -> int | None:
    """`success: false`, whatever the HTTP status was."""
    if not isinstance(answer, Mapping) or (answer.get("success") is not False and not answer.get("error")):
        return None
    error = answer.get("error")
    return (count(error.get("status")) if isinstance(error, Mapping) else None) or 400
