"""The job that learns a style: each track measured in a child, one by one, then the row in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import UserError
from core.music.styles import rights
from core.music.styles.measuring import TrackToMeasure, measure_track
from core.music.styles.profile import profile
from core.rights import licences
from core.store import styles
from core.store.assets import Asset
from core.store.store import Store

JOB = "style"
SUBJECT = "styles"
NAME_LENGTH = 80
_TIMEOUT_S = 600.0
_MEASURED = 0.98
"""Share of the work that the tracks are."""


@dataclass(frozen=True)
class Learning:
    store: Store
    children: Children

    @property
    def kind(self) -> JobKind:
        return JobKind(JOB, "cpu", self._run)

    def _run(self, work: Work) -> Product:
        request = work.job.request
        with self.store.db.read() as connection:
            had = styles.by_job(connection, work.job.id)
            # Asked again: a track may have been given away or thrown away while this waited.
            found = [] if had else rights.tracks(connection, work.actor, request["asset_ids"])
        style_id = had.id if had else self._keep(work, [self._measured(work, n, found) for n in range(len(found))])
        return Product((), request["name"], "ai_music", {}, licences.record("own-work"), answer={"style_id": style_id})

    def _measured(self, work: Work, number: int, tracks: list[Asset]) -> dict[str, Any]:
        """Of this track, from before the last crash where it was measured then."""
        asset = tracks[number]
        done = work.folder / f"{asset.id}.json"
        if not done.exists():
            low, high = _MEASURED * number / len(tracks), _MEASURED * (number + 1) / len(tracks)
            stage = f"Measuring {number + 1} of {len(tracks)}"
            measured = self.children.run(
                measure_track, TrackToMeasure(self.store.blobs.path(asset.sha256), asset.bpm),
                progress=lambda _, fraction: work.progress(stage, low + (high - low) * fraction),
                cancelled=work.cancelled, timeout_s=_TIMEOUT_S,
            )  # fmt: skip
            part = done.with_suffix(".part")
            part.write_text(json.dumps(measured), encoding="utf-8")
            part.replace(done)
        figures: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
        return figures | {
            "asset_id": asset.id, "name": asset.name, "genre": asset.genre, "mood": asset.mood,
            "intensity": asset.intensity, "instruments": list(asset.instruments),
        }  # fmt: skip

    def _keep(self, work: Work, measured: list[dict[str, Any]]) -> str:
        found = profile(measured)
        if not found["figures"]:
            raise UserError("Nothing could be measured on these tracks.", "Choose tracks with music in them.")
        request = work.job.request
        with self.store.db.exclusive(SUBJECT) as connection:
            work.still_ours(connection)
            taken = styles.names_of(connection, work.actor.user_id)
            return styles.add(
                connection, work.actor, name=free(request["name"], taken), profile=found, rights=request["rights"],
                sources=[one["asset_id"] for one in measured], engines={"composer": {}}, job_id=work.job.id,
            )  # fmt: skip


def free(name: str, taken: dict[str, str]) -> str:
    """The name, with the first number behind it that makes it another where it is taken."""
    number, other = 2, name
    while other.casefold() in taken:
        other, number = f"{name[: NAME_LENGTH - 6]} ({number})", number + 1
    return other
