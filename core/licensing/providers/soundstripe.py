"""Soundstripe's partner API: JSON:API, a song with several audio files, addresses that expire.

Its documentation names the calls, the shapes and the paging, and not the filters of the song list: those come from public
clients (so `genres` and `moods` are sent where it may help, and looked at here again by whoever asked). It has no call for a
licence, a certificate or the code that clears a video: that is done by hand, in `steps`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from core.kit.errors import Unavailable, UserError
from core.licensing.catalogue import FILES, KIND, standing_terms
from core.licensing.providers import fetching, reading
from core.licensing.providers.answering import Answering, cannot, count, page
from core.licensing.providers.asking import NotThere, Pace, got
from core.licensing.providers.reading import Row, Unread
from core.licensing.types import Search, Terms, Track
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, Units

NAME, TITLE, KEY = "soundstripe", "Soundstripe", "soundstripe_api_key"
PER_SECOND = 20
"""It refuses above 25 requests a second and key; other processes ask too."""
MOST_PER_PAGE = 100
WITH = "artists,audio_files"
_PRIMARY = "[primary]"
_VOCALS = ("instrumental", "vocal")
_FORMATS = {fetching.PREVIEW: "mp3", fetching.FULL: "wav"}


class SoundstripeCatalogue(Answering):
    info = ProviderInfo(
        name=NAME,
        title=TITLE,
        kind=KIND,
        form="query",
        resource="net",
        capabilities=frozenset({"search", "tracks", "list", "validate"} | {"text"} | {"preview", "download", "manual"}),
        settings_key=KEY,
        licence="unknown",
        concurrency=4,
        per_minute=60,
        ttl_s=3600.0,
    )
    about_terms = (
        "By partner agreement only: what may be done with its music, and what a download costs, stands in yours. Asked from"
        " servers alone; what is kept of its addresses has to be read anew at least every night."
    )
    steps = (
        "Download the full file here, with the project it is for: the song's id, the audio file's id and the date are kept as proof.",
        "Enter the licence under Licences with the reference of your partner agreement: the API has no licence document to fetch.",
        "For YouTube, get a clearance code in your Soundstripe account: one code for each song and each video, good once."
        " Put it into the video's description before you publish, and into the licence's entry.",
    )
    why_not: ClassVar[Mapping[str, str]] = {
        "similar": "its documented API finds songs by words, images and films (Supe), not by another song",
        "usage": "its terms ask for no report through the API",
    }
    most_ids = 20

    def __init__(self, base_url: str = "", timeout_s: float = 30.0, scheme: str = "Token") -> None:
        self.at = rest.Service(TITLE, "https://api.soundstripe.com", KEY, base_url, timeout_s)
        self._scheme = scheme
        self._pace = Pace(PER_SECOND)

    def search(self, wanted: Search, number: int, call: Call) -> dict[str, Any]:
        size = min(wanted.page_size, MOST_PER_PAGE)
        notes = cannot(TITLE, wanted, self.info.capabilities)
        answer = self._page(number, size, call, q=wanted.text, genres=wanted.genres, moods=wanted.moods)
        found, told = reading.tracks(TITLE, _rows(answer), _track_in(answer))
        total, more = _total(answer), _next(answer) is not None
        if more and _next(answer) != number + 1:
            told.append(f"{TITLE}: its pages do not lead on from page {number}, so this is taken for the last one.")
            more = False
        return page(found, notes + told, total=total, more=more)

    def tracks(self, ids: Sequence[str], call: Call) -> dict[str, Any]:
        """One question for each: there is none for several."""
        found: list[Track] = []
        notes: list[str] = []
        gone: list[str] = []
        for number, each in enumerate(ids):
            if number:
                call.another()
            try:
                song, told = self.song(each, call)
            except NotThere:
                gone.append(each)
                continue
            found += [track for track in song if track.id == each]
            notes += told
        return page(found, list(dict.fromkeys(notes))) | {"gone": gone}

    def listed(self, cursor: str, genres: Sequence[str], call: Call) -> dict[str, Any]:
        number = count(cursor or "1")
        if not number:
            raise UserError(f"{cursor[:40]!r} is no place in {TITLE}'s list.", "Begin anew, with an empty one.")
        answer = self._page(number, MOST_PER_PAGE, call, genres=genres)
        rows = _rows(answer)
        found, notes = reading.tracks(TITLE, rows, _track_in(answer))
        following, total = _next(answer), _total(answer)
        # Whoever copies the list takes what it does not name for withdrawn: half a list must not pass for a whole one.
        if rows and not found:
            raise Unavailable(f"{TITLE} answers in a shape the studio does not know: {' '.join(notes)}")
        if following is not None and following != number + 1:
            raise Unavailable(f"{TITLE}: page {number} of its list leads to page {following}.", "Try again later.")
        if following is None and total is not None and number * MOST_PER_PAGE < total:
            raise Unavailable(
                f"{TITLE}: its list ends at page {number}, and it says it has {total} songs.", "Try again later."
            )
        if following is not None and total is not None and number * MOST_PER_PAGE >= total + MOST_PER_PAGE:
            raise Unavailable(f"{TITLE}: its list goes on beyond the {total} songs it says it has.", "Try again later.")
        wanted = {each.casefold() for each in genres}
        kept = [track for track in found if not wanted or wanted & {each.casefold() for each in track.genres}]
        return page(kept, notes, total=total) | {"cursor": "" if following is None else str(following)}

    def song(self, track_id: str, call: Call) -> tuple[list[Track], list[str]]:
        """Fresh, with addresses that work now. NotThere where there is none."""
        answer = self._ask(f"/v1/songs/{track_id}", {"include": WITH}, call, absent=True)
        return reading.tracks(TITLE, [answer.get("data")], _track_in(answer))

    def _page(
        self, number: int, size: int, call: Call, *, q: str = "", genres: Sequence[str] = (), moods: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        """A filter takes one value, as far as anybody knows: of several, none is sent."""
        query = {
            "page[number]": number, "page[size]": size, "include": WITH, "filter[q]": q,
            "filter[tags][genre]": genres[0] if len(genres) == 1 else "",
            "filter[tags][mood]": moods[0] if len(moods) == 1 else "",
        }  # fmt: skip
        return self._ask("/v1/songs", query, call)

    def _ask(self, path: str, query: Mapping[str, Any], call: Call, *, absent: bool = False) -> Mapping[str, Any]:
        self._pace()
        headers = {
            "Authorization": f"{self._scheme} {rest.usable(call.key, self.at)}",
            "Accept": "application/vnd.api+json", "Content-Type": "application/vnd.api+json",
        }  # fmt: skip
        answer = got(self.at, path, headers, query, status_of=_refused, absent=absent)
        if not isinstance(answer, Mapping):
            raise Unavailable(f"{TITLE} answered something else than songs.", "Try again later.")
        return answer


class SoundstripeFiles:
    """Preview: the mp3. Full: the wav, billed by contract. {"audio_file": id} or {"vocals": "instrumental"|"vocal"} choose
    among a song's files; otherwise it is the primary one."""

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

    def __init__(self, catalogue: SoundstripeCatalogue) -> None:
        self._catalogue = catalogue

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return fetching.billed(request)

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        form, track_id = fetching.form_of(request), self._catalogue.usable_id(request.get("id"))
        rest.usable(call.key, self._catalogue.at)

        def link() -> fetching.Link:
            found, notes = self._catalogue.song(track_id, call)
            track = next((each for each in found if each.id == track_id), None)
            if track is None:
                raise Unavailable(
                    f"{TITLE} answered something else than this song. {' '.join(notes)}".strip(), "Try again later."
                )
            file = chosen(track, request)
            url = str(file["versions"].get(_FORMATS[form], ""))
            if not url:
                raise UserError(
                    f"{TITLE} names no {_FORMATS[form]} of “{track.title}” ({file['description'] or file['id']}).",
                    "Choose another of its audio files.",
                )
            about = {"audio_file": file["id"], "version": file["description"], "format": _FORMATS[form]}
            return fetching.Link(url, track, file["seconds"] if form == fetching.FULL else None, about)

        return fetching.brought(self._catalogue.at, link, call, form=form, units=fetching.billed({"form": form}))


def chosen(track: Track, request: Mapping[str, Any]) -> dict[str, Any]:
    """Of a song's audio files, the one that was asked for."""
    files: list[dict[str, Any]] = track.facts.get("audio_files", [])
    if wanted := str(request.get("audio_file") or ""):
        files = [file for file in files if file["id"] == wanted]
    if vocals := str(request.get("vocals") or ""):
        if vocals not in _VOCALS:
            raise UserError(f"There is no {vocals[:20]!r} version.", f"Allowed: {', '.join(_VOCALS)}.")
        files = [file for file in files if file["instrumental"] is (vocals == "instrumental")]
    if not files:
        raise UserError(f"“{track.title}” has no such audio file.", "Look at its files, and choose one of them.")
    return _first(files)


def _first(files: list[dict[str, Any]]) -> dict[str, Any]:
    return min(files, key=lambda file: (_PRIMARY not in file["description"].lower(), bool(file["instrumental"])))


def _track_in(answer: Mapping[str, Any]) -> Any:
    """Reads one song of this answer: its artists and files stand beside it, under `included`."""
    beside: dict[tuple[str, str], Any] = {}
    included = answer.get("included")
    for each in included if isinstance(included, list) else []:
        if isinstance(each, Mapping):
            beside[str(each.get("type")), str(each.get("id"))] = each

    def track(row: Row) -> Track:
        if row.text("type") not in ("", "songs"):
            raise Unread(f"it is of type {row.text('type')[:20]}")
        its, tags, key = (
            row.inner("attributes"),
            row.inner("attributes").inner("tags"),
            row.inner("attributes").inner("key"),
        )
        files = _files(row, beside)
        first = _first(files) if files else {}
        artists = [Row(each, row.odd).inner("attributes").text("name") for each in _related(row, "artists", beside)]
        return Track(
            provider=NAME, id=row.id(), title=its.needed("title"), artist=", ".join(each for each in artists if each),
            duration_s=first.get("seconds"), bpm=its.number("bpm") or None, key=key_of(key.text("name"), key.text("mode")),
            genres=tags.texts("genre"), moods=tags.texts("mood"), instruments=tags.texts("instrument"),
            tags=tags.texts("characteristic"), vocals=not first["instrumental"] if first.get("instrumental") is not None else None,
            explicit=its.flag("explicit"), preview_url=first.get("versions", {}).get("mp3", ""), terms=terms(),
            facts={"audio_files": files},
        )  # fmt: skip

    return track


def _files(row: Row, beside: Mapping[tuple[str, str], Any]) -> list[dict[str, Any]]:
    found = []
    for each in _related(row, "audio_files", beside):
        file = Row(each, row.odd)
        its = file.inner("attributes")
        versions = its.inner("versions")
        found.append({
            "id": file.needed("id"), "description": its.text("description"), "instrumental": its.flag("instrumental"),
            "seconds": its.number("duration") or None,
            "versions": {name: link for name in ("mp3", "wav") if (link := versions.link(name))},
        })  # fmt: skip
    return found


def _related(row: Row, name: str, beside: Mapping[tuple[str, str], Any]) -> list[Any]:
    """What a relationship points to, as far as it came along."""
    ids = row.inner("relationships").inner(name).texts("data", "id")
    return [beside[name, each] for each in ids if (name, each) in beside]


def terms() -> Terms:
    return standing_terms(NAME) or Terms("per-project")


def key_of(tonic: str, mode: str) -> str:
    """As the studio writes keys; empty where it is none."""
    tonic = tonic.replace("♯", "#").replace("♭", "b")
    good = tonic[:1].upper() in set("ABCDEFG") and tonic[1:] in ("", "#", "b") and mode.lower() in ("major", "minor")
    return f"{tonic[0].upper()}{tonic[1:]} {mode.lower()}" if tonic and good else ""


def _rows(answer: Mapping[str, Any]) -> list[Any]:
    return reading.rows(TITLE, answer, "data")


def _total(answer: Mapping[str, Any]) -> int | None:
    meta = _links(answer).get("meta")
    return count(meta.get("total_count")) if isinstance(meta, Mapping) else None


def _next(answer: Mapping[str, Any]) -> int | None:
    """The number of the page that follows. Only the number: where it is asked for is not for an answer to say."""
    link = _links(answer).get("next")
    if not isinstance(link, str) or not link:
        return None
    try:
        return count(parse_qs(urlsplit(link).query).get("page[number]", [""])[0])
    except ValueError:
        return None


def _links(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    found = answer.get("links")
    return found if isinstance(found, Mapping) else {}


def _refused(answer: Any) -> int | None:
    """`errors` instead of `data`, whatever the HTTP status was."""
    errors = answer.get("errors") if isinstance(answer, Mapping) else None
    if not errors:
        return None
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], Mapping) else {}
    return count(first.get("status")) or 400
