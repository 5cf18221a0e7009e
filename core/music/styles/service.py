"""Styles of one's own: learn, train MusicGen on one, list, rename, share, delete."""

from __future__ import annotations

from collections.abc import Sequence

from core.access.sharing import Sharing
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.kit.words import one_line
from core.music.styles import rights
from core.music.styles.learning import JOB, NAME_LENGTH, SUBJECT, Learning
from core.music.styles.training import JOB as TRAINING
from core.music.styles.training import Plan, Training
from core.store import styles
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.store import Store, drop
from core.store.styles import StyleFile, StyleRow

MOST_STYLES = 200


class Styles:
    def __init__(self, store: Store, jobs: Jobs, children: Children, training: Training) -> None:
        self._store = store
        self._jobs = jobs
        self._sharing = Sharing(store)
        self._learning = Learning(store, children)
        self._training = training

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (self._learning.kind, self._training.kind)

    def create(
        self, actor: Actor, name: str, asset_ids: Sequence[str], *, rights_declared: bool, priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:  # fmt: skip
        """A job whose result has `style_id` once it is done. UserError or RightsError, before anything is queued, for too
        few or too many tracks, for one that is not the actor's own, and where no rights are declared."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        title = _named(name)
        agreed = rights.declared(actor, rights_declared)
        with self._store.db.read() as connection:
            tracks = rights.tracks(connection, actor, asset_ids)
            if title.casefold() in styles.names_of(connection, actor.user_id):
                raise _taken(title)
            if styles.count(connection, actor.user_id) >= MOST_STYLES:
                raise UserError(f"You have {MOST_STYLES} styles.", "Delete one that is no longer used.")
        request = {"name": title, "asset_ids": [asset.id for asset in tracks], "rights": agreed}
        return self._jobs.submit(
            actor, JOB, request, title=f"Style {title}", priority=priority, idempotency_key=idempotency_key
        )

    def plan(self, actor: Actor, style_id: str, *, model: str = "", epochs: int | None = None) -> Plan:
        """What teaching it to MusicGen would take; `model`: "" for the usual one. Errors as train()."""
        return self._training.plan(actor, style_id, model, epochs)[0]

    def train(
        self, actor: Actor, style_id: str, *, model: str = "", epochs: int | None = None, priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:  # fmt: skip
        """A job that teaches the style to a model of MusicGen, in place of what that model learned of it before. Its owner's
        alone; UserError, RightsError or SetupError before anything is queued."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        plan, row = self._training.plan(actor, style_id, model, epochs)
        return self._jobs.submit(
            actor, TRAINING, self._training.request(plan, row), title=f"MusicGen {plan.model} learns {row.name}",
            priority=priority, idempotency_key=idempotency_key,
        )  # fmt: skip

    def learned(self, actor: Actor, style_id: str) -> Sequence[StyleFile]:
        """What models learned of it, each with the facts of its training."""
        with self._store.db.read() as connection:
            return styles.files_of(connection, styles.get(connection, actor, style_id).id)

    def list(self, actor: Actor) -> list[StyleRow]:
        """One's own first, then what was shared with one's teams."""
        with self._store.db.read() as connection:
            return styles.listing(connection, actor)

    def get(self, actor: Actor, style_id: str) -> StyleRow:
        with self._store.db.read() as connection:
            return styles.get(connection, actor, style_id)

    def may_be_learned(self, actor: Actor, found: Sequence[Asset]) -> Sequence[Asset]:
        """Those of the actor's pieces that a style may be learned from."""
        own = (one for one in found if one.user_id == actor.user_id and one.kind == "music" and not one.draft)
        return [one for one in own if one.licence.get("id") in rights.OWNED]

    def rename(self, actor: Actor, style_id: str, name: str) -> StyleRow:
        title = _named(name)
        with self._store.db.exclusive(SUBJECT) as connection:
            row = styles.get(connection, actor, style_id, own=True)
            taken = styles.names_of(connection, row.user_id).get(title.casefold(), row.id)
            if taken != row.id:
                raise _taken(title)
            styles.rename(connection, style_id, title)
            return styles.get(connection, actor, style_id)

    def share(self, actor: Actor, style_id: str, team_ids: Sequence[str]) -> StyleRow:
        """With these teams and no others; its owner's alone. Whoever has it may make music in it, and sees the names of
        the tracks in the lineage of what he makes, not the tracks."""
        with self._store.db.read() as connection:
            styles.get(connection, actor, style_id, own=True)
        given = {team.id for team in self._sharing.teams_of(actor, styles.NOUN, style_id)}
        wanted = set(team_ids)
        self._sharing.may_give(actor, wanted - given)  # all of them or none
        for team_id in sorted(wanted - given):
            self._sharing.share(actor, styles.NOUN, style_id, team_id)
        for team_id in sorted(given - wanted):
            self._sharing.unshare(actor, styles.NOUN, style_id, team_id)
        return self.get(actor, style_id)

    def delete(self, actor: Actor, style_id: str) -> None:
        """With what models learned of it. What was made in it stays, with its lineage."""
        with self._store.db.exclusive(SUBJECT) as connection:
            styles.get(connection, actor, style_id, own=True)
            gone = styles.remove(connection, style_id)
        drop(self._store, gone)


def _taken(title: str) -> UserError:
    return UserError(f"You have a style named {title!r} already.", "Choose another name.", "name_taken")


def _named(name: str) -> str:
    title = one_line(name, NAME_LENGTH + 1)
    if not 1 <= len(title) <= NAME_LENGTH:
        raise UserError(f"A style needs a name of 1 to {NAME_LENGTH} characters.", "Give it one.", "bad_name")
    return title
