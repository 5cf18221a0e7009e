"""One search over every catalogue of licensed music, and one track of one."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound, SetupError, StudioError, UserError
from core.kit.secrecy import hide
from core.licensing.asking import PATIENCE_S, PER_PAGE, Asking, Fetched, Source, SourceState, copied, or_copied
from core.licensing.catalogue import KIND
from core.licensing.checked import LONGEST_ID, tracks_of
from core.licensing.matching import check
from core.licensing.merging import Facets, Merged, facets, in_order, in_turns, merged
from core.licensing.types import Search, Track
from core.providers.registry import Readiness, Registry
from core.store import catalogue_runs
from core.store.store import Store

DEADLINE_S = 8.0
"""Of a whole search: a catalogue that has not answered by then stands as failed beside the others' results."""
DEEPEST = 1000
"""Entries of a list that is merged from several catalogues."""
SIEVED_ROUNDS = 5
"""Pages of one catalogue looked through for one page of a search."""
FRESH_COPY_S = 48 * 3600.0
"""So old may a synced copy be to be asked in place of its catalogue: two nightly syncs."""
OWN = "own"


@dataclass(frozen=True)
class FoundTracks:
    tracks: tuple[Track, ...]
    total: int | None
    """Of all sources, before the same recording elsewhere is counted once; None where one of them does not count."""
    more: bool
    facets: Facets
    """Over what has been fetched so far, and the whole of every synced copy."""
    sources: tuple[SourceState, ...]
    page: int
    page_size: int
    also: dict[str, tuple[Track, ...]] = field(default_factory=dict)
    """By ref of a track: the same recording in other catalogues."""
    hint: str = ""


class Searching:
    def __init__(
        self, store: Store, registry: Registry, direct: DirectCalls, errors_log: Path, *, deadline_s: float = DEADLINE_S
    ) -> None:
        self._store = store
        self._registry = registry
        self._asking = Asking(direct)
        self._errors_log = errors_log
        self._deadline_s = deadline_s

    def search(self, actor: Actor, search: Search) -> FoundTracks:
        """UserError for filters that contradict each other; what a catalogue does wrong stands beside the results."""
        search = check(search)
        sources, silent, hint = self._sources(actor, search)
        need = search.page * search.page_size
        if need > DEEPEST and len(sources) > 1:
            raise UserError(
                f"Results after the first {DEEPEST:,} are not shown.", "Narrow the search, or choose one catalogue.",
                "too_deep",
            )  # fmt: skip
        one = sources[0] if len(sources) == 1 and sources[0].copy is not None else None
        if one is not None and one.copy is not None:  # nothing to merge: its own page, however deep
            one.take(one.fetch(1))
            whole = Merged(list(one.copy.page(need - search.page_size, search.page_size + 1)))
            one.more, page = len(whole.tracks) > search.page_size, whole.tracks[: search.page_size]
            more = one.more
        else:
            whole = self._gather(sources, search, need)
            page = whole.tracks[need - search.page_size : need]
            more = len(whole.tracks) > need or any(source.more for source in sources)
        counts = [
            source.total if source.copy else source.count
            for source in sources
            if source.state not in ("failed", "not_ready")
        ]
        return FoundTracks(
            tracks=tuple(page),
            total=None if any(each is None for each in counts) else sum(each or 0 for each in counts),
            more=more,
            facets=facets(source.counted() for source in sources),
            sources=tuple(source.said() for source in sources) + silent,
            page=search.page,
            page_size=search.page_size,
            also={each.ref: tuple(whole.also[each.ref]) for each in page if each.ref in whole.also},
            hint=hint,
        )

    def track(self, actor: Actor, provider: str, track_id: str, *, fresh: bool = False) -> Track:
        """Its details. NotFound where the catalogue does not have it (any more)."""
        info = self._registry.get(KIND, provider).info
        if not track_id or len(track_id) > LONGEST_ID:
            raise NotFound("There is no such track.", "Search for it by its title.")
        answer = self._asking.ask(actor, info, {"op": "tracks", "ids": [track_id]}, fresh=fresh, patience_s=PATIENCE_S)
        found = next((each for each in self._read(answer.value, info.name, info.title) if each.id == track_id), None)
        if found is None:
            raise NotFound(f"{info.title} has no track {track_id[:60]!r}.", "It may have been withdrawn; search again.")
        return found

    def _read(self, value: object, provider: str, title: str) -> tuple[Track, ...]:
        try:
            return tracks_of(value, provider)[0]
        except ValueError as error:
            raise _not_understood(title, error) from None

    def _sources(self, actor: Actor, search: Search) -> tuple[list[Source], tuple[SourceState, ...], str]:
        """Who is asked, who cannot be, and what to do where that is everybody."""
        known = {each.info.name: each for each in self._registry.readiness(KIND)}
        for name in search.providers:
            self._registry.get(KIND, name)
        off = set() if search.providers else self._registry.switched_off(KIND)
        asked = set(search.providers or known) - off
        chosen = [known[name] for name in self._registry.order(KIND) if name in asked]
        with self._store.db.read() as connection:
            ends = catalogue_runs.copies(connection)
        ages = {name: (now() - ended).total_seconds() for name, ended in ends.items()}
        ready = [each for each in chosen if each.ready or each.info.name in ages]
        silent = tuple(_silent(each) for each in chosen if each not in ready)
        hint = ""
        if not ready:
            if OWN in known and known[OWN].ready:
                ready = [known[OWN]]
                hint = "No other catalogue is ready; these are your own licensed files. "
            hint += "Catalogues are set up under Licensing, or see: studio doctor"
        return [self._source(actor, each, search, ages.get(each.info.name)) for each in ready], silent, hint

    def _source(self, actor: Actor, one: Readiness, search: Search, age_s: float | None) -> Source:
        """A copy that is no older than two days in place of its catalogue; an older one where that cannot be asked."""
        if age_s is None:
            return self._asking.source(actor, one.info, search)
        note = "" if one.ready else f"Its copy alone: {one.why}. {one.remedy}".strip()
        copy = copied(self._store, one.info, search, age_s, note)
        if not one.ready or age_s <= FRESH_COPY_S:
            return copy
        return or_copied(self._asking.source(actor, one.info, search), copy)

    def _gather(self, sources: Sequence[Source], search: Search, need: int) -> Merged:
        """Enough of every source that the first `need` entries (and whether there is one more) are certain."""
        until = time.monotonic() + self._deadline_s
        rounds: dict[str, int] = {}
        while True:
            going = [each for each in sources if each.more and rounds.get(each.provider, 0) < self._rounds(need)]
            certain = min((len(each.tracks) for each in going), default=0)
            if search.sort != "relevance":
                behind = [each for each in going if len(each.tracks) <= need]
            elif (
                len(merged(in_turns([each.tracks[:certain] if going else each.tracks for each in sources])).tracks)
                > need
            ):
                behind = []
            else:
                behind = [each for each in going if len(each.tracks) <= certain]
            if not behind or time.monotonic() >= until:
                for each in sources:
                    if each.more and rounds.get(each.provider, 0) >= self._rounds(need):
                        each.notes[f"Only its first {each.pages * PER_PAGE} results were looked through."] = None
                lists = [each.tracks for each in sources]
                return merged(in_turns(lists) if search.sort == "relevance" else in_order(lists, search.sort))
            for source in behind:
                rounds[source.provider] = rounds.get(source.provider, 0) + 1
            self._fetch(behind, until)

    @staticmethod
    def _rounds(need: int) -> int:
        return SIEVED_ROUNDS + need // PER_PAGE

    def _fetch(self, sources: Sequence[Source], until: float) -> None:
        """One page of each, side by side; whoever is not back in time is left behind. What it brings later goes into
        the cache, for the next search."""
        back: queue.SimpleQueue[tuple[Source, Fetched | StudioError]] = queue.SimpleQueue()
        for source in sources:
            threading.Thread(target=self._fetch_one, args=(source, back), daemon=True, name="catalogue-search").start()
        waiting = {id(source): source for source in sources}
        while waiting:
            try:
                source, got = back.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            del waiting[id(source)]
            if isinstance(got, Fetched):
                source.take(got)
            elif isinstance(got, SetupError):
                source.fail(f"{got.message} {got.hint}".strip(), "not_ready")
            else:
                source.fail(f"{got.message} {got.hint}".strip())
        for source in waiting.values():
            source.fail(
                f"{source.title} has not answered within {self._deadline_s:g} seconds. Search again in a moment."
            )

    def _fetch_one(self, source: Source, back: queue.SimpleQueue[tuple[Source, Fetched | StudioError]]) -> None:
        try:
            back.put((source, source.fetch(source.pages + 1)))
        except StudioError as error:
            back.put((source, error))
        except Exception as error:  # a catalogue that changed what it answers must not take the others with it
            with self._errors_log.open("a") as log:
                log.write(f"catalogue {source.provider}\n{hide(traceback.format_exc())}\n")
            back.put((source, _not_understood(source.title, error)))


def _silent(each: Readiness) -> SourceState:
    return SourceState(each.info.name, each.info.title, "not_ready", note=f"{each.why}. {each.remedy}".strip())


def _not_understood(title: str, error: Exception) -> StudioError:
    told = f" ({error})" if isinstance(error, ValueError) and str(error) else ""
    return StudioError(
        f"{title} answered in a form the studio does not understand{told[:200]}.",
        "Its interface may have changed: look for an update of the studio.", "catalogue_changed",
    )  # fmt: skip
