-- Suggestions that music was made from, by day. Made: it was made, whatever became of it then.
SELECT
    day,
    CAST(count(*) AS BIGINT) AS suggestions,
    CAST(count(*) FILTER (WHERE len(changed) = 0) AS BIGINT) AS taken,
    CAST(count(*) FILTER (WHERE fate IN ('taken', 'changed', 'dropped')) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE liked) AS BIGINT) AS kept
FROM studio.marts.suggestions
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY day
ORDER BY day;
