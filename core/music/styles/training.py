"""The job that teaches MusicGen a style that was measured before: from the same tracks, asked for their rights once more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

from core.calls.asking import Bought
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import UserError
from core.models.catalogue import find
from core.music.providers.musicgen import NAME
from core.music.providers.musicgen_prompt import text_of
from core.music.providers.musicgen_training import EPOCHS, KIND, MusicGenTraining, StyleLesson, heard_s
from core.music.styles import rights
from core.music.styles.lora import Track
from core.music.types import Genre, Mood, MusicRequest
from core.providers.registry import Registry
from core.rights import licences
from core.store import assets, styles
from core.store.assets import Asset
from core.store.store import BLOBS, Store, drop
from core.store.styles import StyleRow

JOB = "style_lora"
MOST_EPOCHS = 200
_KEEPING = 0.99


@dataclass(frozen=True)
class Plan:
    """What a training will take, before anything is queued."""

    model: str
    tracks: int
    sound_s: float
    """Learned from in each epoch."""
    epochs: int
    """At most: it ends when what was held out is guessed no better."""
    work_s: float
    measured: bool
    """By an earlier training on this machine; else by a rough table."""
    licence: str
    licence_url: str
    """Of the weights: it binds what is made with them."""


@dataclass(frozen=True)
class Training:
    store: Store
    registry: Registry
    cache: Path
    """Where it is remembered how long the last one took."""

    @property
    def kind(self) -> JobKind:
        return JobKind(JOB, "cpu", self._run)

    def plan(self, actor: Actor, style_id: str, model: str, epochs: int | None) -> tuple[Plan, StyleRow]:
        """UserError, RightsError or SetupError for whatever stands in the way, before anything is queued."""
        with self.store.db.read() as connection:
            row = styles.get(connection, actor, style_id, own=True)
            tracks = still_there(connection, actor, row)
        wanted = EPOCHS if epochs is None else epochs
        if not 1 <= wanted <= MOST_EPOCHS:
            raise UserError(
                f"{wanted} epochs cannot be asked for.", f"1 to {MOST_EPOCHS}; {EPOCHS} is usual.", "epochs"
            )
        of = self._teacher().ready(model)
        sound_s = heard_s([each.duration_s or 0.0 for each in tracks])
        work_s, measured = self._teacher().estimate_s(sound_s, wanted, of, self.cache)
        weights = find(of.weights)
        plan = Plan(
            of.name, len(tracks), sound_s, wanted, round(work_s, 1), measured, weights.licence, weights.licence_url
        )
        return plan, row

    @staticmethod
    def request(plan: Plan, row: StyleRow) -> dict[str, Any]:
        """Of the job; the seed is drawn once, so that what goes on after a crash is the same training."""
        return {
            "style_id": row.id, "model": plan.model, "epochs": plan.epochs, "seed": secrets.randbelow(2**31),
            "plan": asdict(plan),
        }  # fmt: skip

    def _run(self, work: Work) -> Product:
        request = work.job.request
        with self.store.db.read() as connection:
            # Asked again: a track may have been given away or thrown away while this waited.
            row = styles.get(connection, work.actor, request["style_id"], own=True)
            tracks = still_there(connection, work.actor, row)
        lesson = StyleLesson(
            tuple(Track(self.store.blobs.path(each.sha256), words_of(each)) for each in tracks),
            heard_s([each.duration_s or 0.0 for each in tracks]), request["model"], request["epochs"], request["seed"],
            work.folder / "training",
        )  # fmt: skip
        bought = work.buy(KIND, lesson, provider=NAME, model=request["model"], share=(0.0, _KEEPING))
        self._keep(work, row, bought, [each.id for each in tracks])
        told = {name: bought.made.facts[name] for name in ("model", "epochs", "best_epoch", "work_s", "licence")}
        return Product(
            (), row.name, "ai_music", {}, licences.record(bought.licence), answer={"style_id": row.id} | told
        )

    def _teacher(self) -> MusicGenTraining:
        """SetupError where it is not ready, or was switched off."""
        return cast(MusicGenTraining, self.registry.route(KIND, NAME)[0])

    def _keep(self, work: Work, row: StyleRow, bought: Bought, sources: Sequence[str]) -> None:
        (output,) = bought.made.outputs
        sha256, size = self.store.blobs.keep(output.path)
        facts = dict(bought.made.facts) | {
            "sources": list(sources), "job_id": work.job.id, "learned_at": now().isoformat(), "rights": row.rights,
        }  # fmt: skip
        with self.store.db.shared(BLOBS) as connection:
            work.still_ours(connection)
            gone = styles.put(connection, row.id, bought.provider, facts["model"], sha256, size, facts)
            if not self.store.blobs.has(sha256):  # somebody dropped the same bytes just now
                self.store.blobs.keep(output.path)
        drop(self.store, gone)


def still_there(connection: Any, actor: Actor, row: StyleRow) -> list[Asset]:
    """The style's tracks, if each may still be learned from and enough are left; one that is gone for good is left out."""
    left = [each for each in row.sources if assets.source(connection, each) is not None]
    if len(left) < rights.FEWEST:
        raise UserError(
            f"Of the tracks of the style {row.name!r}, {len(left)} are left.",
            f"MusicGen learns from {rights.FEWEST} at least: learn the style anew from other tracks.", "tracks",
        )  # fmt: skip
    return rights.tracks(connection, actor, left)


def words_of(asset: Asset) -> str:
    """What the track is described by, in the words in which a request is told to MusicGen."""
    known: dict[str, Any] = {
        "genre": asset.genre if asset.genre in get_args(Genre) else None, "key": asset.key,
        "mood": asset.mood if asset.mood in get_args(Mood) else None, "instruments": tuple(asset.instruments),
        "bpm": round(asset.bpm) if asset.bpm else None,
    }  # fmt: skip
    return text_of(MusicRequest.model_construct(**known))
