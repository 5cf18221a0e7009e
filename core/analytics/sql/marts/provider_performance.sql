CREATE OR REPLACE TABLE marts.provider_performance AS
WITH reasons AS (
    SELECT provider, kind, day, map_from_entries(list({'k': reason, 'v': times} ORDER BY reason)) AS failure_reasons
    FROM (
        SELECT provider, kind, day, reason, count(*) AS times
        FROM marts.attempts
        WHERE outcome = 'failed'
        GROUP BY ALL
    )
    GROUP BY ALL
)
SELECT
    a.provider,
    a.kind,
    a.day,
    count(*) AS attempts,
    count(*) FILTER (WHERE a.outcome = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE a.outcome = 'failed') AS failed,
    count(*) FILTER (WHERE a.outcome = 'open') AS still_open,
    quantile_cont(a.seconds, 0.5) FILTER (WHERE a.outcome = 'succeeded') AS p50_s,
    quantile_cont(a.seconds, 0.95) FILTER (WHERE a.outcome = 'succeeded') AS p95_s,
    any_value(r.failure_reasons) AS failure_reasons
FROM marts.attempts AS a
LEFT JOIN reasons AS r ON r.provider = a.provider AND r.kind = a.kind AND r.day = a.day
GROUP BY a.provider, a.kind, a.day
ORDER BY a.day, a.provider, a.kind;
