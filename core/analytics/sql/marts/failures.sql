-- Calls that a provider refused or lost, and jobs that ended badly, a row a day and reason.
SELECT
    day, what, provider, kind, user_id, reason, count(*) AS times,
    arg_max(message, (happened_at, id)) AS last_message, max(happened_at) AS last_at
FROM (
    SELECT day, 'call' AS what, provider, kind, user_id, reason, message, created_at AS happened_at, id
    FROM marts.attempts
    WHERE outcome = 'failed'
    UNION ALL
    SELECT
        day, 'job', provider, kind, user_id, coalesce(error_code, status), error_message,
        coalesce(finished_at, created_at), id
    FROM marts.jobs
    WHERE status IN ('failed', 'unknown')
)
WHERE day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
