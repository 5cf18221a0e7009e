"""Openverse: open-licence audio of many sources behind one search, without a key.

It shows the first 240 results of a search to whoever has no account, forbids copying its index, and neither warrants a licence
nor that a file is still there: so the address where a track comes from is kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

TITLE = "Openverse"
MOST_PER_PAGE = 20
"""Above it, whoever has no account is answered 401."""
MOST_SHOWN = 240
_LICENCES = (
    "by", "by-nc", "by-nc-nd", "by-nc-sa", "by-nd", "by-sa", "cc0", "nc-sampling+", "pdm", "sampling+",
)  # fmt: skip
_LENGTHS = {"shortest": (0.0, 30.0), "short": (30.0, 120.0), "medium": (120.0, 600.0), "long": (600.0, float("inf"))}
"""Its words for lengths, in seconds."""


class OpenverseCatalogue(Answering):
    info = ProviderInfo(
        name="openverse",
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset(
            {"search", "tracks", "similar", "validate"}
            | {"text", "genres", "moods", "instruments", "seconds", "licences", "commercial", "to_picture"}
            | {"preview", "download"}
        ),
        licence="unknown",
        concurrency=1,
        per_minute=20,
        ttl_s=3600.0,
    )
    about_terms = (
        "Free and without a key, for 20 questions a minute and 200 a day. Copying its index is forbidden, so it is searched"
        " and never synced. It does not warrant that a licence is right: look at the page a track comes from."
    )
    why_not: ClassVar[Mapping[str, str]] = {"list": "its terms forbid copying its index (no scraping, no bulk)"}
    most_ids = 50

    def __init__(self, base_url: str = "", timeout_s: float = 20.0) -> None:
        self._at = rest.Service(TITLE, "https://api.openverse.org", "", base_url, timeout_s)

    @property
    def service(self) -> rest.Service:
        return self._at

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        size = min(wanted.page_size, MOST_PER_PAGE)
        notes = cannot(TITLE, wanted, self.info.capabilities)
        if number * size > MOST_SHOWN:
            return page([], [*notes, f"{TITLE} shows the first {MOST_SHOWN} results of a search and no more."])
        sent = _sent(wanted) | {"page": str(number), "page_size": str(size)}
        answer = rest.fields(self._good(self._look(f"/v1/audio/?{urlencode(sent)}")))
        found, told = reading.tracks(TITLE, reading.rows(TITLE, answer), _track)
        total, pages = count(answer.get("result_count")), count(answer.get("page_count")) or 0
        more = number < pages and (number + 1) * size <= MOST_SHOWN and bool(found)
        return page(
            [one for one in found if fits(one, wanted)], notes + told + _warnings(answer), total=total, more=more
        )

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        found: list[Any] = []
        gone: list[str] = []
        for number, each in enumerate(ids):
            if number:
                call.another()
            answer = self._look(f"/v1/audio/{each}/")
            if answer.status in (404, 410):
                gone.append(each)
            else:
                found.append(rest.fields(self._good(answer)))
        read, notes = reading.tracks(TITLE, found, _track)
        return page(read, notes) | {"gone": gone}

    def similar(self, track_id: str, call: Call) -> dict[str, Any]:
        answer = rest.fields(self._good(self._look(f"/v1/audio/{track_id}/related/")))
        read, notes = reading.tracks(TITLE, reading.rows(TITLE, answer), _track)
        return page([one for one in read if one.id != track_id], notes)

    def validated(self, track_id: str, call: Call) -> dict[str, Any]:
        found = super().validated(track_id, call)
        if found["state"] == "available":
            found["note"] = f"As its source states it: {TITLE} does not warrant it. {found['note']}".strip()
        if found["state"] == "withdrawn":
            found["note"] += " What was had under a Creative Commons licence stays under it: keep its page and date."
        return found

    def address(self, track: Track, form: str) -> str:
        if not track.preview_url:
            raise UserError(f"{TITLE} names no file of {track.title!r}.", f"Look at its page: {track.page_url}")
        return track.preview_url

    def _look(self, path: str) -> HttpAnswer:
        return self._at.look(path, {}, answer_max=ANSWER_MAX)

    def _good(self, answer: HttpAnswer) -> HttpAnswer:
        if answer.status != 200:
            raise refusal(self._at, answer, gone="It may have been taken out of its index.")
        if not rest.fields(answer):
            raise Unavailable(f"{TITLE} answered something else than tracks.", "Try again later.")
        return answer


def _sent(wanted: Search) -> dict[str, str]:
    """Of what was asked, what it knows. Genre, mood and instrument go into its text, any of several with the | of its
    search: it looks for them in titles and tags, and has no field to ask by."""
    words = [_either(each) for each in (wanted.genres, wanted.moods, wanted.instruments) if each]
    text = " ".join(each for each in (wanted.text, *words) if each).strip()
    sent = {"category": "music"} | ({"q": text[:200]} if text else {})
    kinds = [name for name, asked in (("commercial", wanted.commercial), ("modification", wanted.to_picture)) if asked]
    if kinds:
        sent["license_type"] = ",".join(kinds)
    codes = {creative_commons.of(each).code for each in wanted.licences} & set(_LICENCES)
    if codes and "cc" not in wanted.licences:
        sent["license"] = ",".join(sorted(codes))
    low, high = wanted.seconds_min or 0.0, float("inf") if wanted.seconds_max is None else wanted.seconds_max
    lengths = [name for name, (least, most) in _LENGTHS.items() if least <= high and most >= low]
    if len(lengths) < len(_LENGTHS):
        sent["length"] = ",".join(lengths)
    return sent


def _either(words: Sequence[str]) -> str:
    told = [each for word in words[:6] if (each := "".join(c if c.isalnum() else " " for c in word).strip())]
    return told[0] if len(told) == 1 else f"({' | '.join(told)})" if told else ""


def _track(row: Row) -> Track:
    title, creator, source = row.needed("title"), row.text("creator"), row.link("foreign_landing_url")
    licence = creative_commons.of_code(row.text("license"), row.text("license_version"))
    by_address = creative_commons.of_url(row.link("license_url"))
    # Code and address must agree; where they do not, nobody knows which is right.
    if by_address.known and by_address.id == licence.id:
        licence = by_address
    elif by_address.known or not licence.known:
        licence = creative_commons.UNKNOWN
    duration = row.number("duration")
    genres, tags = row.texts("genres"), row.texts("tags", "name")
    return Track(
        provider="openverse", id=row.id(), title=title, artist=creator, genres=genres, tags=tags,
        album=row.inner("audio_set").text("title") if "audio_set" in row else "",
        duration_s=None if duration is None else duration / 1000.0,
        page_url=source, preview_url=row.link("url"), image_url=row.link("thumbnail"),
        terms=cc_terms(
            licence, row.text("attribution", 1000) or creative_commons.attribution(licence, title, creator, source),
            f"{TITLE} does not warrant the licence: it is what {row.text('source') or 'its source'} states.",
        ),
        facts=_facts(row),
    )  # fmt: skip


def _facts(row: Row) -> dict[str, Any]:
    names = ("source", "provider", "creator_url", "license_url", "filetype")
    return {name: found for name in names if (found := row.text(name))}


def _warnings(answer: Mapping[str, Any]) -> list[str]:
    found = answer.get("warnings")
    return [f"{TITLE}: {told}" for each in found if (told := _said(each))] if isinstance(found, list) else []


def _said(warning: Any) -> str:
    value = warning.get("message", "") if isinstance(warning, Mapping) else warning
    return value[:200] if isinstance(value, str) else ""
