"""What a catalogue sent, read with care: titles and names are text of strangers, and fields come, go and change their kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.kit.errors import Unavailable
from core.kit.words import one_line
from core.licensing.types import Search, Terms, Track
from core.rights.creative_commons import Licence

LONGEST = 300
LONGEST_ID = 80
MOST_WORDS = 60
"""Tags of one track."""


class Unread(Exception):
    """A track that cannot be read; says what it lacks."""


def usable_id(found: str) -> bool:
    return 0 < len(found) <= LONGEST_ID and all(c.isascii() and (c.isalnum() or c in "-_") for c in found)


class Row:
    """One object of an answer. What is of another kind than it should be is left out, and named in `odd`."""

    def __init__(self, value: Any, odd: set[str] | None = None) -> None:
        if not isinstance(value, Mapping):
            raise Unread("it is no object")
        self._value = value
        self.odd = odd if odd is not None else set()

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise Unread(f"it has no {name}")
        return found

    def id(self, name: str = "id") -> str:
        """One that may be asked for later: it goes into a path."""
        found = self.needed(name)
        if not usable_id(found):
            raise Unread(f"its {name} is none")
        return found

    def text(self, name: str, longest: int = LONGEST) -> str:
        """As it came, HTML included: whoever shows it escapes it. Control characters go."""
        value = self._value.get(name)
        if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
            return one_line(value, longest)
        self._odd(name, value)
        return ""

    def link(self, name: str) -> str:
        """A web address, and nothing else that a page could run."""
        found = self.text(name, 2000)
        if not found or (found.lower().startswith(("http://", "https://")) and " " not in found):
            return found
        self.odd.add(name)
        return ""

    def number(self, name: str) -> float | None:
        """Not negative; written as text too."""
        value = self._value.get(name)
        if value is None or value == "":
            return None
        try:
            found = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            found = math.nan
        if math.isfinite(found) and found >= 0:
            return found
        self.odd.add(name)
        return None

    def flag(self, name: str) -> bool | None:
        """True and false; "true" and "false" as Jamendo writes them."""
        value = self._value.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", ""):
            return value.lower() in ("true", "1") if value else None
        if value is None or isinstance(value, bool):
            return value
        self.odd.add(name)
        return None

    def texts(self, name: str, of: str = "") -> tuple[str, ...]:
        """Strings, or with `of` that field of objects: {"name": "calm"}."""
        value = self._value.get(name)
        if not isinstance(value, list):
            self._odd(name, value)
            return ()
        found = [each.get(of) if of and isinstance(each, Mapping) else each for each in value[:MOST_WORDS]]
        kept = [one_line(each, 80) for each in found if isinstance(each, str)]
        if len(kept) < len(found):
            self.odd.add(name)
        return tuple(dict.fromkeys(each for each in kept if each))

    def inner(self, name: str) -> Row:
        value = self._value.get(name)
        if not isinstance(value, Mapping):
            self._odd(name, value)
            value = {}
        return Row(value, self.odd)

    def _odd(self, name: str, value: Any) -> None:
        if value is not None:
            self.odd.add(name)


def rows(title: str, answer: Mapping[str, Any], name: str = "results") -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise Unavailable(f"{title} answered something else than a list of tracks.", "Try again later.")
    return found


def tracks(title: str, found: Iterable[Any], one: Callable[[Row], Track]) -> tuple[list[Track], list[str]]:
    """Each once, in their order; and what is to be said of those that could not be read."""
    odd: set[str] = set()
    kept: dict[str, Track] = {}
    lacking: list[str] = []
    for value in found:
        try:
            track = one(Row(value, odd))
        except Unread as error:
            lacking.append(str(error))
            continue
        kept.setdefault(track.id, track)
    notes = []
    if lacking:
        told = ", ".join(sorted(set(lacking)))
        notes.append(f"{title}: {len(lacking)} of its tracks could not be read and {_were(lacking)} left out ({told}).")
    if odd:
        notes.append(
            f"{title} sent fields of another kind than it documents; they were left out: {', '.join(sorted(odd))}."
        )
    return list(kept.values()), notes


def cc_terms(licence: Licence, line: str, *conditions: str) -> Terms:
    return Terms(
        kind="cc" if licence.known else "unknown", id=licence.id, title=licence.title, url=licence.url, commercial=licence.commercial,
        derivatives=licence.derivatives, share_alike=licence.share_alike, attribution=line if licence.attribution else "",
        conditions=(*licence.conditions, *conditions),
    )  # fmt: skip


def fits(track: Track, wanted: Search) -> bool:
    """Whether its licence and length are what was asked for. Looked at here too: a catalogue may pass over a filter."""
    terms = track.terms
    if (wanted.commercial and not terms.commercial) or (wanted.to_picture and not terms.derivatives):
        return False
    if wanted.licences and not {terms.kind, terms.id} & set(wanted.licences):
        return False
    seconds = track.duration_s
    if seconds is None:
        return True
    return (wanted.seconds_min or 0.0) <= seconds <= (math.inf if wanted.seconds_max is None else wanted.seconds_max)


def any_of(wanted: Iterable[str], having: Iterable[str]) -> bool:
    """Whether one of these is there, or nothing was asked for. Blanks and hyphens count for nothing: tags lose them."""
    asked = {_bare(each) for each in wanted}
    return not asked or bool(asked & {_bare(each) for each in having})


def _bare(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())


def _were(several: list[str]) -> str:
    return "was" if len(several) == 1 else "were"
