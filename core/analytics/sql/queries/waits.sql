-- Percentiles are within 2 % (see sql/macros.sql).
WITH times AS (
    SELECT kind, what, bucket, sum(times) AS times
    FROM studio.marts.job_times
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
    GROUP BY ALL
),
ranked AS (
    SELECT
        kind, what, bucket,
        sum(times) OVER (PARTITION BY kind, what ORDER BY bucket) AS upto,
        sum(times) OVER (PARTITION BY kind, what) AS total
    FROM times
)
SELECT
    kind,
    CAST(max(total) FILTER (WHERE what = 'wait') AS BIGINT) AS jobs,
    studio.marts.percentile(0.5, what = 'wait', bucket, upto, total) AS wait_p50_s,
    studio.marts.percentile(0.95, what = 'wait', bucket, upto, total) AS wait_p95_s,
    studio.marts.percentile(0.5, what = 'run', bucket, upto, total) AS run_p50_s,
    studio.marts.percentile(0.95, what = 'run', bucket, upto, total) AS run_p95_s
FROM ranked
GROUP BY kind
HAVING count(*) FILTER (WHERE what = 'wait') > 0
ORDER BY kind;
