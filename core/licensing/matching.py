"""Whether a track is what was asked for: the filters that a catalogue does not know, obeyed here; and filters that no
track can meet together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

from pydantic import ValidationError

from core.kit.errors import UserError
from core.kit.words import marked
from core.licensing.types import Search, Track
from core.music.composer.keys import Key, parse_key, plain

NAMES: Mapping[str, str] = {
    "text": "words", "genres": "genre", "moods": "mood", "instruments": "instruments", "bpm": "tempo", "key": "key",
    "seconds": "length", "vocals": "vocals", "licences": "licence", "commercial": "commercial use", "to_picture": "use to picture",
    "price": "price", "sort": "order",
}  # fmt: skip
"""Of the filters, for people."""
_OPEN_ZERO = ("cc", "own")
"""Kinds of terms under which nothing is paid for a track."""


def search_of(values: Mapping[str, object]) -> Search:
    """UserError for what cannot be asked."""
    try:
        return Search.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        told = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(
            f"{where}: {told}." if where else f"The filters contradict each other: {told}.",
            "Correct that value and search again." if where else "Take one of the two away.",
            "bad_request" if where else "contradiction",
        ) from None


def check(search: Search) -> Search:
    """With its key spelled as the studio does. UserError for filters that leave nothing over."""
    for told in _contradictions(search):
        raise UserError(f"The filters contradict each other: {told}.", "Take one of them away.", "contradiction")
    return search.model_copy(update={"key": parse_key(search.key).label}) if search.key else search


def _contradictions(search: Search) -> Iterable[str]:
    named = [marked(each) for each in search.licences]
    if search.commercial and named and all("nc" in _parts(each) for each in search.licences):
        yield f"{', '.join(search.licences)} forbids commercial use, which is wanted"
    if search.to_picture and named and all("nd" in _parts(each) for each in search.licences):
        yield f"{', '.join(search.licences)} forbids putting music to picture, which is wanted"
    sung = {marked(each) for each in search.instruments} & {"vocals", "vocal", "voice", "voices", "singing", "choir"}
    if search.vocals == "instrumental" and sung:
        yield f"instrumental music has no {sorted(sung)[0]}"
    if search.price_max_usd == 0 and named and not any(each.startswith(("cc", "own", "pdm")) for each in named):
        yield f"music under {', '.join(search.licences)} is never free"


def _parts(licence: str) -> list[str]:
    return licence.lower().replace("_", "-").split("-")


def wanted(search: Search) -> set[str]:
    """The filters that are set, by their names in core.licensing.catalogue.FILTERS."""
    on = {
        "text": search.text.strip(), "genres": search.genres, "moods": search.moods, "instruments": search.instruments,
        "bpm": (search.bpm_min, search.bpm_max) != (None, None), "key": search.key,
        "seconds": (search.seconds_min, search.seconds_max) != (None, None), "vocals": search.vocals != "any",
        "licences": search.licences, "commercial": search.commercial, "to_picture": search.to_picture,
        "price": search.price_max_usd is not None, "sort": search.sort != "relevance",
    }  # fmt: skip
    return {name for name, value in on.items() if value}


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "bpm": ("bpm_min", "bpm_max"), "seconds": ("seconds_min", "seconds_max"), "price": ("price_max_usd",),
}  # fmt: skip


def without(search: Search, names: Collection[str]) -> Search:
    """Without these filters, and without what only whoever asks has to know: so that equal questions are equal."""
    dropped = {field for name in names for field in _FIELDS.get(name, (name,))} | {"providers", "page", "page_size"}
    kept = {name: value for name, value in search.model_dump(exclude_defaults=True).items() if name not in dropped}
    for name in ("genres", "moods", "instruments", "licences"):
        if name in kept:
            kept[name] = tuple(sorted(kept[name], key=str.casefold))
    if "text" in kept:
        kept["text"] = " ".join(kept["text"].split())
    return Search(**kept)


def fits(track: Track, search: Search, names: Collection[str]) -> bool:
    """By these filters. A track that does not say what a filter asks is left out: it cannot be promised."""
    return all(_TESTS[name](track, search) for name in names if name in _TESTS)


def _any_of(having: Iterable[str], asked: Iterable[str]) -> bool:
    return bool({marked(each) for each in having} & {marked(each) for each in asked})


def _between(value: float | None, low: float | None, high: float | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _said(track: Track, search: Search) -> bool:
    held = plain(" ".join((track.title, track.artist, track.album, track.composer, *track.genres, *track.moods,
                           *track.instruments, *track.tags)))  # fmt: skip
    return all(word in held for word in plain(search.text).split())


def _in_key(track: Track, search: Search) -> bool:
    one, other = key_of(track.key), key_of(search.key)
    return one is not None and other is not None and (one.tonic, one.mode) == (other.tonic, other.mode)


def key_of(text: str) -> Key | None:
    try:
        return parse_key(text) if text else None
    except UserError:
        return None


def _sung(track: Track, search: Search) -> bool:
    return track.vocals is not None and track.vocals == (search.vocals == "vocal")


def _licensed(track: Track, search: Search) -> bool:
    return _any_of((track.terms.kind, track.terms.id), search.licences)


def price_of(track: Track) -> Decimal | None:
    """None: not known. What is open or one's own costs nothing."""
    if track.price_usd is not None:
        return Decimal(track.price_usd)
    return Decimal(0) if track.terms.kind in _OPEN_ZERO else None


def _affordable(track: Track, search: Search) -> bool:
    price = price_of(track)
    return price is not None and price <= Decimal(str(search.price_max_usd))


_TESTS: Mapping[str, Callable[[Track, Search], bool]] = {
    "text": _said,
    "genres": lambda track, search: _any_of(track.genres, search.genres),
    "moods": lambda track, search: _any_of(track.moods, search.moods),
    "instruments": lambda track, search: _any_of(track.instruments, search.instruments),
    "bpm": lambda track, search: _between(track.bpm, search.bpm_min, search.bpm_max),
    "key": _in_key,
    "seconds": lambda track, search: _between(track.duration_s, search.seconds_min, search.seconds_max),
    "vocals": _sung,
    "licences": _licensed,
    "commercial": lambda track, search: track.terms.commercial,
    "to_picture": lambda track, search: track.terms.derivatives,
    "price": _affordable,
}
