"""Who sees a row and who may change it. Rules that every noun shares stand here; each noun says which of them it has."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, or_, true

from core.kit.actor import Actor
from core.store import teams


def visible(actor: Actor, table: Table, noun: str, *others: ColumnElement[bool]) -> ColumnElement[bool]:
    """One's own and what was shared with one's teams, or any of `others`. Administrators see all."""
    if actor.is_admin:
        return true()
    return or_(table.c.user_id == actor.user_id, teams.shared_with(actor, noun, table.c.id), *others)


def public(table: Table) -> ColumnElement[bool]:
    return table.c.visibility == "public"


def owned(actor: Actor, table: Table) -> ColumnElement[bool]:
    return true() if actor.is_admin else table.c.user_id == actor.user_id


def editable(actor: Actor, table: Table, noun: str) -> ColumnElement[bool]:
    """One's own, and what was shared with a team one may edit in. What is public is its owner's alone."""
    if actor.is_admin:
        return true()
    return or_(
        table.c.user_id == actor.user_id, teams.shared_with(actor, noun, table.c.id, (teams.OWNER, teams.EDITOR))
    )
