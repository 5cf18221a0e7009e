-- How large the library was at the end of each day. What was there before the range counts too.
WITH days AS (
    SELECT CAST(unnest(generate_series(CAST($first_day AS TIMESTAMP), CAST($last_day AS TIMESTAMP), INTERVAL 1 DAY)) AS DATE)
        AS day
),
kept AS (
    SELECT day, CAST(deleted_at AS DATE) AS gone, duration_s, bytes
    FROM studio.marts.assets
    WHERE NOT part AND state <> 'draft'
        AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
)
SELECT days.day, count(kept.day) AS assets, coalesce(sum(kept.duration_s), 0) AS seconds
FROM days
LEFT JOIN kept ON kept.day <= days.day AND (kept.gone IS NULL OR kept.gone > days.day)
GROUP BY days.day
ORDER BY days.day;
