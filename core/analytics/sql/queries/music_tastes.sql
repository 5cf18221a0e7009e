-- Moods and genres of what was made, and how much of it was kept.
WITH made AS (
    SELECT mood, genre, outcome
    FROM studio.marts.music
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
        AND outcome IN ('kept', 'discarded')
)
SELECT
    what, value,
    CAST(count(*) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE outcome = 'kept') AS BIGINT) AS kept
FROM (
    SELECT 'mood' AS what, mood AS value, outcome FROM made
    UNION ALL
    SELECT 'genre', genre, outcome FROM made
)
WHERE value <> ''
GROUP BY what, value
ORDER BY what, made DESC, value;
