"""The dashboards' questions asked of the studio's own tables in SQLite: what they would cost without a mart. Percentiles
as SQLite can: the value at the rank, found by numbering the rows in order. Amounts in nano-dollars."""

_ROOT = "NOT (role NOT IN ('primary') AND role NOT LIKE 'variant:%') AND NOT draft AND deleted_at IS NULL"
_SECONDS = "(julianday({0}) - julianday({1})) * 86400"
_CALL_S = _SECONDS.format("finished_at", "created_at")
_WAIT_S = _SECONDS.format("started_at", "created_at")
_RUN_S = _SECONDS.format("finished_at", "started_at")
_TOTAL_S = _SECONDS.format("finished_at", "created_at")
_DAYS = "created_at >= :first_day AND created_at < date(:last_day, '+1 day')"
_CALLS = "status IN ('failed', 'unknown')"


def _ranked(value: str, table: str, keys: str, where: str) -> str:
    over = f"PARTITION BY {keys}"
    return (
        f"SELECT {keys}, s, row_number() OVER ({over} ORDER BY s) AS r, count(*) OVER ({over}) AS n "
        f"FROM (SELECT *, date(created_at) AS day, {value} AS s FROM {table} WHERE {where})"
    )


def _percentiles(ranked: str, keys: str) -> str:
    at = "min(CASE WHEN r >= {0} * n THEN s END)"
    return f"SELECT {keys}, {at.format(0.5)} AS p50_s, {at.format(0.95)} AS p95_s FROM ({ranked}) GROUP BY {keys}"


def _outcomes(keys: str) -> str:
    return (
        f"SELECT {keys}, count(*) AS attempts, sum(status = 'succeeded') AS succeeded, sum({_CALLS}) AS failed "
        f"FROM (SELECT *, date(created_at) AS day FROM attempts WHERE {_DAYS}) GROUP BY {keys}"
    )


def _with_times(keys: str) -> str:
    times = _percentiles(_ranked(_CALL_S, "attempts", keys, f"{_DAYS} AND status = 'succeeded'"), keys)
    return f"SELECT * FROM ({_outcomes(keys)}) LEFT JOIN ({times}) USING ({keys})"


def _split(value: str, what: str, where: str) -> str:
    ranked = _ranked(value, "jobs", "kind", f"{_DAYS} AND {where}")
    return f"SELECT '{what}' AS what, * FROM ({_percentiles(ranked, 'kind')})"


QUESTIONS: dict[str, str] = {
    "daily_cost": """
        SELECT day, provider, kind, user_id, sum(iif(status = 'settled', settled_usd, 0)) AS settled_usd,
            sum(iif(status = 'reserved', reserved_usd, 0)) AS reserved_usd, sum(status <> 'released') AS charges
        FROM charges WHERE day BETWEEN :first_day AND :last_day GROUP BY day, provider, kind, user_id ORDER BY 1, 2, 3, 4
    """,
    "cost_units": """
        SELECT provider, kind, unit.key AS unit, sum(unit.value) AS amount FROM charges, json_each(units) AS unit
        WHERE status = 'settled' AND day BETWEEN :first_day AND :last_day GROUP BY provider, kind, unit.key
    """,
    "providers": _with_times("provider, kind"),
    "provider_days": _with_times("day, provider, kind"),
    "waits": " UNION ALL ".join(
        (_split(_WAIT_S, "wait", "started_at IS NOT NULL"), _split(_RUN_S, "run", "status = 'done'"))
    ),
    "targets": f"""
        SELECT kind, count(*) AS done, sum({_TOTAL_S} <= iif(kind = 'speech', 10, 30)) AS within
        FROM jobs WHERE {_DAYS} AND status = 'done' AND kind IN ('speech', 'music') GROUP BY kind
    """,
    "job_counts": f"SELECT date(created_at), kind, status, count(*) FROM jobs WHERE {_DAYS} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "failures": f"""
        SELECT what, provider, kind, reason, count(*) AS times, message, max(at) AS last_at FROM (
            SELECT 'call' AS what, provider, kind, error ->> 'code' AS reason, error ->> 'message' AS message, created_at AS at
            FROM attempts WHERE {_DAYS} AND {_CALLS}
            UNION ALL
            SELECT 'job', provider, kind, error ->> 'code', error ->> 'message', finished_at FROM jobs WHERE {_DAYS} AND {_CALLS}
        ) GROUP BY 1, 2, 3, 4
    """,
    "choices": """
        SELECT 'provider', provider FROM charges UNION SELECT 'provider', provider FROM attempts
        UNION SELECT 'provider', provider FROM jobs UNION SELECT 'user', user_id FROM charges
        UNION SELECT 'user', user_id FROM jobs UNION SELECT 'user', user_id FROM assets
        UNION SELECT 'charge_kind', kind FROM charges UNION SELECT 'job_kind', kind FROM jobs
        UNION SELECT 'asset_kind', kind FROM assets UNION SELECT 'first_day', min(day) FROM charges
    """,
    "budgets": """
        SELECT 'month', sum(CASE status WHEN 'settled' THEN settled_usd WHEN 'reserved' THEN reserved_usd ELSE 0 END)
        FROM charges WHERE day BETWEEN date(:last_day, 'start of month') AND :last_day
    """,
    "queue_now": """
        SELECT title, kind, status, paused, user_id, created_at, started_at, id FROM jobs
        WHERE status IN ('waiting', 'running') ORDER BY status, priority, created_at
    """,
    "usage": f"""
        SELECT date(created_at) AS day, kind, source, generation_config ->> 'provider' AS provider, user_id, mood, genre,
            count(*), sum(duration_s), sum(cost_usd)
        FROM assets WHERE {_DAYS} AND role = 'primary' AND NOT draft GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    "ratings": f"SELECT kind, coalesce(rating, 0), count(*) FROM assets WHERE {_DAYS} AND {_ROOT} GROUP BY 1, 2",
    "licences": f"""
        SELECT licence ->> 'title', licence ->> 'commercial', count(*), sum(duration_s) FROM assets
        WHERE {_DAYS} AND {_ROOT} GROUP BY 1, 2
    """,
    "library_growth": """
        SELECT day, sum(pieces) OVER (ORDER BY day), sum(seconds) OVER (ORDER BY day) FROM (
            SELECT day, sum(piece) AS pieces, sum(s) AS seconds FROM (
                SELECT max(date(created_at), :first_day) AS day, 1 AS piece, duration_s AS s FROM assets
                WHERE role = 'primary' AND NOT draft
                UNION ALL
                SELECT max(date(deleted_at), :first_day), -1, -duration_s FROM assets
                WHERE role = 'primary' AND NOT draft AND deleted_at IS NOT NULL
            ) GROUP BY day
        )
    """,
    "storage": """
        SELECT kind, deleted_at IS NOT NULL, count(*), sum(iif(first, bytes, 0)) FROM (
            SELECT *, row_number() OVER (PARTITION BY sha256 ORDER BY created_at, id) = 1 AS first FROM assets
        ) GROUP BY 1, 2
    """,
    "expiring": f"""
        SELECT name, kind, licence ->> 'title', licence ->> 'ends' AS ends, user_id, id FROM assets
        WHERE licence ->> 'ends' IS NOT NULL AND {_ROOT} ORDER BY ends, name
    """,
    "jobs": f"""
        SELECT j.title, j.kind, j.status, j.provider, j.user_id, j.error ->> 'code', j.error ->> 'message', j.created_at,
            j.started_at, j.finished_at, j.id,
            (SELECT sum(settled_usd) FROM charges AS c WHERE c.attempt_id = replace(j.id, 'job_', 'attempt_')) AS usd
        FROM jobs AS j WHERE {_DAYS} ORDER BY created_at DESC, id
    """,
    "library": f"""
        SELECT name, kind, source, generation_config ->> 'provider', licence ->> 'title', licence ->> 'commercial', rating,
            duration_s, bytes, cost_usd, mood, genre, bpm, "key", lufs, true_peak_dbtp, user_id, created_at, id
        FROM assets WHERE {_DAYS} AND role = 'primary' AND NOT draft ORDER BY created_at DESC, id
    """,
    "cost_per_asset": f"""
        SELECT name, kind, source, generation_config ->> 'provider', user_id, cost_usd, duration_s, rating, created_at, id
        FROM assets WHERE {_DAYS} AND role = 'primary' AND NOT draft ORDER BY cost_usd DESC, created_at DESC
    """,
}  # fmt: skip
LISTS = ("jobs", "library", "cost_per_asset", "expiring", "queue_now")
"""Rows as they are, for reading; not sums. Asked for the last month, which is what a page opens with."""
