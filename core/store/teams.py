"""Teams: who works together, in which role, who is invited, and what was shared with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table

from core.store.db import Utc, metadata

table = Table(
    "teams",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("created_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
)

members = Table(
    "team_members",
    metadata,
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", String(10), nullable=False),
    Column("joined_at", Utc, nullable=False),
)

invitations = Table(
    "team_invitations",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(10), nullable=False),
    Column("invited_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("accepted_at", Utc),
)

shares = Table(
    "shares",
    metadata,
    Column("noun", String(20), primary_key=True),  # asset, project, voice
    Column("subject_id", String(60), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("shared_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_shares_team_id_noun", "team_id", "noun"),
)

OWNER, EDITOR, VIEWER = "owner", "editor", "viewer"
ROLES = (OWNER, EDITOR, VIEWER)


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    created_by: str
    created_at: datetime
