-- The most that was really asked of each catalogue within a minute, an hour and a day: what its limits are held against.
WITH calls AS (
    SELECT provider, created_at, day FROM studio.marts.catalogue_calls
    WHERE NOT cached AND day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
),
minutes AS (SELECT provider, count(*) AS calls FROM calls GROUP BY provider, date_trunc('minute', created_at)),
hours AS (SELECT provider, count(*) AS calls FROM calls GROUP BY provider, date_trunc('hour', created_at)),
days AS (SELECT provider, count(*) AS calls FROM calls GROUP BY provider, day),
peaks AS (
    SELECT provider, 'minute' AS span, CAST(max(calls) AS BIGINT) AS calls FROM minutes GROUP BY provider
    UNION ALL SELECT provider, 'hour', CAST(max(calls) AS BIGINT) FROM hours GROUP BY provider
    UNION ALL SELECT provider, 'day', CAST(max(calls) AS BIGINT) FROM days GROUP BY provider
)
SELECT p.provider, p.span, p.calls, l.most, p.calls / nullif(l.most, 0) AS share
FROM peaks AS p
LEFT JOIN studio.meta.catalogue_limits AS l ON l.provider = p.provider AND l.span = p.span
ORDER BY share DESC NULLS LAST, p.provider, p.span;
