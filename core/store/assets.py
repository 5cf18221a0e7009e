"""Assets: the file, its facts, its licence, its cost and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection, RowMapping

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import AccessError, NotFound
from core.store import blobs, jobs, reach, teams, voices
from core.store.db import Usd, Utc, metadata

Kind = Literal[
    "voiceover", "music", "sound_effect", "mix", "video", "captions", "midi", "stem", "image", "soundfont", "document"
]
Source = Literal["tts", "ai_voice", "ai_music", "ai_sound", "cloned", "licensed", "uploaded", "mixed"]
KINDS: tuple[str, ...] = (
    "voiceover", "music", "sound_effect", "mix", "video", "captions", "midi", "stem", "image", "soundfont",
    "document",
)  # fmt: skip
SOURCES: tuple[str, ...] = ("tts", "ai_voice", "ai_music", "ai_sound", "cloned", "licensed", "uploaded", "mixed")

table = Table(
    "assets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False, index=True),
    Column("source", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("folder", String(200), nullable=False, default=""),
    Column("tags", JSON, nullable=False),
    Column("rating", Integer),
    Column("favourite", Boolean, nullable=False, default=False),
    Column("duration_s", Float),
    Column("format", String(10), nullable=False),
    Column("sample_rate", Integer),
    Column("channels", Integer),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("lufs", Float),
    Column("true_peak_dbtp", Float),
    Column("bpm", Float),
    Column("key", String(20)),
    Column("genre", String(40)),
    Column("mood", String(40)),
    Column("intensity", String(20)),
    Column("instruments", JSON, nullable=False),
    Column("peaks", JSON, nullable=False),
    Column("generation_config", JSON, nullable=False),
    Column("cost_usd", Usd, nullable=False),
    Column("licence", JSON, nullable=False),
    Column("made_as", String(64), index=True),  # what was asked of whom, as a hash: to find it before buying it again
    Column("job_id", String(60), index=True),
    Column("role", String(40), nullable=False),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("expires_at", Utc),
    Column("deleted_at", Utc),
    Column("created_at", Utc, nullable=False, index=True),
    Column("updated_at", Utc, nullable=False, index=True),
    UniqueConstraint("job_id", "role"),
    Index("ix_assets_job_fate", "job_id", "role", "deleted_at", "draft"),
    Index("ix_assets_rating", "rating", "job_id"),
)

lineage = Table(
    "asset_sources",
    metadata,
    Column("asset_id", ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("source_id", String(40), primary_key=True),
    Column("role", String(40), nullable=False),
    # What was true of the source when it was used: rights have to outlive the file they came with.
    Column("name", String(200), nullable=False),
    Column("licence", JSON, nullable=False),
)


@dataclass(frozen=True)
class Asset:
    id: str
    kind: str
    source: str
    name: str
    folder: str
    tags: list[str]
    rating: int | None
    favourite: bool
    duration_s: float | None
    format: str
    sample_rate: int | None
    channels: int | None
    bytes: int
    sha256: str
    lufs: float | None
    true_peak_dbtp: float | None
    bpm: float | None
    key: str | None
    genre: str | None
    mood: str | None
    intensity: str | None
    instruments: list[str]
    peaks: list[int]
    """Waveform, 0 to 100, at most 192 values."""
    generation_config: dict[str, Any]
    """Provider, model, voice, text or prompt, settings, seed: enough to make it again."""
    cost_usd: Decimal
    licence: dict[str, Any]
    made_as: str | None
    job_id: str | None
    role: str
    user_id: str
    organisation_id: str
    visibility: str
    draft: bool
    expires_at: datetime | None
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def sounds(self) -> bool:
        """Captions and MIDI have a length, but nothing to hear."""
        return self.kind in SOUNDING and self.duration_s is not None


SOUNDING = frozenset({"voiceover", "music", "sound_effect", "mix", "stem", "video"})

EDITABLE = frozenset(
    {"name", "folder", "tags", "rating", "favourite", "visibility", "licence", "draft", "expires_at", "kind", "mood",
     "genre", "key", "bpm", "lufs", "true_peak_dbtp"}
)  # fmt: skip


EDITORS_MAY = frozenset(
    {"name", "folder", "tags", "rating", "favourite", "mood", "genre", "key", "bpm", "draft", "expires_at"}
)
"""What an editor of a team may change of an asset shared with it. Who sees it, its rights and its end stay its
owner's."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, what is public, what was shared with one's teams."""
    team = and_(table.c.visibility == "organisation", table.c.organisation_id == actor.organisation_id)
    within = team if actor.organisation_id else false()
    return reach.visible(actor, table, "asset", within, reach.public(table))


def owned(actor: Actor) -> ColumnElement[bool]:
    return reach.owned(actor, table)


def editable(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what was shared with a team one may edit in."""
    return reach.editable(actor, table, "asset")


def to_edit(connection: Connection, actor: Actor, asset_id: str) -> Asset:
    """NotFound where the actor does not see it, AccessError where he may only look."""
    found = get(connection, actor, asset_id)
    if connection.execute(select(table.c.id).where(table.c.id == asset_id, editable(actor))).first() is None:
        raise AccessError(f"“{found.name}” was shared with you to look at.", "Ask its owner for the role of an editor.")
    return found


def add(connection: Connection, row: Mapping[str, Any], sources: Iterable[tuple[str, str]] = ()) -> None:
    """Insert an asset and take a reference to its blob. `sources` are (asset id, role) pairs it was made from; with
    the role voices.SOURCE_ROLE it is the id of a voice, which counts as used."""
    connection.execute(insert(table).values(**row))
    for source_id, role in sources:
        of = voices.table if role == voices.SOURCE_ROLE else table
        source = connection.execute(select(of.c.name, of.c.licence, of.c.deleted_at).where(of.c.id == source_id)).one()
        if role == voices.SOURCE_ROLE and source.deleted_at is not None:
            raise NotFound(
                f"The voice {source.name!r} was deleted meanwhile.", "Speak the text with another voice.", "no_voice"
            )
        if role == voices.SOURCE_ROLE and row["role"] == "primary" and not row["draft"]:
            voices.used(connection, source_id)
        link = {"asset_id": row["id"], "source_id": source_id, "role": role}
        connection.execute(insert(lineage).values(**link, name=source.name, licence=source.licence))
    blobs.hold(connection, row["sha256"], row["bytes"])


def get(connection: Connection, actor: Actor, asset_id: str) -> Asset:
    row = connection.execute(select(table).where(table.c.id == asset_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(f"There is no asset {asset_id!r}.", "List what there is with: studio library list")
    return _asset(row)


def by_hash(connection: Connection, actor: Actor, sha256: str) -> Asset | None:
    found = select(table).where(table.c.sha256 == sha256, visible(actor), table.c.deleted_at.is_(None))
    row = connection.execute(found.order_by(table.c.created_at)).mappings().first()
    return None if row is None else _asset(row)


def made_like(connection: Connection, actor: Actor, made_as: str) -> list[Asset]:
    """The actor's own finished pieces that were asked for in the same words, the newest first."""
    found = select(table).where(
        table.c.made_as == made_as, table.c.user_id == actor.user_id, table.c.deleted_at.is_(None), table.c.draft.is_(False),
        table.c.role == "primary",
    )  # fmt: skip
    return [_asset(row) for row in connection.execute(found.order_by(table.c.created_at.desc())).mappings()]


def of_job(connection: Connection, job_id: str, actor: Actor | None = None) -> list[Asset]:
    """Without an actor all of them, for whoever may see the job."""
    where = [table.c.job_id == job_id] + ([visible(actor)] if actor is not None else [])
    rows = connection.execute(select(table).where(*where).order_by(table.c.role != "primary", table.c.role))
    return [_asset(row) for row in rows.mappings()]


def of_children(connection: Connection, actor: Actor, parent_id: str) -> dict[str, Asset]:
    """The primary of every child of a job, by the child's id."""
    children = select(jobs.table.c.id).where(jobs.table.c.parent_id == parent_id)
    found = select(table).where(table.c.job_id.in_(children), table.c.role == "primary", visible(actor))
    return {str(row["job_id"]): _asset(row) for row in connection.execute(found).mappings()}


def search(
    connection: Connection,
    actor: Actor,
    *,
    words: str = "",
    kinds: Sequence[str] = (),
    folder: str | None = None,
    tag: str | None = None,
    favourite: bool | None = None,
    binned: bool = False,
    drafts: bool = False,
    parts: bool = False,
    order: str = "new",
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[Asset], int]:
    """A page of assets, newest first unless asked otherwise, and how many match in all. `parts` includes what came
    beside a primary output (stems, captions, MIDI)."""
    where: list[ColumnElement[bool]] = [visible(actor)]
    where.append(table.c.deleted_at.is_not(None) if binned else table.c.deleted_at.is_(None))
    if not drafts:
        where.append(table.c.draft.is_(False))
    if kinds:
        where.append(table.c.kind.in_(kinds))
    elif not parts:
        where.append(or_(table.c.role == "primary", table.c.role.like("variant:%")))
    if folder is not None:
        where.append(table.c.folder == folder)
    if favourite is not None:
        where.append(table.c.favourite.is_(favourite))
    if tag:
        where.append(func.lower(table.c.tags.cast(String)).contains(f'"{tag.lower()}"', autoescape=True))
    for word in words.lower().split():
        haystack = [table.c.name, table.c.folder, table.c.genre, table.c.mood, table.c.key, table.c.kind]
        matches = [func.lower(column).contains(word, autoescape=True) for column in haystack]
        matches += [
            func.lower(table.c.tags.cast(String)).contains(word, autoescape=True),
            func.lower(table.c.generation_config.cast(String)).contains(word, autoescape=True),
        ]
        where.append(or_(*matches))
    total = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    orders: dict[str, tuple[Any, ...]] = {
        "new": (table.c.created_at.desc(), table.c.id.desc()),
        "name": (func.lower(table.c.name), table.c.id),
        "rating": (table.c.rating.desc(), table.c.id),
        "duration": (table.c.duration_s.desc(), table.c.id),
    }
    rows = connection.execute(
        select(table).where(*where).order_by(*orders.get(order, orders["new"])).limit(limit).offset(offset)
    )
    return [_asset(row) for row in rows.mappings()], total


@dataclass(frozen=True)
class Link:
    asset_id: str
    source_id: str
    role: str
    name: str
    licence: dict[str, Any]


def sources_of(connection: Connection, asset_id: str) -> list[Link]:
    rows = connection.execute(select(lineage).where(lineage.c.asset_id == asset_id).order_by(lineage.c.role))
    return [Link(**row) for row in rows.mappings()]


def source(connection: Connection, asset_id: str) -> Asset | None:
    """For walking a lineage: whatever an asset was made from counts, also what its owner may not see himself."""
    row = connection.execute(select(table).where(table.c.id == asset_id)).mappings().first()
    return None if row is None else _asset(row)


def made_from(connection: Connection, asset_id: str) -> list[str]:
    return list(connection.execute(select(lineage.c.asset_id).where(lineage.c.source_id == asset_id)).scalars())


def pieces_among(connection: Connection, asset_ids: Sequence[str]) -> list[tuple[str, str]]:
    """(id, name) of those that are no stem and no captions of another, the newest first."""
    piece = or_(table.c.role == "primary", table.c.role.like("variant:%"))
    found = select(table.c.id, table.c.name).where(table.c.id.in_(asset_ids), piece).order_by(table.c.created_at.desc())
    return [(str(row.id), str(row.name)) for row in connection.execute(found)]


def drafts_among(connection: Connection, asset_ids: Sequence[str]) -> list[str]:
    found = select(table.c.id).where(table.c.id.in_(asset_ids), table.c.draft.is_(True))
    return list(connection.execute(found).scalars())


def whole(connection: Connection, asset_ids: Sequence[str]) -> list[str]:
    """The assets and, for each primary one, what came with it from the same job: stems, captions, MIDI."""
    primary = select(table.c.job_id).where(
        table.c.id.in_(asset_ids), table.c.role == "primary", table.c.job_id.is_not(None)
    )
    parts = select(table.c.id).where(table.c.job_id.in_(primary), table.c.role.not_like("variant:%"))
    return list(dict.fromkeys([*asset_ids, *connection.execute(parts).scalars()]))


def edit(connection: Connection, actor: Actor, asset_ids: Sequence[str], **changes: Any) -> int:
    unknown = set(changes) - EDITABLE - {"deleted_at"}
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    allowed = editable(actor) if set(changes) <= EDITORS_MAY else owned(actor)
    result = connection.execute(
        update(table).where(table.c.id.in_(asset_ids), allowed).values(**changes, updated_at=now())
    )
    return result.rowcount


def remove(connection: Connection, asset_id: str) -> str | None:
    """Delete the row for good and give its blob back; answers the blob's hash when nothing refers to it any more."""
    row = connection.execute(select(table.c.sha256).where(table.c.id == asset_id)).first()
    if row is None:
        return None
    above = sources_of(connection, asset_id)
    for child in made_from(connection, asset_id):
        # What was made from this was also made from its sources: keep that knowledge when the link in between goes.
        known = {link.source_id for link in sources_of(connection, child)}
        for link in above:
            if link.source_id not in known:
                connection.execute(insert(lineage).values(**{**link.__dict__, "asset_id": child}))
        if any(link.role != voices.SOURCE_ROLE for link in above):  # else its own licence still speaks for itself
            connection.execute(delete(lineage).where(lineage.c.asset_id == child, lineage.c.source_id == asset_id))
    connection.execute(delete(lineage).where(lineage.c.asset_id == asset_id))
    teams.unshare(connection, "asset", [asset_id])
    connection.execute(delete(table).where(table.c.id == asset_id))
    return blobs.let_go(connection, str(row.sha256))


def expired(connection: Connection, moment: datetime) -> list[str]:
    return list(connection.execute(select(table.c.id).where(table.c.expires_at < moment)).scalars())


def folders(connection: Connection, actor: Actor) -> list[str]:
    found = select(table.c.folder).where(visible(actor), table.c.deleted_at.is_(None), table.c.folder != "").distinct()
    return sorted(connection.execute(found).scalars())


def _asset(row: RowMapping) -> Asset:
    return Asset(**row)
