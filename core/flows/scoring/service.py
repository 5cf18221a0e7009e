"""Score a clip: music for its scenes, laid under its own sound or a voice, mixed, and put back into the film.

A flow of ordinary jobs: a piece of music for each cue, speech if there is a text, one mix. What fails or is cut off is
made again by itself; the rest is kept. The project stays: the cues lie on its timeline and can be moved.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.audio import loudness
from core.flows.recommending import cues as cueing
from core.flows.recommending import suggesting
from core.flows.recommending.cues import Cue
from core.flows.recommending.types import Kept
from core.flows.scoring import cue_sheet, laying
from core.flows.scoring.request import ScoreRequest, score_request
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import StudioError, UserError
from core.kit.settings import Settings
from core.music.engine import KIND as MUSIC
from core.music.service import Music
from core.providers.base import Output
from core.rights import licences
from core.sound.projects import Projects
from core.sound.service import KIND as MIX
from core.sound.types import MixRequest
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.video.muxing import Muxed, mux_in_child
from core.video.service import Video
from core.video.types import Clip
from core.voice.pieces import KIND as SPEECH
from core.voice.service import Speech

KIND = "score"
_MADE, _MIXED, _ENCODED = 0.6, 0.85, 0.92
"""Where the progress stands when music and speech are there, when they are mixed, when the mix is encoded."""


@dataclass(frozen=True)
class ScorePlan:
    """What scoring a clip will take, before anything is made."""

    cues: tuple[Cue, ...]
    seed: int
    usd: Decimal
    """The most it can cost."""
    engine: str


class Scoring:
    def __init__(
        self, settings: Settings, store: Store, jobs: Jobs, children: Children, video: Video, music: Music, voice: Speech,
        projects: Projects, kept: Callable[[Actor], Sequence[Kept]] = lambda actor: (),
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._children = children
        self._video = video
        self._music = music
        self._voice = voice
        self._projects = projects
        self._kept = kept

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", self._run),)

    def plan(self, actor: Actor, **values: Any) -> ScorePlan:
        """Raises what submit() would raise for these values."""
        request, _ = self._checked(actor, values)
        usd, engine = Decimal(0), ""
        for number in range(len(request.cues)):
            found = self._music.estimate(actor, **self._values(request, number))
            usd, engine = usd + found.usd, engine or found.engine
        if request.text.strip():
            usd += self._voice.estimate(actor, **_speech(request)).usd
        return ScorePlan(request.cues, request.seed or 0, usd, engine)

    def submit(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        **values: Any,
    ) -> Job:
        """Every cue is checked now, against its engine and the caps; so is the text against its voice."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        request, clip = self._checked(actor, values)
        row, _ = self._video.clip(actor, request.clip_id)
        title = request.name or f"{row.name}, scored"
        kept = self._kept(actor)
        told = [suggesting.for_cue(request.clip_id, clip, cue, kept) for cue in request.cues]
        items = [
            {"kind": MUSIC, "request": self._music.request(
                actor, cap_usd=cap_usd, suggestion=told[number], **self._values(request, number)),
             "title": f"{title[:100]}, cue {number + 1}"}
            for number in range(len(request.cues))
        ]  # fmt: skip
        if request.text.strip():
            items.append(
                {
                    "kind": SPEECH,
                    "request": self._voice.prepared(actor, **_speech(request)),
                    "title": f"{title[:100]}, voice",
                }
            )
        whole = request.model_dump(mode="json") | {
            "name": title, "asset_id": row.asset_id, "items": items, "clip": clip.model_dump(mode="json"),
        }  # fmt: skip
        return self._jobs.submit(
            actor, KIND, whole, title=title, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def hear(self, actor: Actor, number: int, *, cap_usd: Decimal | None = None, **values: Any) -> Job:
        """The music of one cue alone (the first is 0), asked for as submit() asks for it: what is heard is what is laid
        in, and a paid engine finds it in the library then."""
        request, _ = self._checked(actor, values)
        if not 0 <= number < len(request.cues):
            raise UserError(f"There is no cue {number + 1}.", f"There are {len(request.cues)}.", "cue")
        return self._music.compose(actor, priority="urgent", cap_usd=cap_usd, **self._values(request, number))

    def _checked(self, actor: Actor, values: dict[str, Any]) -> tuple[ScoreRequest, Clip]:
        request = score_request(**values)
        row, clip = self._video.clip(actor, request.clip_id)
        with self._store.db.read() as connection:
            film = assets.get(connection, actor, row.asset_id)
            if film.deleted_at is not None:
                raise UserError(f"The film “{film.name}” is in the bin.", "Restore it first.", "in_bin")
            if request.voice:
                _fits(assets.get(connection, actor, request.voice), request, clip)
        seed = request.seed if request.seed is not None else secrets.randbelow(2**31)
        planned = request.cues or cueing.plan(clip, seed=seed, kept=self._kept(actor), one=request.one)
        if planned[-1].end_s > clip.seconds + 0.5:
            raise UserError(
                f"A cue ends at {planned[-1].end_s:g} s; the clip is {clip.seconds:g} s long.", "Shorten that cue."
            )
        return request.model_copy(update={"cues": tuple(planned), "seed": seed}), clip

    def _values(self, request: ScoreRequest, number: int) -> dict[str, Any]:
        cue = request.cues[number]
        last = number == len(request.cues) - 1
        seconds = cue.seconds + (0.0 if last else laying.overlap_s(cue))
        return {
            "mood": cue.mood, "genre": cue.genre, "intensity": cue.intensity, "bpm": cue.bpm, "key": cue.key,
            "seconds": round(max(3.0, min(600.0, seconds)), 4), "seed": cue.seed, "ending": cue.ending,
            "stems": False, "name": f"Cue {number + 1}: {cue.mood} {cue.genre}",
            **({"provider": request.provider} if request.provider else {}),
            **({"quality": request.quality} if request.quality else {}),
        }  # fmt: skip

    def _run(self, work: Work) -> Product:
        data = work.job.request
        items: list[dict[str, Any]] = data["items"]
        clip = Clip.model_validate(data["clip"])
        request = ScoreRequest.model_validate({name: data[name] for name in ScoreRequest.model_fields})
        children = [
            # Numbered: a restart that comes by here again finds them instead of making them twice.
            work.child(number, item["kind"], item["request"], item["title"])
            for number, item in enumerate(items, 1)
        ]
        ended = work.wait(children, 0.1, _progress)
        made = [self._primary(job, item) for job, item in zip(ended, items, strict=True)]
        pieces = made[: len(request.cues)]
        with self._store.db.read() as connection:
            film = assets.get(connection, work.actor, data["asset_id"])
            voice = made[-1] if request.text.strip() else None
            if request.voice:
                voice = assets.get(connection, work.actor, request.voice)
        if voice is not None:
            _fits(voice, request, clip)
        mix, project_id = self._mixed(work, request, clip, film, pieces, voice, len(items) + 1)
        return self._film(work, request, clip, film, pieces, voice, mix, project_id)

    def _mixed(
        self, work: Work, request: ScoreRequest, clip: Clip, film: Asset, pieces: Sequence[Asset], voice: Asset | None,
        number: int,
    ) -> tuple[Asset, str]:  # fmt: skip
        project = self._projects.create(
            work.actor, work.job.title, laying.laid(request, clip, film, request.cues, pieces, voice), "Scored",
            project_id=f"project_{work.job.id[-40:]}",
        )  # fmt: skip
        wanted = MixRequest(
            project_id=project.id, version=1, name=f"{work.job.title[:180]}, sound", stems=request.stems
        )
        child = work.child(number, MIX, wanted.model_dump(mode="json"), wanted.name)
        ended = work.wait([child], 0.1, lambda rows: (rows[0].stage, _MADE + (_MIXED - _MADE) * rows[0].fraction))
        return self._primary(ended[0], {"title": "the mix"}), project.id

    def _film(
        self, work: Work, request: ScoreRequest, clip: Clip, film: Asset, pieces: Sequence[Asset], voice: Asset | None,
        mix: Asset, project_id: str,
    ) -> Product:  # fmt: skip
        blobs = self._store.blobs
        sound = work.folder / "sound.m4a"
        heard = self._children.run(
            encode_in_child, (str(blobs.path(mix.sha256)), str(sound), request.loudness), cancelled=work.cancelled,
            progress=lambda stage, share: work.progress(stage, _MIXED + (_ENCODED - _MIXED) * share),
            timeout_s=300 + 2 * clip.seconds,
        )  # fmt: skip
        out = work.folder / "film.mp4"
        longest = self._settings.max_video_minutes * 60
        muxed: Muxed = self._children.run(
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
                "true_peak_dbtp": heard["dbtp"], "picture_copied": muxed.copied,
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
        with self._store.db.read() as connection:
            found = {asset.role: asset for asset in assets.of_job(connection, job.id)}
        if "primary" not in found:
            raise StudioError(
                f"“{item['title'][:80]}” was deleted before it was mixed.", "Score the clip anew.", "gone"
            )
        return found["primary"]


def encode_in_child(request: tuple[str, str, str], progress: Progress) -> dict[str, Any]:
    """(mix, M4A to write, loudness target) → what a listener decodes of it. The codec's own overshoot is trimmed away."""
    from core.audio import files

    mix, out, target = request
    progress("Encoding the sound", 0.1)
    audio = files.decode(mix)
    made = loudness.encode_to_target(out, audio.samples, audio.sample_rate, "m4a", loudness.target(target))
    return {"lufs": made.lufs, "dbtp": made.dbtp, "sample_rate": made.sample_rate}


def _fits(voice: Asset, request: ScoreRequest, clip: Clip) -> None:
    if not voice.sounds:
        raise UserError(f"“{voice.name}” has no sound.", "Choose a recording of a voice.")
    over = request.voice_start_s + (voice.duration_s or 0.0) - clip.seconds
    if over > 0.05:
        raise UserError(
            f"The voice runs {over:.1f} s over the end of the clip.",
            "Start it earlier, shorten the text, or speak faster.", "voice_too_long",
        )  # fmt: skip


def _speech(request: ScoreRequest) -> dict[str, Any]:
    return {"text": request.text} | ({"voice": request.speaker} if request.speaker else {})


def _progress(rows: Sequence[Job]) -> tuple[str, float]:
    done = sum(1.0 if row.ended else row.fraction for row in rows)
    over = sum(row.ended for row in rows)
    return f"{over} of {len(rows)} pieces made", _MADE * done / max(1, len(rows))
