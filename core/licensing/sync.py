"""Catalogues copied, page after page, as a job: what is new, changed and gone is counted, and a run that broke off goes on
at its cursor, whoever broke it off."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.calls.asking import Fenced
from core.calls.direct import DirectCalls
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.submitters import Submitters
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import AccessError, Cancelled, ProviderError, Rejected, StudioError, UserError
from core.kit.paths import reference
from core.licensing.asking import PERSONAL, Asking
from core.licensing.catalogue import KIND as CATALOGUE
from core.licensing.checked import tracks_of
from core.licensing.copying import row_of
from core.licensing.matching import fits
from core.licensing.types import Search, Track
from core.providers.base import ProviderInfo
from core.providers.registry import Registry
from core.store import catalogue_runs as runs
from core.store import catalogue_tracks
from core.store.catalogue_runs import Run
from core.store.jobs import DONE, LIVE, Job
from core.store.store import Store

KIND, ALL = "catalogue_sync", "catalogue_sync_all"
DAILY = "Catalogues, each night"
LIST = "list"
AT_ONCE = 50
"""Tracks asked for by their ids in one question."""
IDLE_PAGES = 20
"""In a row with nothing that the run has not met before: paging that goes in circles."""
TRIES = 6
LONGEST_WAIT_S = 300.0
"""Of one wait for a catalogue. Where it asks for longer, the run ends and the next one goes on at its cursor."""
GOES_ON = timedelta(hours=24)
"""A run that broke off less than this ago is gone on with; an older cursor may mean nothing to its catalogue."""
_MOST_GONE, _FEW = 0.5, 20
"""A whole run that would take away more than this share of the known tracks takes none: its catalogue is ill."""
COUNTED = timedelta(days=30)
"""Of the success rate."""
GOAL = 0.95


class SyncRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(
        default="", max_length=40, description="empty: every catalogue that is ready and can be listed"
    )
    max_tracks: int | None = Field(default=None, ge=1, le=5_000_000)
    genres: tuple[str, ...] = Field(default=(), max_length=20)
    update_existing: bool = True
    track_ids: tuple[str, ...] = Field(default=(), max_length=10_000)

    @property
    def whole(self) -> bool:
        return not (self.max_tracks or self.genres or self.track_ids)


@dataclass(frozen=True)
class Success:
    done: int
    failed: int

    @property
    def rate(self) -> float | None:
        """None: nothing has run lately."""
        return self.done / (self.done + self.failed) if self.done + self.failed else None


class CatalogueSync:
    def __init__(self, store: Store, jobs: Jobs, registry: Registry, direct: DirectCalls) -> None:
        self._store = store
        self._jobs = jobs
        self._registry = registry
        self._asking = Asking(direct)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "net", self._run), JobKind(ALL, "flow", self._run_all))

    def start(
        self,
        actor: Actor,
        provider: str | None = None,
        *,
        max_tracks: int | None = None,
        genres: Sequence[str] = (),
        update_existing: bool = True,
        track_ids: Sequence[str] = (),
        idempotency_key: str | None = None,
    ) -> Job:
        """A job for one catalogue, or for all that can be listed. UserError where this one cannot, or is being synced."""
        admin(actor)
        if (before := self._jobs.before(actor, "normal", idempotency_key)) is not None:
            return before
        request = self.checked({
            "provider": provider or "", "max_tracks": max_tracks, "genres": tuple(genres), "update_existing": update_existing,
            "track_ids": tuple(track_ids),
        })  # fmt: skip
        if request.provider and not request.track_ids:
            self._not_twice(actor, request.provider)
        title = f"Sync of {self._info(request.provider).title}" if request.provider else "Sync of all catalogues"
        return self._jobs.submit(
            actor, KIND if request.provider else ALL, request.model_dump(mode="json"), title=title,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def checked(self, values: Mapping[str, Any]) -> SyncRequest:
        """UserError for what cannot be synced."""
        try:
            request = SyncRequest.model_validate(dict(values))
        except ValueError as error:
            first = error.errors()[0] if hasattr(error, "errors") else {"loc": (), "msg": str(error)}
            told = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
            raise UserError(f"{told}.", f"A sync takes: {', '.join(SyncRequest.model_fields)}.") from None
        if request.track_ids and not request.provider:
            raise UserError("Tracks are synced from one catalogue.", "Name it.", "no_provider")
        if request.provider:
            info = self._info(request.provider)
            if not reference("catalogues").get(request.provider, {}).get("sync", True) or PERSONAL in info.capabilities:
                raise UserError(
                    f"{info.title} may not be copied: {self._terms(info.name)}",
                    "Its tracks are searched as they are asked for.", "no_list",
                )  # fmt: skip
            needed = "tracks" if request.track_ids else LIST
            if needed not in info.capabilities:
                raise UserError(
                    f"{info.title} cannot be listed: its interface answers searches only.",
                    "Its tracks are searched as they are asked for.", "no_list",
                )  # fmt: skip
        return request

    @staticmethod
    def _terms(provider: str) -> str:
        return str(reference("catalogues").get(provider, {}).get("terms_of_use", "it is somebody's own."))

    def submit_to(self, known: Submitters) -> None:
        """What may be scheduled."""

        def check(actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
            admin(actor)
            return self.checked(request).model_dump(mode="json")

        def submit(actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, **_: Any) -> Job:
            values = check(actor, request)
            return self.start(actor, values.pop("provider") or None, **values, idempotency_key=idempotency_key)

        known.add(KIND, check, submit)
        known.add(ALL, check, submit)

    def runs(self, actor: Actor, provider: str | None = None, limit: int = 50) -> list[Run]:
        """Newest first."""
        admin(actor)
        with self._store.db.read() as connection:
            return runs.listing(connection, provider, max(1, min(500, limit)))

    def success(self, actor: Actor) -> Success:
        """Of the last thirty days."""
        admin(actor)
        with self._store.db.read() as connection:
            found = runs.ends(connection, now() - COUNTED)
        return Success(found.get(runs.DONE, 0), found.get(runs.FAILED, 0))

    def _info(self, provider: str) -> ProviderInfo:
        return self._registry.get(CATALOGUE, provider).info

    def _not_twice(self, actor: Actor, provider: str) -> None:
        for job in self._jobs.list(actor, statuses=LIVE, limit=500):
            if job.kind == KIND and job.request.get("provider") == provider and not job.request.get("track_ids"):
                raise UserError(
                    f"{self._info(provider).title} is being synced by {job.id}.", "Wait for it, or cancel it.",
                    "already_running",
                )  # fmt: skip

    def _run_all(self, work: Work) -> Product:
        """One child for each catalogue, so that one that fails takes no other with it."""
        request = SyncRequest.model_validate(work.job.request)
        ready = [
            each.info for each in self._registry.readiness(CATALOGUE) if each.ready and LIST in each.info.capabilities
        ]
        children = [
            work.child(number, KIND, request.model_dump(mode="json") | {"provider": info.name}, f"Sync of {info.title}")
            for number, info in enumerate(sorted(ready, key=lambda info: info.name), 1)
        ]
        ended = work.wait(children) if children else []
        told = [
            {"provider": job.request["provider"], "job_id": job.id, "status": job.status, "error": job.error,
             **{name: (job.result or {}).get(name) for name in ("new", "changed", "gone", "unchanged")}}
            for job in ended
        ]  # fmt: skip
        if children and not any(job.status == DONE for job in ended):
            raise StudioError(
                "No catalogue could be synced.", "See the errors of each under its sync runs.", "sync_failed"
            )
        return _product(work, {"catalogues": told})

    def _run(self, work: Work) -> Product:
        request = SyncRequest.model_validate(work.job.request)
        run = self._begun(work, request)
        info = self._info(request.provider)
        try:
            run = self._named(work, info, request, run) if request.track_ids else self._paged(work, info, request, run)
        except Fenced:
            raise
        except Exception as error:
            self._over(work, error)
            raise
        counts = {name: getattr(run, name) for name in ("new", "changed", "gone", "unchanged", "odd", "pages")}
        return _product(
            work, {"run_id": run.id, "provider": run.provider, "whole": run.whole, "seen": run.seen, **counts}
        )

    def _begun(self, work: Work, request: SyncRequest) -> Run:
        """The row of this job's run: its own from before a crash, or a new one, at the cursor of one that broke off."""
        asked = request.model_dump(mode="json")
        with self._store.db.write() as connection:
            work.still_ours(connection)
            found = runs.of_job(connection, work.job.id)
            if found is not None:  # the worker died, or somebody retries it
                return runs.change(connection, found, state=runs.RUNNING, ended_at=None)
            old = runs.broken_off(connection, request.provider, asked, now() - GOES_ON)
            goes_on = (
                {} if old is None else {"chain": old.chain, "cursor": old.cursor, "carried": old.carried + old.seen}
            )
            return runs.add(
                connection, provider=request.provider, job_id=work.job.id, request=asked, whole=request.whole,
                user_id=work.job.user_id, **goes_on,
            )  # fmt: skip

    def _paged(self, work: Work, info: ProviderInfo, request: SyncRequest, run: Run) -> Run:
        genres = Search(genres=request.genres)
        sieve = {"genres"} if request.genres else set[str]()
        with self._store.db.read() as connection:
            expected = request.max_tracks or catalogue_tracks.known(connection, info.name)
        idle = 0
        while True:
            work.stop_if_cancelled()
            asked = {"op": LIST, "cursor": run.cursor, "genres": list(request.genres)}
            value, run = self._patiently(work, info, asked, run)
            tracks, odd = tracks_of(value, info.name)
            cursor = str(value.get("cursor") or "")
            kept = [each for each in tracks if fits(each, genres, sieve)]
            if request.max_tracks is not None:
                left = request.max_tracks - run.carried - run.seen
                kept, cursor = kept[:left], "" if len(kept) >= left else cursor
            before = run
            run = self._kept(work, run, request, kept, odd, cursor)
            idle = idle + 1 if tracks and kept and run.seen == before.seen else 0
            if cursor and (cursor == before.cursor or idle > IDLE_PAGES):
                raise ProviderError(
                    f"{info.title} answers the same pages again and again.", "Try again later.", "bad_paging"
                )
            total = value.get("total")
            of = total if isinstance(total, int) and total > 0 and not request.max_tracks else expected
            done = run.carried + run.seen
            work.progress(f"{done:,} tracks of {info.title}", min(0.99, done / of) if of else 0.5)
            if not cursor:
                return self._ended(work, run, request)

    def _named(self, work: Work, info: ProviderInfo, request: SyncRequest, run: Run) -> Run:
        """The cursor is how many of them have been asked for."""
        ids = list(dict.fromkeys(request.track_ids))
        first = int(run.cursor or 0)
        while first < len(ids):
            work.stop_if_cancelled()
            some = ids[first : first + AT_ONCE]
            value, run = self._patiently(work, info, {"op": "tracks", "ids": some}, run)
            tracks, odd = tracks_of(value, info.name)
            named = {str(each) for each in value.get("gone") or ()} | (set(some) - {each.id for each in tracks})
            first += len(some)
            kept = [each for each in tracks if each.id in some]
            run = self._kept(work, run, request, kept, odd, str(first), gone=sorted(named & set(some)))
            work.progress(f"{first:,} of {len(ids):,} tracks of {info.title}", first / len(ids))
        return self._ended(work, run, request)

    def _kept(
        self, work: Work, run: Run, request: SyncRequest, tracks: Sequence[Track], odd: int, cursor: str,
        gone: Sequence[str] = (),
    ) -> Run:  # fmt: skip
        """A page and the cursor behind it, in one transaction: after a crash neither is there, or both."""
        rows = [row_of(each) for each in tracks]
        with self._store.db.write() as connection:
            work.still_ours(connection)
            counts = catalogue_tracks.put(
                connection, run.provider, rows, run.chain, update_existing=request.update_existing
            )
            lost = catalogue_tracks.drop(connection, run.provider, gone) if gone else 0
            return runs.change(
                connection, run, cursor=cursor, pages=run.pages + 1, new=run.new + counts.new, odd=run.odd + odd,
                changed=run.changed + counts.changed, unchanged=run.unchanged + counts.unchanged, gone=run.gone + lost,
            )  # fmt: skip

    def _ended(self, work: Work, run: Run, request: SyncRequest) -> Run:
        """What a whole run did not meet is gone, unless that would be most of what is known."""
        with self._store.db.write() as connection:
            work.still_ours(connection)
            gone, errors = run.gone, run.errors
            if request.whole:
                known = catalogue_tracks.known(connection, run.provider)
                unmet = catalogue_tracks.unseen(connection, run.provider, run.chain)
                if unmet > max(_FEW, known * _MOST_GONE):
                    told = (
                        f"It listed only {known - unmet:,} of {known:,} known tracks: none was taken for gone. "
                        "Look at the catalogue, then sync it again."
                    )
                    errors = [*errors, _line(run, told, "too_many_gone")]
                else:
                    gone += catalogue_tracks.drop_unseen(connection, run.provider, run.chain)
            return runs.change(connection, run, state=runs.DONE, gone=gone, errors=errors, ended_at=now())

    def _over(self, work: Work, error: Exception) -> None:
        with self._store.db.write() as connection:
            work.still_ours(connection)
            run = runs.of_job(connection, work.job.id)
            if run is None:
                return
            told = error if isinstance(error, StudioError) else StudioError(f"Unexpected: {error}", code="defect")
            stopped = isinstance(error, Cancelled)
            errors = run.errors if stopped else [*run.errors, _line(run, told.message, told.code)]
            state = runs.CANCELLED if stopped else runs.FAILED
            runs.change(connection, run, state=state, errors=errors[-runs.MOST_ERRORS :], ended_at=now())

    def _patiently(self, work: Work, info: ProviderInfo, request: Mapping[str, Any], run: Run) -> tuple[Any, Run]:
        """The answer of a page. What passes is waited for and stands in the run's history."""
        for tries in range(1, TRIES + 1):
            try:
                value = self._asking.ask(work.actor, info, request, fresh=True, cancelled=work.cancelled).value
                tracks_of(value, info.name)
                return value, run
            except ValueError as error:
                raise ProviderError(
                    f"{info.title} answered in a form the studio does not understand: {error}.",
                    "Its interface may have changed: look for an update of the studio.", "catalogue_changed",
                ) from None  # fmt: skip
            except ProviderError as error:
                wait_s = error.wait_s or 0.5 * 2**tries
                if isinstance(error, Rejected) or tries == TRIES or wait_s > LONGEST_WAIT_S:
                    raise
                with self._store.db.write() as connection:
                    work.still_ours(connection)
                    errors = [*run.errors, _line(run, error.message, error.code)][-runs.MOST_ERRORS :]
                    run = runs.change(connection, run, errors=errors)
                self._wait(work, wait_s)
        raise AssertionError

    @staticmethod
    def _wait(work: Work, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            work.stop_if_cancelled()
            time.sleep(min(0.1, max(0.0, until - time.monotonic())))


def admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError("Only an administrator may sync catalogues.", "Ask an administrator of this studio.")


def _line(run: Run, message: str, code: str) -> dict[str, Any]:
    return {"page": run.pages + 1, "message": message[:300], "code": code, "at": now().isoformat()}


def _product(work: Work, answer: Mapping[str, Any]) -> Product:
    return Product(outputs=(), name=work.job.title, source="", config={}, licence={}, answer=answer, provider="")
