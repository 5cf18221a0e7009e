-- Batches: how many of their pieces were made. A batch under way counts what has ended.
SELECT
    b.id, b.title, b.status, b.user_id, b.created_at,
    CAST(count(*) AS BIGINT) AS items,
    CAST(count(*) FILTER (WHERE m.status = 'done') AS BIGINT) AS done,
    CAST(count(*) FILTER (WHERE m.outcome = 'failed') AS BIGINT) AS failed,
    count(*) FILTER (WHERE m.status = 'done') / nullif(count(*) FILTER (WHERE m.outcome <> 'open'), 0) AS success,
    sum(m.settled_usd) AS settled_usd
FROM studio.marts.music AS m
JOIN studio.marts.jobs AS b ON b.id = m.batch_id
WHERE b.day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], m.provider))
    AND ($user = '' OR (m.user_id = $user AND b.user_id = $user))
GROUP BY ALL
ORDER BY b.created_at DESC, b.id;
