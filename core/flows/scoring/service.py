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

from core.flows.recommending import cues as cueing
from core.flows.recommending import suggesting
from core.flows.recommending.cues import MOST, Cue
from core.flows.recommending.types import Kept
from core.flows.scoring import fitting, laying
from core.flows.scoring.making import Making, foreseen
from core.flows.scoring.request import ScoreRequest, fits, score_request
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.kit.settings import Settings
from core.music.engine import KIND as MUSIC
from core.music.service import Music
from core.sound.projects import Projects
from core.store import assets
from core.store.jobs import Job
from core.store.store import Store
from core.video.service import Video
from core.video.types import Clip
from core.voice.pieces import KIND as SPEECH
from core.voice.service import Speech

KIND = "score"


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
        self._store = store
        self._jobs = jobs
        self._video = video
        self._music = music
        self._voice = voice
        self._kept = kept
        self._making = Making(settings, store, children, music, voice, projects)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", self._making.run),)

    def plan(self, actor: Actor, *, cap_usd: Decimal | None = None, **values: Any) -> ScorePlan:
        """Raises what submit() would raise for these values."""
        request, clip = self._checked(actor, values)
        items = self._items(actor, request, "", cap_usd, clip)
        usd = foreseen(self._music, self._voice, actor, items, cap_usd)
        first = items[0]["request"]
        return ScorePlan(request.cues, request.seed or 0, usd, str(first.get("provider") or first["engines"][0]))

    def submit(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        **values: Any,
    ) -> Job:
        """Every cue is checked now against its engine, the text against its voice, and all of it together against every
        cap."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        request, clip = self._checked(actor, values)
        row, _ = self._video.clip(actor, request.clip_id)
        title = request.name or f"{row.name}, scored"
        items = self._items(actor, request, title, cap_usd, clip)
        foreseen(self._music, self._voice, actor, items, cap_usd)
        whole = request.model_dump(mode="json") | {
            "name": title, "asset_id": row.asset_id, "items": items, "clip": clip.model_dump(mode="json"),
        }  # fmt: skip
        return self._jobs.submit(
            actor, KIND, whole, title=title, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def _items(
        self, actor: Actor, request: ScoreRequest, title: str, cap_usd: Decimal | None, clip: Clip
    ) -> list[dict[str, Any]]:
        """What is made for it: a piece for each cue, with what was suggested there, and speech where there is a text."""
        kept = self._kept(actor)
        planned = cueing.plan(clip, seed=request.seed or 0, kept=kept)
        told = [suggesting.for_cue(request.clip_id, clip, cue, kept, planned) for cue in request.cues]
        items = [
            {"kind": MUSIC, "request": self._music.request(
                actor, cap_usd=cap_usd, suggestion=told[number], **self._values(request, number)),
             "title": f"{title[:100]}, cue {number + 1}"}
            for number in range(len(request.cues))
        ]  # fmt: skip
        if request.text.strip():
            spoken = self._voice.prepared(actor, cap_usd=cap_usd, **_speech(request))
            items.append({"kind": SPEECH, "request": spoken, "title": f"{title[:100]}, voice"})
        return items

    def _checked(self, actor: Actor, values: dict[str, Any]) -> tuple[ScoreRequest, Clip]:
        request = score_request(**values)
        row, clip = self._video.clip(actor, request.clip_id)
        with self._store.db.read() as connection:
            film = assets.get(connection, actor, row.asset_id)
            if film.deleted_at is not None:
                raise UserError(f"The film “{film.name}” is in the bin.", "Restore it first.", "in_bin")
            if request.voice:
                fits(assets.get(connection, actor, request.voice), request, clip)
        seed = request.seed if request.seed is not None else secrets.randbelow(2**31)
        planned = request.cues or cueing.plan(clip, seed=seed, kept=self._kept(actor), one=request.one)
        if planned[-1].end_s > clip.seconds + 0.5:
            raise UserError(
                f"A cue ends at {planned[-1].end_s:g} s; the clip is {clip.seconds:g} s long.", "Shorten that cue."
            )
        planned = fitting.fitted(planned, clip, self._music.lengths(request.provider)[1])
        if len(planned) > MOST:
            raise UserError(
                f"This would take {len(planned)} pieces of music; at most {MOST} can be laid under a clip.",
                "Choose an engine that makes longer pieces, or cut the clip into parts.", "too_many_cues",
            )  # fmt: skip
        return request.model_copy(update={"cues": planned, "seed": seed}), clip

    def hear(self, actor: Actor, number: int, *, cap_usd: Decimal | None = None, **values: Any) -> Job:
        """The music of one cue alone (the first is 0), asked for as submit() asks for it: what is heard is what is laid
        in, and a paid engine finds it in the library then. Of one that its engine cannot make at a time: its first part."""
        request, clip = self._checked(actor, values)
        asked = values.get("cues") or request.cues
        if not 0 <= number < len(asked):
            raise UserError(f"There is no cue {number + 1}.", f"There are {len(asked)}.", "cue")
        start_s = score_request(**values | {"cues": asked}).cues[number].start_s
        number = min(range(len(request.cues)), key=lambda each: abs(request.cues[each].start_s - start_s))
        kept = self._kept(actor)
        planned = cueing.plan(clip, seed=request.seed or 0, kept=kept)
        told = suggesting.for_cue(request.clip_id, clip, request.cues[number], kept, planned)
        wanted = self._values(request, number)
        return self._music.compose(actor, priority="urgent", cap_usd=cap_usd, suggestion=told, **wanted)

    def _values(self, request: ScoreRequest, number: int) -> dict[str, Any]:
        cue = request.cues[number]
        last = number == len(request.cues) - 1
        shortest, longest = self._music.lengths(request.provider)
        seconds = cue.seconds + (0.0 if last else laying.overlap_s(cue))
        return {
            "mood": cue.mood, "genre": cue.genre, "intensity": cue.intensity, "bpm": cue.bpm, "key": cue.key,
            "seconds": round(max(shortest, min(longest, seconds)), 4), "seed": cue.seed, "ending": cue.ending,
            "stems": False, "name": f"Cue {number + 1}: {cue.mood} {cue.genre}",
            **({"provider": request.provider} if request.provider else {}),
            **({"quality": request.quality} if request.quality else {}),
        }  # fmt: skip


def _speech(request: ScoreRequest) -> dict[str, Any]:
    return {"text": request.text} | ({"voice": request.speaker} if request.speaker else {})
