-- Questions to catalogues by day: how many the cache answered, and how many answers came within half a second.
SELECT
    day, provider,
    CAST(count(*) FILTER (WHERE kind = 'catalogue') AS BIGINT) AS questions,
    CAST(count(*) FILTER (WHERE kind = 'catalogue' AND cached) AS BIGINT) AS hits,
    CAST(count(*) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'failed') AS BIGINT) AS failed,
    CAST(count(*) FILTER (WHERE kind = 'catalogue' AND outcome = 'succeeded' AND seconds IS NOT NULL) AS BIGINT) AS answered,
    CAST(count(*) FILTER (WHERE kind = 'catalogue' AND outcome = 'succeeded' AND seconds < 0.5) AS BIGINT) AS in_time,
    CAST(count(*) FILTER (WHERE kind = 'catalogue_file' AND outcome = 'succeeded') AS BIGINT) AS downloads,
    CAST(sum(settled_usd) AS DOUBLE) AS settled_usd
FROM studio.marts.catalogue_calls
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY day, provider
ORDER BY day, provider;
