-- Syncs of catalogues by day and how they ended; cancelled ones count neither way.
SELECT
    day,
    CAST(count(*) AS BIGINT) AS syncs,
    CAST(count(*) FILTER (WHERE status = 'done') AS BIGINT) AS done,
    CAST(count(*) FILTER (WHERE status = 'failed') AS BIGINT) AS failed
FROM studio.marts.jobs
WHERE kind = 'catalogue_sync' AND day BETWEEN $first_day AND $last_day
    AND ($user = '' OR user_id = $user)
GROUP BY day
ORDER BY day;
