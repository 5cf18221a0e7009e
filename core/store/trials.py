"""Trials: variants of one piece of music that people compare without knowing which is which, and what they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound
from core.store import teams
from core.store.db import Utc, metadata

NOUN = "trial"

table = Table(
    "trials",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("job_id", String(60), nullable=False, index=True),
    Column("base", JSON, nullable=False),
    Column("axes", JSON, nullable=False),
    Column("variants", JSON, nullable=False),
    # What letters are shuffled by: whoever knows only the ids of trial and listener cannot work the order out.
    Column("salt", String(40), nullable=False),
    Column("kept", Integer),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

choices = Table(
    "trial_choices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("trial_id", ForeignKey("trials.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", String(60), nullable=False),
    Column("winner", Integer),
    Column("tie", Boolean, nullable=False),
    Column("pairs", JSON, nullable=False),
    Column("heard", JSON, nullable=False),
    Column("rating", Integer),
    Column("note", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("trial_id", "user_id"),
)


@dataclass(frozen=True)
class TrialRow:
    id: str
    name: str
    job_id: str
    """Of the batch; variant n is its child n."""
    base: dict[str, Any]
    axes: dict[str, list[Any]]
    """What varies: names and the values there were."""
    variants: list[dict[str, Any]]
    """For each, in order: what is its own of each axis."""
    salt: str
    kept: int | None
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime

    @property
    def given(self) -> bool:
        """It compares things that are there already, under a clip; its variants are drafts of them."""
        return "under" in self.base


@dataclass(frozen=True)
class Choice:
    id: str
    trial_id: str
    user_id: str
    winner: int | None
    """Number of a variant, from 1; None for a tie, or where only pairs were given."""
    tie: bool
    pairs: list[list[int]]
    """[better, worse], numbers of variants."""
    heard: list[int]
    """The variants there were to hear when it was made."""
    rating: int | None
    note: str
    created_at: datetime


def label(value: Any) -> str:
    """A value as it stands in a table of win rates: a template by its name, a number without needless zeros."""
    if isinstance(value, Mapping):
        return str(value.get("name") or "unnamed")
    if isinstance(value, float):
        return f"{value:g}"
    return "left open" if value is None or value == "" else str(value)


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own and what was shared with one's teams. Administrators see all."""
    if actor.is_admin:
        return true()
    return or_(table.c.user_id == actor.user_id, teams.shared_with(actor, NOUN, table.c.id))


def add(connection: Connection, actor: Actor, trial_id: str, **values: Any) -> None:
    row = {
        "id": trial_id, "user_id": actor.user_id, "organisation_id": actor.organisation_id, "visibility": "private",
        "kept": None, "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    connection.execute(insert(table).values(row | values))


def get(connection: Connection, actor: Actor, trial_id: str, *, own: bool = False) -> TrialRow:
    """`own`: to keep one of it, which is its owner's or an administrator's; AccessError for one that is only shared."""
    found = connection.execute(select(table).where(table.c.id == trial_id, visible(actor))).mappings().first()
    if found is None:
        raise NotFound(f"There is no trial {trial_id[:60]!r}.", "List yours with: studio trial show", "no_trial")
    trial = TrialRow(**found)
    if own and trial.user_id != actor.user_id and not actor.is_admin:
        raise AccessError(f"The trial {trial.name!r} is shared with you: you may listen and choose.", "Ask its owner.")
    return trial


def by_job(connection: Connection, job_id: str) -> TrialRow | None:
    found = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if found is None else TrialRow(**found)


def listing(connection: Connection, actor: Actor, limit: int = 200) -> list[TrialRow]:
    """The newest first."""
    rows = connection.execute(select(table).where(visible(actor)).order_by(table.c.created_at.desc()).limit(limit))
    return [TrialRow(**row) for row in rows.mappings()]


def set_kept(connection: Connection, trial_id: str, number: int) -> None:
    connection.execute(update(table).where(table.c.id == trial_id).values(kept=number, updated_at=now()))


def choose(connection: Connection, trial_id: str, user_id: str, **values: Any) -> None:
    row = {"id": new_id("choice"), "trial_id": trial_id, "user_id": user_id, "created_at": now()}
    connection.execute(insert(choices).values(row | values))


def choice_of(connection: Connection, trial_id: str, user_id: str) -> Choice | None:
    found = select(choices).where(choices.c.trial_id == trial_id, choices.c.user_id == user_id)
    row = connection.execute(found).mappings().first()
    return None if row is None else Choice(**row)


def choices_of(connection: Connection, trial_ids: list[str]) -> list[Choice]:
    """Of these trials, in the order they were made."""
    found = select(choices).where(choices.c.trial_id.in_(trial_ids)).order_by(choices.c.created_at, choices.c.id)
    return [Choice(**row) for row in connection.execute(found).mappings()]
