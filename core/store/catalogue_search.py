"""Searching the synced copy through its index of words: a page, how many there are, and of which sort.

Words and marks are answered by the index alone; tempo, length and price are looked up in the rows it finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, select, text
from sqlalchemy.engine import Connection

from core.store.catalogue_tracks import WORDS, table

ORDERS = {
    "title": "t.title, t.id", "duration": "t.duration_s IS NULL, t.duration_s, t.id", "bpm": "t.bpm IS NULL, t.bpm, t.id",
    "newest": "t.released DESC, t.id", "popular": "t.popularity IS NULL, t.popularity DESC, t.id",
}  # fmt: skip
COUNTED = 5000
"""Rows that are looked at for the counts of the facets: the first of them."""


@dataclass(frozen=True)
class Wanted:
    words: tuple[str, ...] = ()
    """All of them, each as a beginning. Letters and digits alone."""
    marks: tuple[tuple[str, ...], ...] = ()
    """One of each group."""
    bpm: tuple[float | None, float | None] = (None, None)
    seconds: tuple[float | None, float | None] = (None, None)
    price: float | None = None
    order: str = ""
    """One of ORDERS; otherwise the best first, as the index ranks them."""


def page(connection: Connection, wanted: Wanted, *, offset: int, limit: int) -> list[dict[str, Any]]:
    """Documents of tracks."""
    found, values = _from(connection, wanted)
    rows = connection.execute(
        text(f"SELECT t.document {found} ORDER BY {_order(connection, wanted)} LIMIT :_limit OFFSET :_offset").columns(
            document=JSON
        ),
        values | {"_limit": limit, "_offset": offset},
    )
    return [row.document for row in rows]


def page_and_count(
    connection: Connection, wanted: Wanted, *, offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """Where rows have to be looked up, each is looked up once."""
    if not _ranges(wanted)[0]:
        return page(connection, wanted, offset=offset, limit=limit), count(connection, wanted)
    found, values = _from(connection, wanted)
    every = text(f"SELECT t.id {found} ORDER BY {_order(connection, wanted)}")
    ids = [int(row[0]) for row in connection.execute(every, values)]
    some = ids[offset : offset + limit]
    rows = connection.execute(select(table.c.id, table.c.document).where(table.c.id.in_(some)))
    documents = {row.id: row.document for row in rows}
    return [documents[each] for each in some], len(ids)


def count(connection: Connection, wanted: Wanted) -> int:
    found, values = _from(connection, wanted, rows=bool(_ranges(wanted)[0]))
    return int(connection.execute(text(f"SELECT count(*) {found}"), values).scalar_one())


def alone(connection: Connection, provider: str) -> bool:
    """Whether every row is of this catalogue: then its mark, which all of them bear, need not be looked for."""
    low = select(table.c.id).where(table.c.provider < provider).limit(1)
    high = select(table.c.id).where(table.c.provider > provider).limit(1)
    return connection.execute(low).first() is None and connection.execute(high).first() is None


def sorts(connection: Connection, wanted: Wanted) -> list[str]:
    """Of the first COUNTED that match, what each is: a line for each field and value."""
    found, values = _from(connection, wanted)
    rows = connection.execute(text(f"SELECT t.sorts {found} LIMIT :_limit"), values | {"_limit": COUNTED})
    return [str(row[0]) for row in rows]


def _from(connection: Connection, wanted: Wanted, *, rows: bool = True) -> tuple[str, dict[str, Any]]:
    ranges, values = _ranges(wanted)
    lite = connection.dialect.name == "sqlite"
    question = _match(wanted) if lite else _tsquery(wanted)
    where = list(ranges)
    if not question:
        where.append("t.gone_at IS NULL")
        return f"FROM catalogue_tracks t WHERE {' AND '.join(where)}", values
    where.append(f"{WORDS} MATCH :_question" if lite else "w.tokens @@ CAST(:_question AS tsquery)")
    join = f" JOIN catalogue_tracks t ON t.id = {f'{WORDS}.rowid' if lite else 'w.id'}" if rows else ""
    # CROSS JOIN keeps SQLite from reading the rows first and asking the index for each.
    join = join.replace(" JOIN", " CROSS JOIN").replace(" ON ", " WHERE ") if lite else join
    glue = " AND " if lite and rows else " WHERE "
    return f"FROM {WORDS}{'' if lite else ' w'}{join}{glue}{' AND '.join(where)}", values | {"_question": question}


def _order(connection: Connection, wanted: Wanted) -> str:
    if wanted.order in ORDERS:
        return ORDERS[wanted.order]
    if not wanted.words:
        return "t.id"
    if connection.dialect.name == "sqlite":
        return "rank"
    return "ts_rank(w.tokens, CAST(:_question AS tsquery)) DESC, t.id"


def _ranges(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {}
    for column, (low, high) in (("bpm", wanted.bpm), ("duration_s", wanted.seconds), ("price", (None, wanted.price))):
        if low is not None:
            where.append(f"t.{column} >= :{column}_low")
            values[f"{column}_low"] = low
        if high is not None:
            where.append(f"t.{column} <= :{column}_high")
            values[f"{column}_high"] = high
    return where, values


def _match(wanted: Wanted) -> str:
    parts = (
        [f"{{heading words}} : ({' AND '.join(f'{_quoted(word)}*' for word in wanted.words)})"] if wanted.words else []
    )
    parts += [f"marks : ({' OR '.join(_quoted(each) for each in group)})" for group in wanted.marks]
    return " AND ".join(parts)


def _tsquery(wanted: Wanted) -> str:
    parts = [f"{_escaped(word)}:*AC" for word in wanted.words]
    parts += [f"({' | '.join(f'{_escaped(each)}:D' for each in group)})" for group in wanted.marks]
    return " & ".join(parts)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', "") + '"'


def _escaped(word: str) -> str:
    return "'" + word.replace("'", "").replace("\\", "") + "'"
