"""A clip being scored: its pieces made, laid, mixed, encoded and put into the film. Every step finds what an earlier run of
it has made: a crash or a retry goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.audio import loudness
from core.flows.scoring import cue_sheet, laying
from core.flows.scoring.request import ScoreRequest, fits
from core.jobs.registry import Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import MoneyError, NotFound, StudioError
from core.kit.settings import Settings
from core.money.ledger import Sold
from core.music.engine import KIND as MUSIC
from core.music.service import Music
from core.providers.base import Output
from core.rights import licences
from core.sound.projects import Projects
from core.sound.service import KIND as MIX
from core.sound.types import MixRequest
from core.store import assets, attempts
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.video.muxing import Muxed, mux_in_child
from core.video.types import Clip
from core.voice.pieces import KIND as SPEECH
from core.voice.service import Speech

_MADE, _MIXED, _ENCODED = 0.6, 0.85, 0.92
"""Where the progress stands when music and speech are there, when they are mixed, when the mix is encoded."""


@dataclass(frozen=True)
class Making:
    settings: Settings
    store: Store
    children: Children
    music: Music
    voice: Speech
    projects: Projects

    def run(self, work: Work) -> Product:
        data = work.job.request
        items: list[dict[str, Any]] = data["items"]
        clip = Clip.model_validate(data["clip"])
        request = ScoreRequest.model_validate({name: data[name] for name in ScoreRequest.model_fields})
        self._present(work, data["asset_id"], "The film")
        self._foresee(work, items)
        children = [
            # Numbered: a restart that comes by here again finds them instead of making them twice.
            work.child(number, item["kind"], item["request"], item["title"])
            for number, item in enumerate(items, 1)
        ]
        ended = work.wait(children, 0.1, _progress)
        made = [self._primary(job, item) for job, item in zip(ended, items, strict=True)]
        pieces = made[: len(request.cues)]
        film = self._present(work, data["asset_id"], "The film")
        voice = made[-1] if request.text.strip() else None
        if request.voice:
            voice = self._present(work, request.voice, "The voice")
        if voice is not None:
            fits(voice, request, clip)
        mix, project_id = self._mixed(work, request, clip, film, pieces, voice, len(items) + 1)
        return self._film(work, request, clip, film, pieces, voice, mix, project_id)

    def _foresee(self, work: Work, items: Sequence[dict[str, Any]]) -> None:
        """Before the first piece: MoneyError where a cap has no room for all that is still to be made."""
        with self.store.db.read() as connection:
            left = [
                item for number, item in enumerate(items, 1)
                if all(each.status == attempts.FAILED for each in attempts.of_job(connection, f"{work.job.id}/{number}"))
            ]  # fmt: skip
        try:
            foreseen(self.music, self.voice, work.actor, left, work.job.cap_usd, work.job.id)
        except MoneyError:
            # After a retry or a crash there are pieces in the queue already: they must not be bought one by one.
            for child in work.service.children(work.actor, work.job.id):
                work.service.cancel(work.actor, child.id)
            raise

    def _present(self, work: Work, asset_id: str, what: str) -> Asset:
        try:
            with self.store.db.read() as connection:
                found = assets.get(connection, work.actor, asset_id)
        except NotFound:
            raise StudioError(
                f"{what} was deleted while the clip was scored.",
                "Bring it in again and score the clip anew; the music made for it is in the library.", "gone",
            ) from None  # fmt: skip
        if found.deleted_at is not None:
            raise StudioError(
                f"{what} “{found.name}” was moved to the bin while the clip was scored.",
                "Restore it, then retry the job: what is made already is kept.", "in_bin",
            )  # fmt: skip
        return found

    def _mixed(
        self, work: Work, request: ScoreRequest, clip: Clip, film: Asset, pieces: Sequence[Asset], voice: Asset | None,
        number: int,
    ) -> tuple[Asset, str]:  # fmt: skip
        self._all_present(work, film, pieces, voice)
        project = self.projects.create(
            work.actor, work.job.title, laying.laid(request, clip, film, request.cues, pieces, voice), "Scored",
            project_id=f"project_{work.job.id[-40:]}",
        )  # fmt: skip
        wanted = MixRequest(
            project_id=project.id, version=1, name=f"{work.job.title[:180]}, sound", stems=request.stems
        )
        child = work.child(number, MIX, wanted.model_dump(mode="json"), wanted.name)
        ended = work.wait([child], 0.1, lambda rows: (rows[0].stage, _MADE + (_MIXED - _MADE) * rows[0].fraction))
        if ended[0].status != DONE:  # what is laid there may have been deleted meanwhile: that says more
            self._all_present(work, film, pieces, voice)
        return self._primary(ended[0], {"title": "the mix"}), project.id

    def _all_present(self, work: Work, film: Asset, pieces: Sequence[Asset], voice: Asset | None) -> None:
        self._present(work, film.id, "The film")
        for number, piece in enumerate(pieces, 1):
            self._present(work, piece.id, f"The music of cue {number}")
        if voice is not None:
            self._present(work, voice.id, "The voice")

    def _film(
        self, work: Work, request: ScoreRequest, clip: Clip, film: Asset, pieces: Sequence[Asset], voice: Asset | None,
        mix: Asset, project_id: str,
    ) -> Product:  # fmt: skip
        blobs = self.store.blobs
        sound = work.folder / "sound.m4a"
        heard = self.children.run(
            encode_in_child, (str(blobs.path(mix.sha256)), str(sound), request.loudness), cancelled=work.cancelled,
            progress=lambda stage, share: work.progress(stage, _MIXED + (_ENCODED - _MIXED) * share),
            timeout_s=300 + 2 * clip.seconds,
        )  # fmt: skip
        out = work.folder / "film.mp4"
        longest = self.settings.max_video_minutes * 60
        muxed: Muxed = self.children.run(
            mux_in_child, (str(blobs.path(film.sha256)), str(sound), str(out), longest), cancelled=work.cancelled,
            progress=lambda stage, share: work.progress(stage, _ENCODED + (1 - _ENCODED) * share),
            timeout_s=600 + 8 * clip.seconds,
        )  # fmt: skip
        told = cue_sheet.entries(request.cues, pieces)
        table, data = cue_sheet.write(work.folder, work.job.title, told)
        facts = {
            "duration_s": round(clip.seconds, 4), "lufs": heard["lufs"], "true_peak_dbtp": heard["dbtp"],
            "peaks": mix.peaks, "sample_rate": heard["sample_rate"], "channels": 2,
        }  # fmt: skip
        sources = {film.id: "film", mix.id: "mix"} | {piece.id: f"cue:{n}" for n, piece in enumerate(pieces, 1)}
        if voice is not None:
            sources[voice.id] = "voice"
        origins = [each.licence for each in (film, *pieces, *([voice] if voice is not None else []))]
        config = {
            "provider": "embedded", "clip_id": request.clip_id, "project": project_id, "seed": request.seed,
            "cues": [cue.model_dump(mode="json") for cue in request.cues], "loudness": request.loudness,
            "picture_copied": muxed.copied,
        }  # fmt: skip
        return Product(
            outputs=(
                Output("primary", out, "video", facts),
                Output("cue_sheet", table, "document", {"name": f"{work.job.title[:180]}, cue sheet"}),
                Output("cue_sheet:json", data, "document", {"name": f"{work.job.title[:180]}, cue sheet (JSON)"}),
            ),
            name=work.job.title, source="mixed", config=config, licence=licences.combined(origins),
            sources=tuple(sources.items()), provider="embedded",
            answer={
                "project_id": project_id, "mix": mix.id, "cues": told, "lufs": heard["lufs"],
                "true_peak_dbtp": heard["dbtp"], "picture_copied": muxed.copied, "captions": muxed.captions,
                "left_out": list(muxed.left_out),
            },
        )  # fmt: skip

    def _primary(self, job: Job, item: dict[str, Any]) -> Asset:
        if job.status != DONE:
            said = Jobs.failure(job)
            message = said.message if said is not None else f"It is {job.status}."
            hint = said.hint if said is not None else ""
            raise StudioError(
                f"“{item['title'][:80]}” could not be made: {message}",
                f"{hint} Then retry the job: what is made already is kept.".strip(), "cue_failed",
            )  # fmt: skip
        with self.store.db.read() as connection:
            found = {asset.role: asset for asset in assets.of_job(connection, job.id)}
        if "primary" not in found:
            raise StudioError(
                f"“{item['title'][:80]}” was deleted before it was mixed.", "Score the clip anew.", "gone"
            )
        return found["primary"]


def foreseen(
    music: Music, voice: Speech, actor: Actor, items: Sequence[dict[str, Any]], cap_usd: Decimal | None, root_job_id: str = ""
) -> Decimal:  # fmt: skip
    """The most that these pieces cost together; MoneyError, which names it, where a cap has no room for them."""
    spoken: dict[Sold, Mapping[str, Decimal]] = {}
    for item in items:
        if item["kind"] == SPEECH:
            spoken = voice.sold(actor, item["request"])
    pieces = [item["request"] for item in items if item["kind"] == MUSIC]
    return music.foresee(actor, pieces, cap_usd=cap_usd, root_job_id=root_job_id, besides=spoken)


def encode_in_child(request: tuple[str, str, str], progress: Progress) -> dict[str, Any]:
    """(mix, M4A to write, loudness target) → what a listener decodes of it. The codec's own overshoot is trimmed away."""
    from core.audio import mastering, tape

    mix, out, target = request
    progress("Encoding the sound", 0.1)
    scratch = Path(f"{out}.tape")
    try:
        sound = tape.record(mix, scratch)
        made = mastering.encode_to_target(out, sound, "m4a", loudness.target(target))
    finally:
        scratch.unlink(missing_ok=True)
    return {"lufs": made.lufs, "dbtp": made.dbtp, "sample_rate": made.sample_rate}


def _progress(rows: Sequence[Job]) -> tuple[str, float]:
    done = sum(1.0 if row.ended else row.fraction for row in rows)
    over = sum(row.ended for row in rows)
    return f"{over} of {len(rows)} pieces made", _MADE * done / max(1, len(rows))
