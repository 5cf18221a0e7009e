"""One catalogue as a source of a search: its pages, fetched one after another as far as they are needed, filtered here by
what it does not obey itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.calls.direct import Answer, DirectCalls
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.licensing.catalogue import CLASSES, FILTERS, KIND
from core.licensing.checked import tracks_of
from core.licensing.copying import Copy
from core.licensing.matching import NAMES, fits, wanted, without
from core.licensing.merging import counted
from core.licensing.types import Search, Track
from core.providers.base import ProviderInfo
from core.store.store import Store

State = Literal["ok", "cached", "stale", "copy", "failed", "not_ready"]
PER_PAGE = 20
"""What a catalogue is asked for at once, whatever the page of whoever searches: equal questions share an answer."""
PER_COPY = 100
"""Taken of a synced copy at once."""
MOST_PAGES = 50
PATIENCE_S = 3.0
"""A person who searches does not wait long for a catalogue's limits."""
PERSONAL = "personal"
"""Capability of a catalogue whose tracks are somebody's: it is told who asks."""


@dataclass(frozen=True)
class SourceState:
    """How a catalogue did in a search."""

    provider: str
    title: str
    state: State
    count: int = 0
    """Tracks it has brought so far."""
    note: str = ""
    age_s: float = 0.0
    """Of a kept answer or copy."""


@dataclass
class Fetched:
    tracks: tuple[Track, ...]
    more: bool
    total: int | None = None
    state: State = "ok"
    notes: tuple[str, ...] = ()
    age_s: float = 0.0
    counts: dict[str, Counter[str]] | None = None
    """Of everything that matches, where that is known; otherwise only what was fetched is counted."""


@dataclass
class Source:
    """Filled page after page. `fetch` is called in a thread of its own; everything else by whoever searches."""

    provider: str
    title: str
    fetch: Callable[[int], Fetched]
    tracks: list[Track] = field(default_factory=list)
    more: bool = True
    total: int | None = None
    state: State = "ok"
    notes: dict[str, None] = field(default_factory=dict)
    age_s: float = 0.0
    pages: int = 0
    counts: dict[str, Counter[str]] | None = None
    copy: Copy | None = None
    """Where it is the synced copy: any page of it can be had at once."""

    def take(self, got: Fetched) -> None:
        known = {each.id for each in self.tracks}
        for track in got.tracks:
            if track.id not in known:
                known.add(track.id)
                self.tracks.append(track)
        self.pages += 1
        self.more = got.more and self.pages < MOST_PAGES
        self.total = self.total if got.total is None and self.copy is not None else got.total
        self.state = got.state if self.pages == 1 or got.state == "stale" else self.state
        self.notes |= dict.fromkeys(got.notes)
        self.age_s = max(self.age_s, got.age_s)
        self.counts = got.counts or self.counts

    def fail(self, note: str, state: State = "failed") -> None:
        """What it brought before stays."""
        self.state, self.more = state, False
        self.notes[note] = None

    @property
    def count(self) -> int | None:
        """Of everything that matches; None where nobody knows."""
        return len(self.tracks) if not self.more else self.total

    def said(self) -> SourceState:
        return SourceState(self.provider, self.title, self.state, len(self.tracks), " ".join(self.notes), self.age_s)

    def counted(self) -> dict[str, Counter[str]]:
        return self.counts if self.counts is not None else counted(self.tracks)


def copied(store: Store, info: ProviderInfo, search: Search, age_s: float, note: str = "") -> Source:
    """The synced copy in place of its catalogue."""
    copy = Copy(store, search, info.name)

    def fetch(page: int) -> Fetched:
        total, counts = None, None
        if page == 1:
            tracks, total = copy.page_and_count(PER_COPY + 1)
            counts = copy.sorts()
        else:
            tracks = copy.page((page - 1) * PER_COPY, PER_COPY + 1)
        notes = (note,) if note else ()
        return Fetched(tracks[:PER_COPY], len(tracks) > PER_COPY, total, "copy", notes, age_s, counts)

    return Source(info.name, info.title, fetch, copy=copy)


def or_copied(live: Source, copy: Source) -> Source:
    """The copy steps in where the catalogue cannot be asked at all."""
    way = live

    def fetch(page: int) -> Fetched:
        nonlocal way
        try:
            return way.fetch(page)
        except StudioError as error:
            if page > 1 or way is copy:
                raise
            way = copy
            got = copy.fetch(1)
            return Fetched(**got.__dict__ | {"notes": (f"It could not be asked, this is its copy: {error.message}",)})

    return Source(live.provider, live.title, fetch)


class Asking:
    """Every question to a catalogue: through the limits, the cache and the ledger."""

    def __init__(self, direct: DirectCalls) -> None:
        self._direct = direct

    def ask(
        self, actor: Actor, info: ProviderInfo, request: Mapping[str, Any], *, fresh: bool = False,
        patience_s: float | None = None, cancelled: Callable[[], bool] = lambda: False,
    ) -> Answer:  # fmt: skip
        """`fresh`: whatever is kept. `patience_s`: how long its limits are waited for; None: as a job waits."""
        asked = dict(request)
        if PERSONAL in info.capabilities:
            asked["actor"] = {
                "user_id": actor.user_id, "organisation_id": actor.organisation_id, "teams": list(actor.teams),
                "is_admin": actor.is_admin,
            }  # fmt: skip
        kept_as = CLASSES.get(str(request["op"]), "")
        return self._direct.query(
            actor, KIND, asked, provider=info.name, cache_class=kept_as, ttl_s=None if kept_as else 0.0, fresh=fresh,
            patience_s=patience_s, cancelled=cancelled,
        )  # fmt: skip

    def source(self, actor: Actor, info: ProviderInfo, search: Search) -> Source:
        obeyed = {name for name in FILTERS if name in info.capabilities}
        on = wanted(search)
        here = on - obeyed
        always = {"commercial", "to_picture"} & on
        question = without(search, here).model_dump(mode="json", exclude_defaults=True)

        def fetch(page: int) -> Fetched:
            request = {"op": "search", "search": question | {"page_size": PER_PAGE}, "page": page}
            answer = self.ask(actor, info, request, patience_s=PATIENCE_S)
            tracks, odd = tracks_of(answer.value, info.name)
            notes = _told(info, here - {"sort"}) + [str(each)[:300] for each in answer.value.get("notes") or ()]
            notes += [f"{odd} of its rows could not be read."] if odd else []
            notes += [f"It could not be asked: {answer.note}"] if answer.stale else []
            said = answer.value.get("total")
            return Fetched(
                tuple(each for each in tracks if fits(each, search, here | always)),
                bool(answer.value.get("more")) and bool(tracks),
                said if isinstance(said, int) and said >= 0 and not here - {"sort"} else None,
                "stale" if answer.stale else "cached" if answer.cached else "ok",
                tuple(notes),
                answer.age_s,
            )

        return Source(info.name, info.title, fetch)


def _told(info: ProviderInfo, here: set[str]) -> list[str]:
    if not here:
        return []
    names = " and ".join(NAMES[each] for each in sorted(here))
    return [f"{info.title} does not filter by {names}: done here, so that of many of its tracks only some are shown."]
