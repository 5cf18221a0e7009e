"""The raw layer: the studio's rows as they are, upserted by key. Money stays exact, moments become naive UTC."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from core.analytics import files, touched

_KINDS = {
    "text": "string", "int": "int64", "real": "double", "yes": "bool", "day": "date32", "moment": "timestamp[us]",
    "json": "string",
}  # fmt: skip


def _columns(text: str) -> dict[str, str]:
    return dict(part.split(":") for part in text.split())


TABLES: dict[str, dict[str, str]] = {
    "assets": _columns(
        "id:text kind:text source:text name:text rating:int favourite:yes duration_s:real format:text bytes:int "
        "sha256:text lufs:real true_peak_dbtp:real bpm:real key:text genre:text mood:text intensity:text "
        "provider:text model:text voice:text language:text cost_usd:usd licence:json made_as:text "
        "quality:real quality_below:yes tries:int job_id:text role:text "
        "user_id:text organisation_id:text visibility:text draft:yes expires_at:moment deleted_at:moment "
        "created_at:moment updated_at:moment"
    ),
    "jobs": _columns(
        "id:text kind:text title:text status:text priority:int resource:text error:json parent_id:text root_id:text "
        "user_id:text organisation_id:text cap_usd:usd paused:yes attempt:int provider:text created_at:moment "
        "started_at:moment finished_at:moment updated_at:moment draft:yes asked_s:real best_of:int template_id:text "
        "template_name:text reused_id:text saved_usd:usd film_s:real cues:int"
    ),
    "attempts": _columns(
        "id:text job_id:text step:text number:int provider:text kind:text model:text form:text status:text "
        "error:json created_at:moment finished_at:moment updated_at:moment"
    ),
    "charges": _columns(
        "id:text attempt_id:text job_id:text root_job_id:text user_id:text organisation_id:text provider:text "
        "kind:text model:text units:json plan:text status:text reserved_usd:usd settled_usd:usd note:text day:day created_at:moment "
        "updated_at:moment"
    ),
    "voices": _columns(
        "id:text name:text status:text active:yes quality_score:real usage_count:int licence:json user_id:text "
        "training_started_at:moment training_completed_at:moment last_used_at:moment deleted_at:moment created_at:moment updated_at:moment"
    ),
    "trials": _columns("id:text name:text job_id:text compared:json created_at:moment updated_at:moment"),
    "trial_choices": _columns(
        "id:text trial_id:text user_id:text winner:int tie:yes heard:json created_at:moment updated_at:moment"
    ),
    "clips": _columns(
        "id:text asset_id:text name:text job_id:text seconds:real user_id:text organisation_id:text created_at:moment "
        "updated_at:moment"
    ),
    "scenes": _columns(
        "clip_id:text id:text number:int start_s:real end_s:real type:text opened:text confidence:real lufs:real "
        "energy:real speech:real centroid_hz:real motion:real brightness:real contrast:real warmth:real saturation:real "
        "face:real cuts_per_minute:real position:real"
    ),
    "suggestions": _columns(
        "job_id:text scene_id:text clip_id:text scene_type:text genre:text suggested:json made:json changed:json "
        "user_id:text created_at:moment updated_at:moment"
    ),
    "track_licences": _columns(
        "id:text provider:text track_id:text title:text artist:text kind:text licensee_kind:text starts_on:text ends_on:text "
        "state:text event_at:moment commercial:yes keeps_published:yes price_usd:usd user_id:text created_at:moment "
        "updated_at:moment"
    ),
    "track_uses": _columns(
        "id:text provider:text track_id:text title:text artist:text genre:text mood:text output_asset_id:text "
        "output_name:text project_id:text licence_id:text platform:text commercial:yes used_on:text user_id:text "
        "created_at:moment updated_at:moment"
    ),
    "budgets": _columns("scope:text limit_usd:usd alert_percents:json updated_at:moment"),
    "asset_sources": _columns("asset_id:text source_id:text role:text name:text licence:json"),
}
KEYS = {name: next(iter(columns)) for name, columns in TABLES.items()}
"""Rows are replaced by this column. For lineage it is the asset, for scenes the clip: all of its are written at once."""


def version() -> str:
    return files.digest(json.dumps(TABLES))


def create(connection: duckdb.DuckDBPyConnection) -> None:
    for schema in ("raw", "staging", "marts", "meta"):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for name in TABLES:
        connection.register("incoming", arrow(name, []))
        connection.execute(f"CREATE TABLE raw.{name} AS SELECT * FROM incoming")
        connection.unregister("incoming")
    connection.execute("CREATE TABLE meta.watermarks (noun VARCHAR, updated_at TIMESTAMP, counted_at TIMESTAMP)")
    connection.execute("CREATE TABLE meta.state (as_of TIMESTAMP, version VARCHAR, source VARCHAR)")
    connection.execute("CREATE TABLE meta.catalogue_limits (provider VARCHAR, span VARCHAR, most BIGINT)")
    connection.execute("CREATE TABLE meta.default_caps (scope VARCHAR, limit_usd DECIMAL(38, 9))")


def upsert(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    secrets: Sequence[str] = (),
    *,
    fresh: bool = False,
) -> None:
    """Replace rows by key; `fresh`: there is nothing yet to replace. Without a primary key on purpose: its index would
    cost more than this delete, and the checks find what it would."""
    if not rows:
        return
    key = KEYS[name]
    connection.register("incoming", arrow(name, rows, secrets))
    try:
        if not fresh:
            connection.execute(f'DELETE FROM raw.{name} WHERE "{key}" IN (SELECT "{key}" FROM incoming)')
            touched.note(connection, name, "incoming")
        connection.execute(f"INSERT INTO raw.{name} BY NAME SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def keep_only(connection: duckdb.DuckDBPyConnection, name: str, keys: Iterable[Sequence[str]]) -> None:
    """Drop what was purged from the store for good. `keys`: all there are, in portions."""
    import pyarrow as pa  # heavy, and only the refresher needs it

    connection.execute("CREATE OR REPLACE TEMP TABLE alive (key VARCHAR)")
    for portion in keys:
        connection.register("portion", pa.table({"key": pa.array(portion, pa.string())}))
        connection.execute("INSERT INTO alive SELECT key FROM portion")
        connection.unregister("portion")
    gone = f'raw.{name} WHERE "{KEYS[name]}" NOT IN (SELECT key FROM alive)'
    touched.note(connection, name, gone)
    connection.execute(f"DELETE FROM {gone}")
    if name == "assets":
        # After what rested on them was noted: a purged source still speaks through its links.
        connection.execute("DELETE FROM raw.asset_sources WHERE asset_id NOT IN (SELECT key FROM alive)")
    if name == "clips":
        scenes = "raw.scenes WHERE clip_id NOT IN (SELECT key FROM alive)"
        touched.note(connection, "scenes", scenes)
        connection.execute(f"DELETE FROM {scenes}")
    connection.execute("DROP TABLE alive")


def arrow(name: str, rows: Sequence[Mapping[str, Any]], secrets: Sequence[str] = ()) -> Any:
    """The rows as an Arrow table; a value of `secrets` that leaked into an error message is blanked out."""
    import pyarrow as pa

    arrays, fields = [], []
    for column, kind in TABLES[name].items():
        kept = pa.decimal128(38, 9) if kind == "usd" else pa.type_for_alias(_KINDS[kind])
        arrays.append(pa.array([_value(row.get(column), kind, secrets) for row in rows], kept))
        fields.append(pa.field(column, kept))
    return pa.table(arrays, schema=pa.schema(fields))


def _value(value: Any, kind: str, secrets: Sequence[str]) -> Any:
    if value is None:
        return None
    if kind == "moment":
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if kind == "usd":
        return Decimal(value)
    if kind == "json":
        text = json.dumps(value)
        for secret in secrets:
            text = text.replace(json.dumps(secret)[1:-1], "[hidden]")
        return text
    return str(value) if kind == "text" else value
