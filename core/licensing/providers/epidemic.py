"""Epidemic Sound's partner API, by a partner's key. Its terms forbid keeping what it says of its tracks for long, so it is
searched and never synced; and they ask for a report of every use.

Its documentation names a call for the stream of a track and not its answer: a link in JSON, a redirect and the sound itself
are all understood. Clearing a channel goes by hand (`steps`): what its safelisting calls answer is not documented here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urljoin

from core.kit.errors import OutcomeUnknown, Unavailable, UserError
from core.licensing.catalogue import FILES, KIND, standing_terms
from core.licensing.providers import fetching, reading
from core.licensing.providers.answering import Answering, cannot, page
from core.licensing.providers.asking import NotThere, got, looked, sent, understood
from core.licensing.providers.reading import Row
from core.licensing.types import Search, Terms, Track
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, Units

NAME, TITLE, KEY = "epidemic", "Epidemic Sound", "epidemic_api_key"
MOST_AT_ONCE = 60
PARTNER_USER = "creator-workbench"
"""One for the whole studio where nobody is named: its own users are known here, not there."""
TTL_S = 300.0
_USER = re.compile(r"[a-zA-Z0-9_-]{1,80}")
_MOVED = (301, 302, 303, 307, 308)


class EpidemicCatalogue(Answering):
    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset(
            {"search", "tracks", "similar", "validate", "usage"} | {"text", "bpm"} | {"preview", "download", "manual"}
        ),
        settings_key=KEY,
        licence="unknown",
        concurrency=4,
        per_minute=60,
        ttl_s=TTL_S,
    )
    about_terms = (
        "By partnership. What it says of its tracks may not be kept for long: the studio forgets it after minutes and never"
        " syncs it. Every use has to be reported to it; where a download leads to, its agreement says."
    )
    steps = (
        "Before you publish, have the channel cleared (safelisted) in the Epidemic Sound account that the licence is on.",
        "Tracks of the paid tier, and those for listening alone, need a subscription of your own: connect it there, download the"
        " track there and import the file here.",
        "Enter the licence under Licences with the plan, the channel and the dates; the use is reported when it is published.",
    )
    why_not: ClassVar[Mapping[str, str]] = {"list": "its terms forbid keeping what it says of its tracks"}
    most_ids = 50

    def __init__(self, base_url: str = "", timeout_s: float = 30.0) -> None:
        self.at = rest.Service(TITLE, "https://partner-content-api.epidemicsound.com", KEY, base_url, timeout_s)

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        """Its genres and moods go by ids that only it knows, so they are not sent: whoever asked filters."""
        query = {
            "term": wanted.text,
            "bpmMin": _whole(wanted.bpm_min, up=False),
            "bpmMax": _whole(wanted.bpm_max, up=True),
        }
        begin, end = (number - 1) * wanted.page_size, number * wanted.page_size
        rows: list[Any] = []
        more, notes = True, cannot(TITLE, wanted, self.info.capabilities)
        while begin < end and more:
            if rows:
                call.another()
            size = min(MOST_AT_ONCE, end - begin)
            answer = self._ask("/v0/tracks/search", query | {"offset": begin, "limit": size}, call)
            found = reading.rows(TITLE, answer, "tracks")
            rows += found
            begin += size
            more = _goes_on(answer) and bool(found)
        read, told = reading.tracks(TITLE, rows, _track)
        return page(read, notes + told, more=more)

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        rows = self._metadata(ids, call)
        read, notes = reading.tracks(TITLE, rows, _track)
        if any(track.preview_only for track in read):
            notes.append(f"{TITLE}: what is for listening alone here needs the user's own subscription.")
        # One that is there and cannot be read is not gone.
        there = {str(row["id"]) for row in rows if isinstance(row, Mapping) and row.get("id") is not None}
        nameless = any(not isinstance(row, Mapping) or row.get("id") is None for row in rows)
        return page(read, notes) | {"gone": [] if nameless else [each for each in ids if each not in there]}

    def similar(self, track_id: str, call: Call) -> dict[str, Any]:
        answer = self._ask(f"/v0/tracks/{track_id}/similar", {}, call)
        read, notes = reading.tracks(TITLE, reading.rows(TITLE, answer, "tracks"), _track)
        return page([each for each in read if each.id != track_id], notes)

    def used(self, request: Mapping[str, Any], call: Call) -> dict[str, Any]:
        ids = [self.usable_id(each) for each in request.get("ids") or ()]
        platform = str(request.get("platform") or "").strip()
        if not ids or not platform:
            raise UserError("A use is of tracks, on a platform.", "Give both.")
        headers = self.headers(call) | {"X-Partner-User-Id": partner_user(request)}
        sent(self.at, "/v0/usage", headers, {"platform": platform, "trackIds": ids})
        return {"reported": True}

    def track(self, track_id: str, call: Call) -> Track:
        answer = self.tracks([track_id], call)
        if not answer["tracks"]:
            raise NotThere(TITLE)
        return Track.of(answer["tracks"][0])

    def download(self, track_id: str, request: Mapping[str, Any], call: Call) -> str:
        """A link that is good for an hour. The question is what counts, as far as anybody knows."""
        headers = self.headers(call) | {"X-Partner-User-Id": partner_user(request)}
        query = {"format": "mp3", "quality": "high"}
        answer = understood(
            self.at, looked(self.at, f"/v0/tracks/{track_id}/download", headers, query, counts=True), counts=True
        )
        url = answer.get("url") if isinstance(answer, Mapping) else None
        if not isinstance(url, str) or not url:
            raise OutcomeUnknown(f"{TITLE} answered a download without a link.")
        return url

    def stream(self, track: Track, call: Call) -> fetching.Link:
        path = f"/v0/tracks/{track.id}/stream"
        answer = looked(self.at, path, self.headers(call))
        kind = answer.headers.get("content-type", "").lower()
        if answer.status in _MOVED and answer.headers.get("location"):
            return fetching.Link(urljoin(self.at.at(path), answer.headers["location"]), track)
        if answer.status == 200 and kind.startswith("audio/"):
            return fetching.Link(self.at.at(path), track, headers=self.headers(call))
        value = understood(self.at, answer)
        url = value.get("url") if isinstance(value, Mapping) else None
        if not isinstance(url, str) or not url:
            raise Unavailable(f"{TITLE} answered something else than a stream.", "Try again later.")
        return fetching.Link(url, track)

    def headers(self, call: Call) -> dict[str, str]:
        return {"Authorization": f"Bearer {rest.usable(call.key, self.at)}", "Accept": "application/json"}

    def _metadata(self, ids: Sequence[str], call: Call) -> list[Any]:
        try:
            answer = got(self.at, "/v0/tracks/metadata", self.headers(call), {"trackId": list(ids)}, absent=True)
        except NotThere:
            # One of them may be gone, and the others not.
            return [] if len(ids) == 1 else [row for each in ids for row in self._one(each, call)]
        if not isinstance(answer, list):
            raise Unavailable(f"{TITLE} answered something else than a list of tracks.", "Try again later.")
        return answer

    def _one(self, track_id: str, call: Call) -> list[Any]:
        call.another()
        return self._metadata([track_id], call)

    def _ask(self, path: str, query: Mapping[str, Any], call: Call) -> Mapping[str, Any]:
        answer = got(self.at, path, self.headers(call), query, absent=path.endswith("/similar"))
        if not isinstance(answer, Mapping):
            raise Unavailable(f"{TITLE} answered something else than tracks.", "Try again later.")
        return answer


class EpidemicFiles:
    """Preview: its stream. Full: the mp3 of high quality, billed by contract."""

    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=FILES,
        resource="net",
        capabilities=frozenset({"preview", "download"}),
        units=(fetching.UNIT,),
        settings_key=KEY,
        licence="unknown",
        concurrency=4,
        per_minute=60,
    )

    def __init__(self, catalogue: EpidemicCatalogue) -> None:
        self._catalogue = catalogue

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return fetching.billed(request)

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        form, track_id = fetching.form_of(request), self._catalogue.usable_id(request.get("id"))
        with fetching.there(TITLE):
            track = self._catalogue.track(track_id, call)
        if form == fetching.FULL and track.preview_only:
            raise UserError(
                f"“{track.title}” is for listening alone with this partnership.",
                " ".join(self._catalogue.steps),
                "by_hand",
            )

        def link() -> fetching.Link:
            call.another()
            if form == fetching.PREVIEW:
                return self._catalogue.stream(track, call)
            about = {"format": "mp3", "quality": "high", "partner_user": partner_user(request)}
            url = self._catalogue.download(track_id, request, call)
            return fetching.Link(url, track, track.duration_s, about)

        units = fetching.billed({"form": form})
        return fetching.brought(self._catalogue.at, link, call, form=form, units=units, asking_counts=True)


def partner_user(request: Mapping[str, Any]) -> str:
    """Whose use it is, as Epidemic Sound is told: an id, never a name or an address."""
    given = str(request.get("user") or PARTNER_USER)
    if not _USER.fullmatch(given):
        raise UserError(f"{given[:40]!r} cannot be told to {TITLE}.", "An id of letters, digits, - and _.")
    return given


def _track(row: Row) -> Track:
    artists = (*row.texts("mainArtists", "name"), *row.texts("featuredArtists", "name"))
    images = row.inner("images")
    tier = row.text("tierOption")
    return Track(
        provider=NAME, id=row.id(), title=row.needed("title"), artist=", ".join(dict.fromkeys(artists)),
        duration_s=row.number("length") or None, bpm=row.number("bpm") or None, genres=row.texts("genres", "name"),
        moods=row.texts("moods", "name"), vocals=row.flag("hasVocals"), explicit=row.flag("isExplicit"),
        image_url=next((link for name in ("default", "L", "M", "S", "XS") if (link := images.link(name))), ""),
        terms=standing_terms(NAME) or Terms("subscription"), preview_only=bool(row.flag("isPreviewOnly")),
        facts={"tier": tier, "added": row.text("added")[:10], "waveform_url": row.link("waveformUrl")},
    )  # fmt: skip


def _goes_on(answer: Mapping[str, Any]) -> bool:
    links = answer.get("links")
    return isinstance(links, Mapping) and bool(links.get("next"))


def _whole(value: float | None, *, up: bool) -> int | str:
    if value is None:
        return ""
    return -int(-value // 1) if up else int(value)
