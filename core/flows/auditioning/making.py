"""An audition being made: the track's preview brought in, laid under the stretch, mixed as a draft."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.flows.auditioning import laying
from core.flows.auditioning.request import Candidate
from core.jobs.registry import Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import NotFound, StudioError, UserError
from core.licensing.bringing import PREVIEW, Bringing
from core.rights import gate, licences
from core.sound.providers.mixer import RenderRequest
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.video.types import Clip

_BROUGHT = 0.5
_LOOK_S = 0.1


@dataclass(frozen=True)
class Making:
    store: Store
    jobs: Jobs
    bringing: Bringing
    library_piece: Callable[[Actor, str], Asset]

    def run(self, work: Work) -> Product:
        data = work.job.request
        clip = Clip.model_validate(data["clip"])
        track = Candidate.of(data["track"])
        with self.store.db.read() as connection:
            film = there(connection, work.actor, data["film_id"], "The film")
        piece = self.library_piece(work.actor, track.asset_id) if track.asset_id else self._preview(work, track)
        start_s, seconds = float(data["start_s"]), float(data["seconds"])
        document = laying.laid(
            clip, film, piece, start_s, seconds, music_start_s=float(data["music_start_s"]), duck_db=float(data["duck_db"])
        )  # fmt: skip
        with self.store.db.read() as connection:
            origins = [source.licence for asset in (film, piece) for source in gate.sources(connection, asset)]
        used = {clip_.asset_id for _, clip_ in document.clips()}
        bought = work.buy(
            "mix",
            RenderRequest(
                tracks=document.tracks,
                files={each.id: str(self.store.blobs.path(each.sha256)) for each in (film, piece) if each.id in used},
                loudness=document.loudness, length_s=document.length_s, stems=False, loopable=frozenset(),
            ),
            share=(_BROUGHT, 1.0),
        )  # fmt: skip
        under = {
            "clip_id": data["clip_id"], "film_id": film.id, "start_s": start_s, "seconds": seconds,
            "spoken": laying.spoken(clip, start_s, seconds),
        }  # fmt: skip
        told = under | {"track": track.as_dict() | {"asset_id": piece.id}, "preview": piece.draft}
        return Product(
            outputs=bought.made.outputs,
            name=work.job.title,
            source="mixed",
            config={"provider": bought.provider, "audition": told} | dict(bought.made.facts),
            licence=licences.combined(origins),
            # The film is there although it may be silent: what is heard belongs to its pictures.
            sources=((film.id, "film"), (piece.id, "music")),
            draft=True,
            provider=bought.provider,
            answer=told,
        )

    def _preview(self, work: Work, track: Candidate) -> Asset:
        """By a job of its own, which everybody who asks for the same preview shares: heard twice, it is fetched once. It
        is waited for by looking: a job that somebody else made is no child of this one."""
        job = self.bringing.submit(work.actor, track.provider, track.track_id, PREVIEW)
        while not job.ended:
            work.stop_if_cancelled()
            work.progress("Fetching the preview", _BROUGHT * job.fraction)
            time.sleep(_LOOK_S)
            job = self.jobs.show(work.actor, job.id)
        return self._brought(work, job, track)

    def _brought(self, work: Work, job: Job, track: Candidate) -> Asset:
        if job.status != DONE:
            said = Jobs.failure(job)
            raise StudioError(
                f"The preview of “{track.name[:80]}” did not come: {said.message if said else job.status}",
                said.hint if said else "Try again.", said.code if said else "no_preview",
            )  # fmt: skip
        with self.store.db.read() as connection:
            found = [each for each in assets.of_job(connection, job.id) if each.role == "primary" and each.sounds]
        if not found or found[0].deleted_at is not None:
            raise StudioError(f"The preview of “{track.name[:80]}” was deleted meanwhile.", "Try again.", "gone")
        return found[0]


def there(connection: Any, actor: Actor, asset_id: str, what: str) -> Asset:
    try:
        found = assets.get(connection, actor, asset_id)
    except NotFound:
        raise UserError(f"{what} is not in your library.", "Bring it in again.", "gone") from None
    if found.deleted_at is not None:
        raise UserError(f"{what} “{found.name}” is in the bin.", "Restore it first.", "in_bin")
    return found
