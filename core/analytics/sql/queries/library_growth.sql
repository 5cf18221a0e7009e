-- How large the library was at the end of each day. What was there before the range counts too.
WITH days AS (
    SELECT CAST(unnest(generate_series(CAST($first_day AS TIMESTAMP), CAST($last_day AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE)
        AS day
),
pieces AS (
    SELECT day, CAST(deleted_at AS DATE) AS gone, coalesce(duration_s, 0) AS seconds
    FROM studio.marts.assets
    WHERE NOT part AND state <> 'draft'
        AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
        AND day <= $last_day
),
changes AS (
    SELECT greatest(day, $first_day) AS day, count(*) AS assets, sum(seconds) AS seconds FROM pieces GROUP BY ALL
    UNION ALL
    SELECT greatest(gone, $first_day), -count(*), -sum(seconds) FROM pieces WHERE gone <= $last_day GROUP BY ALL
)
SELECT
    days.day,
    CAST(sum(coalesce(sum(changes.assets), 0)) OVER (ORDER BY days.day) AS BIGINT) AS assets,
    sum(coalesce(sum(changes.seconds), 0)) OVER (ORDER BY days.day) AS seconds
FROM days
LEFT JOIN changes ON changes.day = days.day
GROUP BY days.day
ORDER BY days.day;
