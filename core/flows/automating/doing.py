"""What the actions are: from a clip and a config to a job, priced before it is submitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.flows.automating.types import MusicAction, MusicConfig, Rule, ScoreAction
from core.flows.batch import Batches
from core.flows.recommending.service import MOST_SCENES, Recommending
from core.flows.scoring.service import Scoring
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.engine import KIND as MUSIC
from core.music.service import Music
from core.store.jobs import Job
from core.video.service import Video


@dataclass(frozen=True)
class Planned:
    usd: Decimal
    """The most it can cost."""
    submit: Callable[[str, Decimal | None], Job]
    """Idempotency key, cap → job."""


class Doing:
    def __init__(
        self, video: Video, music: Music, recommending: Recommending, scoring: Scoring, batches: Batches
    ) -> None:
        self._video = video
        self._music = music
        self._recommending = recommending
        self._scoring = scoring
        self._batches = batches

    def check(self, rule: Rule) -> None:
        """UserError for an engine there is none of. Whether it has its key is asked when it is needed."""
        for action in rule.making:
            if action.config.provider:
                self._music.engines.get(action.config.provider)

    def plan(self, actor: Actor, clip_id: str, action: MusicAction | ScoreAction) -> Planned:
        """Raises what submitting would raise."""
        if isinstance(action, ScoreAction):
            return self._score(actor, clip_id, action)
        return self._pieces(actor, clip_id, action.config)

    def _score(self, actor: Actor, clip_id: str, action: ScoreAction) -> Planned:
        asked = action.config.asked()
        found = self._scoring.plan(actor, clip_id=clip_id, **asked)
        # The same seed: what was priced is what is made.
        asked |= {"clip_id": clip_id, "seed": found.seed}

        def submit(key: str, cap_usd: Decimal | None) -> Job:
            return self._scoring.submit(actor, idempotency_key=key, cap_usd=cap_usd, **asked)

        return Planned(found.usd, submit)

    def _pieces(self, actor: Actor, clip_id: str, config: MusicConfig) -> Planned:
        row, clip = self._video.clip(actor, clip_id)
        if len(clip.scenes) > MOST_SCENES:
            raise UserError(
                f"“{row.name}” has {len(clip.scenes):,} scenes; a piece for each is too much.",
                f"At most {MOST_SCENES:,}; score the clip instead: its scenes share cues.",
            )
        wanted = self._recommending.asked(
            actor, [scene.id for scene in clip.scenes], provider=config.provider,
            use_recommendations=config.use_recommendations,
        )  # fmt: skip
        usd = sum((self._music.estimate(actor, **values).usd for values in wanted), Decimal(0))

        def submit(key: str, cap_usd: Decimal | None) -> Job:
            items: list[dict[str, Any]] = [
                {
                    "kind": MUSIC,
                    "request": self._music.request(actor, cap_usd=cap_usd, **values),
                    "title": values["name"],
                }
                for values in wanted
            ]
            return self._batches.submit(
                actor, items, title=f"Music for the scenes of {row.name}", idempotency_key=key, cap_usd=cap_usd
            )

        return Planned(usd, submit)
