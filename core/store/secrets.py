"""Secrets that a user typed in: provider keys, webhook secrets. At rest only as ciphertext."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, String, Table, delete, insert, select
from sqlalchemy.engine import Connection

from core.kit.cipher import Cipher
from core.kit.clock import now
from core.kit.errors import SetupError
from core.store.db import Utc, metadata

table = Table(
    "secrets",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("ciphertext", String(4000), nullable=False),
    Column("updated_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class Sealed:
    name: str
    ciphertext: str
    updated_at: datetime


def put(connection: Connection, name: str, ciphertext: str) -> None:
    """Call inside an exclusive transaction on "secrets"."""
    connection.execute(delete(table).where(table.c.name == name))
    connection.execute(insert(table).values(name=name, ciphertext=ciphertext, updated_at=now()))


def find(connection: Connection, name: str) -> Sealed | None:
    row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
    return None if row is None else Sealed(**row)


def listing(connection: Connection) -> list[Sealed]:
    return [Sealed(**row) for row in connection.execute(select(table).order_by(table.c.name)).mappings()]


def remove(connection: Connection, name: str) -> bool:
    return connection.execute(delete(table).where(table.c.name == name)).rowcount == 1


def readable(connection: Connection, cipher: Cipher) -> list[str]:
    """In clear, to be blanked out wherever a text is passed on; what another key sealed is left out."""
    found = []
    for row in listing(connection):
        with suppress(SetupError):
            found.append(cipher.open(row.ciphertext))
    return found
