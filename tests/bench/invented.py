"""Rows by the million for the mart's bench, invented by arithmetic: for each ledger row a job and an attempt, for every
tenth a kept piece. DuckDB makes them once; the same go into the mart's raw tables and into the studio's SQLite file."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import duckdb

from core.analytics import raw
from core.kit.clock import now

DAYS = 365
_MAKE = """
CREATE TABLE base AS
SELECT
    i, printf('%010d', i) AS n,
    CAST(hash(i) % 997 AS BIGINT) AS a, CAST(hash(i + 7) % 991 AS BIGINT) AS b, CAST(hash(i + 13) % 983 AS BIGINT) AS c,
    CAST($start + to_microseconds(CAST(i * $step AS BIGINT)) AS TIMESTAMP) AS born
FROM range($count) AS t (i);
CREATE TABLE shape AS
SELECT
    *, ['speech', 'speech', 'speech', 'music', 'mix'][1 + a % 5] AS kind,
    ['espeak', 'espeak', 'elevenlabs', 'composer', 'mixer'][1 + a % 5] AS provider,
    'user_' || b % 40 AS user_id, c % 50 = 0 AS failed, 0.02 + b / 400.0 AS wait_s, 0.3 + c / 60.0 + a / 300.0 AS run_s,
    CASE WHEN a % 5 = 2 AND c % 50 <> 0 THEN CAST(((hash(i) % 390000007) / 1e9) AS DECIMAL(38, 9)) ELSE 0 END AS usd,
    CASE WHEN a % 5 = 2 THEN '{"characters": "' || 200 + hash(i) % 3800 || '"}' ELSE '{}' END AS units,
    CASE WHEN c % 50 = 0
        THEN '{"kind": "RateLimited", "message": "It asks to wait.", "hint": "", "code": "rate_limited"}' END AS error
FROM base;
CREATE TABLE jobs AS
SELECT
    'job_' || n AS id, kind, 'Piece ' || b AS title, CASE WHEN failed THEN 'failed' ELSE 'done' END AS status,
    10 AS priority, CAST(i AS DOUBLE) AS position, 'cpu' AS resource, '{}' AS request, '{}' AS result, error,
    NULL::VARCHAR AS parent_id, 'job_' || n AS root_id, NULL::VARCHAR AS idempotency_key, user_id,
    '' AS organisation_id, 'private' AS visibility, '{}' AS actor, NULL::DECIMAL(38, 9) AS cap_usd, false AS paused,
    false AS cancel_requested, '' AS stage, 1.0 AS fraction, NULL::DOUBLE AS eta_s, 1 AS attempt, 1 AS epoch,
    NULL::VARCHAR AS worker_id, provider, born AS created_at, born + to_microseconds(CAST(wait_s * 1e6 AS BIGINT)) AS started_at,
    born + to_microseconds(CAST((wait_s + run_s) * 1e6 AS BIGINT)) AS finished_at,
    born + to_microseconds(CAST((wait_s + run_s) * 1e6 AS BIGINT)) AS updated_at
FROM shape;
CREATE TABLE attempts AS
SELECT
    'attempt_' || n AS id, 'job_' || n AS job_id, 'make' AS step, 1 AS number, provider, kind, 'default' AS model,
    'make' AS form, CASE WHEN failed THEN 'failed' ELSE 'succeeded' END AS status, 1 AS epoch, NULL::VARCHAR AS remote_id,
    NULL::VARCHAR AS result, error, born AS created_at, born + to_microseconds(CAST(run_s * 1e6 AS BIGINT)) AS finished_at,
    born + to_microseconds(CAST(run_s * 1e6 AS BIGINT)) AS updated_at
FROM shape;
CREATE TABLE charges AS
SELECT
    'charge_' || n AS id, 'attempt_' || n AS attempt_id, 'job_' || n AS job_id, 'job_' || n AS root_job_id, user_id,
    '' AS organisation_id, provider, kind, 'default' AS model, units,
    CASE WHEN failed THEN 'released' ELSE 'settled' END AS status, usd * 2 AS reserved_usd, usd AS settled_usd,
    '{"lines": []}' AS price, CAST(born AS DATE) AS day, born AS created_at,
    born + to_microseconds(CAST(run_s * 1e6 AS BIGINT)) AS updated_at
FROM shape;
CREATE TABLE assets AS
SELECT
    'asset_' || n AS id, ['voiceover', 'voiceover', 'voiceover', 'music', 'mix'][1 + a % 5] AS kind,
    ['tts', 'tts', 'ai_voice', 'ai_music', 'mixed'][1 + a % 5] AS source, 'Piece ' || n AS name, '' AS folder,
    '[]' AS tags, nullif(b % 6, 0) AS rating, false AS favourite, 8 + c / 7.0 AS duration_s, 'wav' AS format,
    44100 AS sample_rate, 2 AS channels, 1000000 + c * 1000 AS bytes, md5(n) || md5(n || 'b') AS sha256, -14.0 AS lufs,
    -1.0 AS true_peak_dbtp, 100.0 AS bpm, NULL::VARCHAR AS key, ['ambient', 'house', NULL][1 + b % 3] AS genre,
    ['calm', 'happy', 'dark', NULL][1 + c % 4] AS mood, NULL::VARCHAR AS intensity, '[]' AS instruments, '[]' AS peaks,
    provider, NULL::VARCHAR AS model, NULL::VARCHAR AS voice, NULL::VARCHAR AS language,
    '{"provider": "' || provider || '"}' AS generation_config, usd AS cost_usd,
    CASE WHEN c % 9 = 0 THEN '{"id": "licensed", "title": "Licensed", "commercial": true, "ends": "2031-01-01"}'
        ELSE '{"id": "own-work", "title": "Own work", "commercial": true, "royalty_free": true}' END AS licence,
    'job_' || n AS job_id, 'primary' AS role, user_id, '' AS organisation_id, 'private' AS visibility, false AS draft,
    NULL::TIMESTAMP AS expires_at, CASE WHEN c % 11 = 0 THEN born + INTERVAL 9 DAY END AS deleted_at, born AS created_at,
    born + INTERVAL 10 DAY AS updated_at
FROM shape
WHERE i % 10 = 0 AND NOT failed;
"""
NOUNS = ("jobs", "attempts", "charges", "assets")
_ONLY_MART = {"assets": {"provider", "model", "voice", "language"}}
_BATCH = 50_000
_INDEXED = ("updated_at", "day", "created_at", "status", "provider")


def invent(path: Path, count: int) -> duckdb.DuckDBPyConnection:
    """Spread evenly over the year that ended eleven days ago: nothing in them is newer than any watermark."""
    made = duckdb.connect(str(path), config={"memory_limit": "2GB", "threads": 2})
    end = now().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(days=11)
    start, step = end - timedelta(days=DAYS), timedelta(days=DAYS) / timedelta(microseconds=1) / count
    parts = [part for part in _MAKE.split(";") if part.strip()]
    made.execute(parts[0], {"start": start, "step": step, "count": count})
    for part in parts[1:]:
        made.execute(part)
    for table in ("base", "shape"):
        made.execute(f"DROP TABLE {table}")
    return made


def into_raw(made: Path, mart: duckdb.DuckDBPyConnection) -> None:
    mart.execute(f"ATTACH '{made}' AS made (READ_ONLY)")
    for noun in NOUNS:
        columns = ", ".join(f'"{column}"' for column in raw.TABLES[noun])
        mart.execute(f"INSERT INTO raw.{noun} BY NAME SELECT {columns} FROM made.{noun}")
    mart.execute("DETACH made")


def into_sqlite(made: duckdb.DuckDBPyConnection, path: Path) -> None:
    """In the forms the store writes: whole nano-dollars, moments as text. Of its own indexes those that a
    refresh or a question by day can use, built after the rows."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")
    connection.execute("PRAGMA foreign_keys = OFF")
    for noun in NOUNS:
        named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?"
        indexes = connection.execute(named, (noun,)).fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        described = made.execute(f"DESCRIBE {noun}").fetchall()
        columns = [(name, kind) for name, kind, *_ in described if name not in _ONLY_MART.get(noun, ())]
        # What is the same in every row is said once, in the statement: half of the time goes into binding values.
        same = _constants(made, noun, columns)
        varying = [column for column in columns if column[0] not in same]
        found = made.execute(f"SELECT {', '.join(_as_stored(*column) for column in varying)} FROM {noun}")
        names = ", ".join(f'"{name}"' for name in [*same, *(name for name, _ in varying)])
        marks = ", ".join([*same.values(), *("?" for _ in varying)])
        connection.execute("BEGIN")
        while rows := found.fetchmany(_BATCH):
            connection.executemany(f"INSERT INTO {noun} ({names}) VALUES ({marks})", rows)
        for _, statement in indexes:
            if any(f"({column}" in statement for column in _INDEXED):
                connection.execute(statement)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("ANALYZE")
    connection.close()


def _constants(made: duckdb.DuckDBPyConnection, noun: str, columns: list[tuple[str, str]]) -> dict[str, str]:
    """Name to SQL literal."""
    ends = ", ".join(f"min({_as_stored(*column)}), max({_as_stored(*column)})" for column in columns)
    found = made.execute(f"SELECT {ends} FROM {noun}").fetchall()[0]
    literals: dict[str, str] = {}
    for (name, _), low, high in zip(columns, found[::2], found[1::2], strict=True):
        if low == high and name not in (
            "rating",
            "mood",
            "genre",
            "error",
            "deleted_at",
        ):  # those are NULL here and there
            text = "NULL" if low is None else str(low).replace("'", "''")
            literals[name] = f"'{text}'" if isinstance(low, str) else str(int(low)) if isinstance(low, bool) else text
    return literals


def _as_stored(name: str, kind: str) -> str:
    if kind == "TIMESTAMP":
        return f"strftime(\"{name}\", '%Y-%m-%d %H:%M:%S.%f')"
    if kind == "DATE":
        return f'CAST("{name}" AS VARCHAR)'
    return f'CAST("{name}" * 1000000000 AS BIGINT)' if kind.startswith("DECIMAL") else f'"{name}"'
