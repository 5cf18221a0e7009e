"""Who holds which bytes: a count for every blob. An asset holds one, and so does every file of a voice
or a style."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

table = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("references", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
)


def hold(connection: Connection, sha256: str, size: int) -> None:
    """Call under shared(BLOBS): bytes that are being held may not be dropped meanwhile."""
    upsert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    entry = upsert(table).values(sha256=sha256, bytes=size, references=1, created_at=now())
    more = {"references": table.c.references + 1}
    connection.execute(entry.on_conflict_do_update(index_elements=["sha256"], set_=more))


def let_go(connection: Connection, sha256: str) -> str | None:
    """Answers the hash when nobody holds these bytes any more: then they are to be dropped."""
    mine = table.c.sha256 == sha256
    connection.execute(update(table).where(mine).values(references=table.c.references - 1))
    if connection.execute(select(table.c.references).where(mine)).scalar_one() > 0:
        return None
    connection.execute(delete(table).where(mine))
    return sha256


def known(connection: Connection, sha256: str) -> bool:
    return connection.execute(select(table.c.sha256).where(table.c.sha256 == sha256)).first() is not None


def hashes(connection: Connection) -> set[str]:
    return set(connection.execute(select(table.c.sha256)).scalars())


def put_right(connection: Connection, sha256: str, size: int, count: int) -> None:
    """After a check found another number of holders than the count says."""
    connection.execute(delete(table).where(table.c.sha256 == sha256))
    if count:
        values = {"sha256": sha256, "bytes": size, "references": count, "created_at": now()}
        connection.execute(insert(table).values(values))
