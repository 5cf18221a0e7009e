SELECT
    day,
    provider,
    kind,
    user_id,
    count(*) AS attempts,
    count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE outcome = 'failed') AS failed,
    count(*) FILTER (WHERE outcome = 'open') AS still_open
FROM marts.attempts
WHERE day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
