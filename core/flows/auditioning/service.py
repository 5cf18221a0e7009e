"""Auditions: a track heard under a clip before anybody pays for it, and several compared there without knowing which is which.

What is heard is a draft: a mix made of the film's sound and a preview, marked as one, and made from both, so the gate
never lets it out. A comparison is a trial whose variants are such mixes: letters, level, choices and sharing are the trial's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.flows.auditioning.making import Making, there
from core.flows.auditioning.request import Candidate, Under, stretch, under
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import NotFound, UserError
from core.kit.words import one_line
from core.licensing.bringing import PREVIEW, Bringing
from core.licensing.playlists.favourites import Favourites
from core.licensing.playlists.types import LIBRARY
from core.licensing.service import Catalogues
from core.music.trials.service import Blind, Result, Trials, Variant
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.store import Store
from core.store.trials import TrialRow
from core.video.service import VIDEO, Video
from core.video.types import Clip, Scene

KIND = "audition"
FEWEST, MOST = 2, 6
AXIS = "track"
"""What a comparison compares; no field of a music request has this name."""
_OWN = "own"


@dataclass(frozen=True)
class Stretch:
    clip_id: str
    clip_name: str
    film_id: str
    """"": whoever asks may hear the comparison, and not see the film."""
    start_s: float
    seconds: float


@dataclass(frozen=True)
class Comparison:
    blind: Blind
    under: Stretch
    result: Result | None
    """Once the one who asks has chosen."""


class Auditioning:
    def __init__(
        self, store: Store, jobs: Jobs, video: Video, catalogues: Catalogues, bringing: Bringing, trials: Trials,
        favourites: Favourites,
    ) -> None:  # fmt: skip
        self._store = store
        self._jobs = jobs
        self._video = video
        self._catalogues = catalogues
        self._bringing = bringing
        self._trials = trials
        self._favourites = favourites
        self._making = Making(store, jobs, bringing, self._piece)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", self._making.run),)

    def submit(
        self, actor: Actor, track: Mapping[str, Any], *, priority: str = "normal", idempotency_key: str | None = None,
        **values: Any,
    ) -> Job:  # fmt: skip
        """`track`: {provider, track_id} or {asset_id}; `values`: as Under has them. The job's result says where it lies and
        its asset is what is heard: to be played from `start_s` of the film on."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        request, name = self._request(actor, under(**values))
        candidate = self._candidate(actor, track)
        return self._jobs.submit(
            actor, KIND, request | {"track": candidate.as_dict()}, title=_titled(candidate.name, name), priority=priority,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def compare(
        self, actor: Actor, tracks: Sequence[Mapping[str, Any]], *, name: str = "", priority: str = "normal",
        idempotency_key: str | None = None, **values: Any,
    ) -> TrialRow:  # fmt: skip
        """A trial of these tracks under one stretch. Heard, chosen and shared like any other."""
        if not FEWEST <= len(tracks) <= MOST:
            raise UserError(
                f"{len(tracks)} {'track' if len(tracks) == 1 else 'tracks'} cannot be compared.",
                f"Choose {FEWEST} to {MOST}.", "tracks",
            )  # fmt: skip
        request, clip_name = self._request(actor, under(**values))
        found = [self._candidate(actor, each) for each in tracks]
        if len({each.ref for each in found}) < len(found):
            raise UserError("The same track is there twice.", "Choose different ones.", "same_tracks")
        return self._trials.given(
            actor,
            # Without their names: whoever hears blind sees the queue, too.
            [{"kind": KIND, "request": request | {"track": each.as_dict()}, "title": f"Audition under {clip_name}"[:60]}
             for each in found],
            name=one_line(name, 100) or f"Music under {clip_name}"[:100],
            under={key: request[key] for key in ("clip_id", "film_id", "start_s", "seconds", "clip_name")},
            axis=AXIS, values=[each.as_dict() for each in found], priority=priority, idempotency_key=idempotency_key,
        )  # fmt: skip

    def comparisons(self, actor: Actor) -> list[TrialRow]:
        return [each for each in self._trials.listing(actor) if each.given]

    def comparison(self, actor: Actor, trial_id: str) -> Comparison:
        """Blind until one has chosen."""
        blind = self._trials.show(actor, trial_id)
        lies = blind.trial.base.get("under")
        if not isinstance(lies, dict):
            raise NotFound(f"There is no comparison {trial_id[:60]!r}.", "It is another kind of trial.", "no_trial")
        with self._store.db.read() as connection:
            try:
                seen = there(connection, actor, str(lies["film_id"]), "The film").id
            except UserError:
                seen = ""
        stretched = Stretch(
            str(lies["clip_id"]), str(lies["clip_name"]), seen, float(lies["start_s"]), float(lies["seconds"])
        )
        return Comparison(blind, stretched, self._trials.result(actor, trial_id) if blind.choice is not None else None)

    def keep_track(self, actor: Actor, variant: Variant) -> None:
        """What is kept of a comparison is the track, not its draft: a favourite, from which more is suggested."""
        track = Candidate.of(variant.values[AXIS])
        provider, track_id = (track.provider, track.track_id) if track.provider else (LIBRARY, track.asset_id)
        self._favourites.add(actor, provider, track_id, title=track.name[:200])

    def _request(self, actor: Actor, wanted: Under) -> tuple[dict[str, Any], str]:
        """And the clip's name."""
        row, clip, scene = self._seen(actor, wanted)
        with self._store.db.read() as connection:
            film = there(connection, actor, row.asset_id, "The film of this clip")
        if film.kind != VIDEO:
            raise UserError(f"“{film.name}” has no picture.", "Choose a film.", "no_picture")
        start_s, seconds = stretch(wanted, clip, scene)
        lean = clip.model_copy(update={"scenes": (), "curves": type(clip.curves)()})
        return {
            "clip_id": row.id, "clip_name": row.name, "film_id": film.id, "clip": lean.model_dump(mode="json"),
            "start_s": start_s, "seconds": seconds, "music_start_s": wanted.music_start_s, "duck_db": wanted.duck_db,
        }, row.name  # fmt: skip

    def _seen(self, actor: Actor, wanted: Under) -> tuple[Any, Clip, Scene | None]:
        if wanted.scene_id:
            row, clip, scene = self._video.scene(actor, wanted.scene_id)
            if wanted.clip_id and wanted.clip_id != row.id:
                raise UserError("That scene is of another clip.", "Leave one of the two out.", "other_clip")
            return row, clip, scene
        if not wanted.clip_id:
            raise UserError("Nothing says under which clip.", "Give a clip or a scene.", "no_clip")
        row, clip = self._video.clip(actor, wanted.clip_id)
        return row, clip, None

    def _candidate(self, actor: Actor, track: Mapping[str, Any]) -> Candidate:
        """Refused now where it can be known now: what its catalogue no longer has, or gives no preview of."""
        asset_id, provider = str(track.get("asset_id") or ""), str(track.get("provider") or "")
        track_id = str(track.get("track_id") or "")
        if provider == LIBRARY:
            asset_id, provider = asset_id or track_id, ""
        if asset_id:
            piece = self._piece(actor, asset_id)
            return Candidate(piece.name, asset_id=piece.id)
        if not (provider and track_id):
            raise UserError(
                "A track is named by its catalogue and id, or as a piece of the library.", "Give one of both."
            )
        found = self._catalogues.track(actor, provider, track_id)
        name = one_line(f"{found.title}, {found.artist}" if found.artist else found.title, 200) or found.ref
        if found.provider == _OWN:  # it lies in the library, whole
            return Candidate(name, asset_id=self._piece(actor, str(found.facts.get("asset_id") or "")).id)
        self._bringing.offers(found, PREVIEW)
        return Candidate(name, found.provider, found.id)

    def _piece(self, actor: Actor, asset_id: str) -> Asset:
        with self._store.db.read() as connection:
            found = there(connection, actor, asset_id, "This piece")
        if not found.sounds or found.kind == VIDEO:
            raise UserError(f"“{found.name}” is no piece of music.", "Choose one that can be heard.", "no_sound")
        return found


def _titled(track: str, clip: str) -> str:
    return f"{track[:90]} under {clip[:60]}"
