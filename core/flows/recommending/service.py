"""What music goes with a scene, a clip, a film that is only described, or a piece one likes; and making it.

What somebody kept of earlier suggestions shifts the order of the next ones, by counts that every recommendation states.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from core.flows.recommending import cues, described, liking, rules, suggesting
from core.flows.recommending.cues import Cue
from core.flows.recommending.liking import Like
from core.flows.recommending.types import Kept, Recommendation
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import StudioError, UserError
from core.music.service import Music
from core.store import suggestions
from core.store.jobs import Job
from core.store.store import Store
from core.video.service import Video
from core.video.types import Clip, Scene

MOST_SCENES = 500
"""Of one request."""
_SHORTEST_S, _LONGEST_S = 3.0, 600.0
"""Of a piece of music."""
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Failed:
    """A scene that nothing could be said of, or made for."""

    scene_id: str
    message: str
    hint: str
    code: str


@dataclass(frozen=True)
class Started:
    """Of many scenes: each has its own job, so one that fails takes no other with it."""

    total: int
    started: int
    generations: tuple[tuple[str, Job], ...]
    """(scene id, job)"""
    failed: tuple[Failed, ...]


class _Clips:
    """What one request has looked up: however many scenes of a clip it names, the clip is read once."""

    def __init__(self, video: Video, actor: Actor, kept: Sequence[Kept]) -> None:
        self._video, self._actor = video, actor
        self.kept = kept
        self._of_scene: dict[str, tuple[str, Clip]] = {}
        self._homes: dict[str, Recommendation] = {}

    def scene(self, scene_id: str) -> tuple[str, Clip, Scene]:
        """(id of its clip, the clip, the scene)"""
        if scene_id not in self._of_scene:
            row, clip, _ = self._video.scene(self._actor, scene_id)
            self._of_scene |= {each.id: (row.id, clip) for each in clip.scenes}
        clip_id, clip = self._of_scene[scene_id]
        return clip_id, clip, next(each for each in clip.scenes if each.id == scene_id)

    def home(self, clip_id: str, clip: Clip) -> Recommendation:
        """Of its longest scene, which the others go with."""
        if clip_id not in self._homes:
            self._homes[clip_id] = rules.for_scene(clip, _home(clip), self.kept)
        return self._homes[clip_id]

    def said(self, scene_id: str) -> Recommendation:
        clip_id, clip, scene = self.scene(scene_id)
        home = self.home(clip_id, clip)
        return home if _home(clip).number == scene.number else rules.for_scene(clip, scene, self.kept, home.bpm)


class Recommending:
    def __init__(self, store: Store, jobs: Jobs, children: Children, video: Video, music: Music) -> None:
        self._store = store
        self._jobs = jobs
        self._children = children
        self._video = video
        self._music = music

    def kept(self, actor: Actor) -> tuple[Kept, ...]:
        """What became of what this user made from suggestions, by kind of scene and genre. Made: the job is done. Kept:
        the piece is still there, in no bin, and not rated under three stars."""
        with self._store.db.read() as connection:
            found = suggestions.fates(connection, actor.user_id)
        return tuple(
            Kept(scene_type=each.scene_type, genre=each.genre, kept=each.kept, made=each.made) for each in found
        )

    def for_scene(self, actor: Actor, scene_id: str) -> Recommendation:
        """Its tempo goes with that of the clip's longest scene."""
        return self._clips(actor).said(scene_id)

    def for_scenes(
        self, actor: Actor, scene_ids: Sequence[str]
    ) -> tuple[tuple[tuple[str, Recommendation], ...], tuple[Failed, ...]]:
        return _each(_checked(scene_ids), self._clips(actor).said)

    def for_clip(self, actor: Actor, clip_id: str, *, seed: int | None = None, one: bool = False) -> tuple[Cue, ...]:
        """Without a seed always the same plan for the same clip."""
        _, clip = self._video.clip(actor, clip_id)
        return cues.plan(clip, seed=seed_of(clip_id) if seed is None else seed, kept=self.kept(actor), one=one)

    def for_video(
        self, title: str = "", description: str = "", category: str = "", tags: Sequence[str] = (), *,
        seconds: float | None = None,
    ) -> Recommendation:  # fmt: skip
        """From what is said of a film, in English or French."""
        return described.recommend(title, description, category, tags, seconds)

    def like(self, actor: Actor, asset_id: str, limit: int = 10) -> tuple[Like, ...]:
        """The library's music that sounds most like it, nearest first."""
        return liking.nearest(self._store, self._children, actor, asset_id, limit)

    def generate(
        self,
        actor: Actor,
        scene_id: str,
        *,
        provider: str | None = None,
        use_recommendations: bool = True,
        cap_usd: Decimal | None = None,
        priority: str = "normal",
        idempotency_key: str | None = None,
        **changes: Any,
    ) -> Job:
        """A piece as long as the scene. `changes`: values of a request for music that win over what is suggested;
        without recommendations they are all there is, and mood and genre are left to the engine."""
        return self._generate(
            self._clips(actor),
            actor,
            scene_id,
            provider,
            use_recommendations,
            cap_usd,
            priority,
            idempotency_key,
            changes,
        )

    def _generate(
        self, clips: _Clips, actor: Actor, scene_id: str, provider: str | None, recommended: bool, cap_usd: Decimal | None,
        priority: str, idempotency_key: str | None, changes: Mapping[str, Any],
    ) -> Job:  # fmt: skip
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        values = _values(clips, scene_id, provider, recommended, changes)
        return self._music.compose(actor, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd, **values)

    def generate_many(
        self,
        actor: Actor,
        scene_ids: Sequence[str],
        *,
        provider: str | None = None,
        use_recommendations: bool = True,
        cap_usd: Decimal | None = None,
        priority: str = "normal",
        idempotency_key: str | None = None,
        **changes: Any,
    ) -> Started:
        """One job for each scene; scenes of one clip share a family of keys, related tempos and returning themes.
        `cap_usd` is each piece's own. With a key, the same call again answers the same jobs, and makes what failed
        then."""
        wanted, clips = _checked(scene_ids), self._clips(actor)

        def make(scene_id: str) -> Job:
            key = None if idempotency_key is None else _key(idempotency_key, scene_id)
            return self._generate(
                clips, actor, scene_id, provider, use_recommendations, cap_usd, priority, key, changes
            )  # fmt: skip

        made, failed = _each(wanted, make)
        return Started(len(wanted), len(made), made, failed)

    def asked(
        self, actor: Actor, scene_ids: Sequence[str], *, provider: str | None = None, use_recommendations: bool = True,
        **changes: Any,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """What generate() asks of music for each of them: for whoever wants its price first, or makes them as one batch."""
        clips = self._clips(actor)
        return [_values(clips, scene_id, provider, use_recommendations, changes) for scene_id in scene_ids]

    def _clips(self, actor: Actor) -> _Clips:
        return _Clips(self._video, actor, self.kept(actor))


def _values(
    clips: _Clips, scene_id: str, provider: str | None, recommended: bool, changes: Mapping[str, Any]
) -> dict[str, Any]:
    clip_id, clip, scene = clips.scene(scene_id)
    given = {name: value for name, value in changes.items() if value is not None}
    named = given.get("name") or f"Scene {scene.number}"
    length = {"seconds": round(min(_LONGEST_S, max(_SHORTEST_S, scene.seconds)), 3), "name": named}
    engine = {"provider": provider} if provider else {}
    if not recommended:
        return length | given | engine
    said = clips.said(scene_id)
    values = suggesting.values_of(said, str(given.get("genre") or ""))
    seed = seed_of(clip_id)
    values |= {
        "key": cues.key_beside(clips.home(clip_id, clip).mood, said.mood, seed),
        # The same music for the same kind of scene: so a theme returns.
        "seed": cues.theme_seed(seed, said.genre, said.mood),
    }
    values |= length | given | engine
    if not given.get("name"):
        values["name"] = f"{named}: {values['mood']} {values['genre']}"
    values["suggestion"] = suggesting.for_scene(clip_id, scene, said, given)
    return values


def _home(clip: Clip) -> Scene:
    return max(clip.scenes, key=lambda each: each.seconds)


def seed_of(clip_id: str) -> int:
    """The clip's own, so that what is made for its scenes one after the other goes together."""
    return int.from_bytes(hashlib.sha256(clip_id.encode()).digest()[:4], "big") >> 1


def _each(
    scene_ids: Sequence[str], ask: Callable[[str], Answer]
) -> tuple[tuple[tuple[str, Answer], ...], tuple[Failed, ...]]:
    found: list[tuple[str, Answer]] = []
    failed: list[Failed] = []
    for scene_id in scene_ids:
        try:
            found.append((scene_id, ask(scene_id)))
        except StudioError as error:
            failed.append(Failed(scene_id, error.message, error.hint, error.code))
    return tuple(found), tuple(failed)


def _checked(scene_ids: Sequence[str]) -> list[str]:
    """Each once, in their order."""
    wanted = list(dict.fromkeys(scene_ids))
    if not wanted:
        raise UserError("No scene was named.", "Name at least one: GET /api/video/scenes lists them.", "no_scenes")
    if len(wanted) > MOST_SCENES:
        raise UserError(f"{len(wanted)} scenes are too many at once.", f"Send at most {MOST_SCENES}.", "too_many")
    return wanted


def _key(key: str, scene_id: str) -> str:
    """One for each scene; within what a key may be long."""
    return hashlib.sha256(f"{key}\n{scene_id}".encode()).hexdigest()
