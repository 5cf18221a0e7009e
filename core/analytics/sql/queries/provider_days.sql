-- Percentiles are within 2 % (see sql/macros.sql).
WITH times AS (
    SELECT day, provider, kind, bucket, sum(times) AS times
    FROM studio.marts.call_times
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
    GROUP BY ALL
),
ranked AS (
    SELECT
        day, provider, kind, bucket,
        sum(times) OVER (PARTITION BY day, provider, kind ORDER BY bucket) AS upto,
        sum(times) OVER (PARTITION BY day, provider, kind) AS total
    FROM times
),
spread AS (
    SELECT
        day, provider, kind,
        studio.marts.percentile(0.5, true, bucket, upto, total) AS p50_s,
        studio.marts.percentile(0.95, true, bucket, upto, total) AS p95_s
    FROM ranked
    GROUP BY ALL
),
counted AS (
    SELECT
        day, provider, kind,
        CAST(sum(attempts) AS BIGINT) AS attempts,
        CAST(sum(succeeded) AS BIGINT) AS succeeded,
        CAST(sum(failed) AS BIGINT) AS failed
    FROM studio.marts.provider_performance
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
    GROUP BY ALL
)
SELECT c.day, c.provider, c.kind, c.attempts, c.succeeded, c.failed, s.p50_s, s.p95_s
FROM counted AS c
LEFT JOIN spread AS s ON s.day = c.day AND s.provider = c.provider AND s.kind = c.kind
ORDER BY ALL;
