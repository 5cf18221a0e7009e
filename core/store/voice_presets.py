"""Saved ways of speaking: a voice with its settings under a name, and which of them somebody starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound
from core.store import preferences, reach, teams
from core.store.db import Utc, metadata

NOUN = "voice_preset"
_DEFAULT = "voice_preset"
"""Name of the preference that holds a default: a user's under the user, a project's as `voice_preset:PROJECT`. Not in
the project's document: that is versioned, and another default is no edit anybody would want to undo, nor a conflict
with what a colleague saves meanwhile."""

table = Table(
    "voice_presets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("folded", String(240), nullable=False),  # the name as it is compared; folding may lengthen it threefold
    Column("settings", JSON, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("user_id", "folded"),
)


@dataclass(frozen=True)
class PresetRow:
    id: str
    name: str
    folded: str
    settings: dict[str, Any]
    """Names and values of core.voice.types.SpeechRequest; `voice`, an id, is always among them."""
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime


def folded(name: str) -> str:
    return name.casefold()


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own and what was shared with one's teams. Administrators see all."""
    return reach.visible(actor, table, NOUN)


def add(connection: Connection, actor: Actor, name: str, settings: dict[str, Any]) -> str:
    preset_id = new_id("preset")
    row = {
        "id": preset_id, "name": name, "folded": folded(name), "settings": settings, "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "visibility": "private", "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    connection.execute(insert(table).values(row))
    return preset_id


def get(connection: Connection, actor: Actor, preset_id: str, *, own: bool = False) -> PresetRow:
    """`own`: to change it, which is its owner's or an administrator's; AccessError for one that is only shared."""
    found = select(table).where(table.c.id == preset_id, visible(actor))
    row = connection.execute(found).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no voice preset {preset_id[:60]!r}.", "List yours with: studio voices presets", "no_preset"
        )
    preset = PresetRow(**row)
    if own and preset.user_id != actor.user_id and not actor.is_admin:
        raise AccessError(
            f"The preset {preset.name!r} is shared with you: you may speak with it, not change it.",
            "Save it under a name of your own.",
        )
    return preset


def listing(connection: Connection, actor: Actor) -> list[PresetRow]:
    """One's own first, then by name."""
    others = (table.c.user_id != actor.user_id).label("others")
    rows = connection.execute(select(table).where(visible(actor)).order_by(others, table.c.folded, table.c.id))
    return [PresetRow(**row) for row in rows.mappings()]


def called(connection: Connection, actor: Actor, name: str) -> list[PresetRow]:
    """Those of this name, case aside; one's own first."""
    others = (table.c.user_id != actor.user_id).label("others")
    found = select(table).where(visible(actor), table.c.folded == folded(name)).order_by(others, table.c.id)
    return [PresetRow(**row) for row in connection.execute(found).mappings()]


def of_user(connection: Connection, user_id: str, name: str) -> str | None:
    found = select(table.c.id).where(table.c.user_id == user_id, table.c.folded == folded(name))
    return connection.execute(found).scalar_one_or_none()


def count(connection: Connection, user_id: str) -> int:
    found = select(func.count()).select_from(table).where(table.c.user_id == user_id)
    return int(connection.execute(found).scalar_one())


def change(connection: Connection, preset_id: str, name: str, settings: dict[str, Any]) -> None:
    changed = {"name": name, "folded": folded(name), "settings": settings, "updated_at": now()}
    connection.execute(update(table).where(table.c.id == preset_id).values(changed))


def remove(connection: Connection, preset_id: str) -> None:
    """With its shares. Whoever started from it has no default from then on."""
    teams.unshare(connection, NOUN, [preset_id])
    connection.execute(delete(table).where(table.c.id == preset_id))


def default_id(connection: Connection, user_id: str, project_id: str = "") -> str:
    """The project's where one is named, otherwise the user's; "" where none is set. It may be gone meanwhile."""
    if project_id:
        return str(preferences.read(connection, f"{_DEFAULT}:{project_id}", ""))
    return str(preferences.read(connection, _DEFAULT, "", user_id))


def set_default(connection: Connection, user_id: str, preset_id: str, project_id: str = "") -> None:
    if project_id:
        preferences.write(connection, f"{_DEFAULT}:{project_id}", preset_id)
    else:
        preferences.write(connection, _DEFAULT, preset_id, user_id)


def forget_project(connection: Connection, project_id: str) -> None:
    """What the project says of voices: its default preset and its pronunciations."""
    preferences.drop(connection, preferences.words_of(project_id))
    preferences.drop(connection, f"{_DEFAULT}:{project_id}")
