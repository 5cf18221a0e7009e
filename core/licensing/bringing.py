"""A catalogue's track into the library: a preview to try it, or the full file, bought once and measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from core.audio.analysis import analyse
from core.audio.tempo import STEADY
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import SetupError, UserError
from core.kit.words import one_line
from core.licensing.catalogue import FILES, KIND
from core.licensing.types import Track
from core.providers.base import Output
from core.providers.registry import Registry
from core.rights import held
from core.store import assets, jobs
from core.store.jobs import Job
from core.store.store import Store

PREVIEW, FULL = "preview", "full"
JOB = "catalogue_track"
LIBRARY = "Licensed music"
"""The folder of the library that full files go into."""
MOST_TRIES = 100
_COVERED = ("cc", "own")
"""Kinds of terms that everybody holds, or that come with the file: no licence has to be entered for them."""


class Bringing:
    def __init__(
        self,
        store: Store,
        jobs_: Jobs,
        registry: Registry,
        children: Children,
        look: Callable[[Actor, str, str], Track],
    ) -> None:
        """`look(actor, provider, track_id)`: the track as its catalogue knows it."""
        self._store = store
        self._jobs = jobs_
        self._registry = registry
        self._children = children
        self._look = look

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(JOB, "net", self._run),)

    def submit(
        self, actor: Actor, provider: str, track_id: str, form: str = PREVIEW, *, priority: str = "normal"
    ) -> Job:
        """The same file for the same user is fetched, and paid for, once: asked again, it answers the job that brought it,
        as long as the file is there. SetupError where the catalogue hands out no such file, with the steps by hand."""
        if form not in (PREVIEW, FULL):
            raise UserError(f"A track comes as preview or full, not as {form!r}.", f"Choose {PREVIEW} or {FULL}.")
        track = self._look(actor, provider, track_id)
        self.offers(track, form)
        request = {"provider": provider, "id": track_id, "form": form, "track": track.as_dict()}
        mark = f"{form}:{track.ref}"
        for number in range(MOST_TRIES):
            key = f"catalogue:{sha256(mark.encode()).hexdigest()[:24]}:{number}"
            earlier = self._jobs.before(actor, priority, key)
            if earlier is not None and not self._lost(earlier):
                return earlier
            if earlier is None:
                title = one_line(f"{track.title}, {track.artist}" if track.artist else track.title)
                return self._jobs.submit(
                    actor, JOB, request, title=title or track.ref, priority=priority, idempotency_key=key
                )
        raise UserError(f"{track.title!r} was fetched and lost {MOST_TRIES} times.", "Import the file by hand.")

    def offers(self, track: Track, form: str) -> None:
        """SetupError where its catalogue hands out no such file."""
        info = self._registry.get(KIND, track.provider).info
        wanted = "download" if form == FULL else "preview"
        if wanted in info.capabilities and not (form == FULL and track.preview_only):
            return
        steps = getattr(self._registry.get(KIND, track.provider), "steps", ())
        raise SetupError(
            f"{info.title} hands out no {'full file' if form == FULL else 'preview'} of {track.title!r} here.",
            " ".join(steps) or "Download it at its page, import the file and enter its licence under Licensing.",
            "by_hand",
        )

    def _lost(self, job: Job) -> bool:
        """Ended without its file being there any more. One whose outcome nobody knows is not: it may have been billed."""
        if job.status in (jobs.FAILED, jobs.CANCELLED):
            return True
        if job.status != jobs.DONE:
            return False
        with self._store.db.read() as connection:
            return all(each.deleted_at is not None for each in assets.of_job(connection, job.id))

    def _run(self, work: Work) -> Product:
        request = work.job.request
        track = Track.of(request["track"])
        bought = work.buy(FILES, {"id": track.id, "form": request["form"]}, provider=track.provider, share=(0.0, 0.6))
        work.progress("Measuring", 0.7)
        preview = request["form"] == PREVIEW
        file = bought.made.facts.get("file")
        announced = str(file.get("sha256") or "") if isinstance(file, Mapping) else ""
        outputs = tuple(self._measured(output, track, work, announced) for output in bought.made.outputs)
        config: dict[str, Any] = {
            "provider": track.provider, "catalogue": {
                "provider": track.provider, "track_id": track.id, "title": track.title, "artist": track.artist,
            },
            "page": track.page_url, "terms": track.as_dict()["terms"], "composer": track.composer,
            "publisher": track.publisher, "isrc": track.isrc,
        } | dict(bought.made.facts)  # fmt: skip
        return Product(
            outputs=outputs,
            name=one_line(track.title) or track.ref,
            source="licensed",
            config=config,
            licence=licence_record(track, preview=preview),
            draft=preview,
            provider=bought.provider,
            folder="" if preview else LIBRARY,
            answer={"provider": track.provider, "track_id": track.id, "form": request["form"]},
        )

    def _measured(self, output: Output, track: Track, work: Work, announced: str) -> Output:
        """What is heard counts; where it cannot be told surely, what the catalogue says. What came is what was paid for, also
        when a worker died in between."""
        expected = output.facts.get("sha256") or announced
        if expected and sha256(output.path.read_bytes()).hexdigest() != expected:
            raise UserError(f"The file of {track.title!r} is not the one it was announced as.", "Try again later.")
        found = analyse(output.path, self._children, expected_bpm=track.bpm, cancelled=work.cancelled)
        sure = found.bpm is not None and found.bpm_confidence >= STEADY
        facts: dict[str, Any] = {
            "duration_s": found.duration_s, "sample_rate": found.sample_rate, "channels": found.channels,
            "lufs": found.lufs, "true_peak_dbtp": found.true_peak_dbtp, "peaks": list(found.waveform),
            "bpm": found.bpm if sure else track.bpm, "key": (track.key or found.key or "")[:20] or None,
            "genre": _first(track.genres), "mood": _first(track.moods), "instruments": list(track.instruments[:20]),
        }  # fmt: skip
        return replace(output, kind="music", facts={**facts, **output.facts})


def licence_record(track: Track, *, preview: bool) -> Mapping[str, Any]:
    """What stands with the asset. Open licences are the whole truth; of the others the licences that are held."""
    terms = track.terms
    if terms.kind not in _COVERED or preview:
        return held.record(
            track.provider, track.id, one_line(track.title), artist=one_line(track.artist),
            licence_title=terms.title or f"Licensed by {track.provider}", url=terms.url or track.page_url,
            attribution=terms.attribution, preview=preview,
        )  # fmt: skip
    credit = one_line(f"{track.title} by {track.artist}" if track.artist else track.title)
    return {
        "id": terms.id, "title": terms.title or terms.id, "publish": True, "credit": credit, "line": terms.attribution,
        "ends": "", "royalty_free": True, "commercial": terms.commercial, "attribution": bool(terms.attribution),
        "share_alike": terms.share_alike, "derivatives": terms.derivatives, "url": terms.url,
        "note": " ".join(terms.conditions),
        "catalogue": {"provider": track.provider, "track_id": track.id, "title": one_line(track.title),
                      "artist": one_line(track.artist)},
    }  # fmt: skip


def _first(names: tuple[str, ...]) -> str | None:
    return names[0][:40] if names else None
