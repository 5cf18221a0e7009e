-- Why things failed: calls that a provider refused or lost, and jobs that ended badly.
SELECT what, provider, kind, reason, count(*) AS times, arg_max(message, happened_at) AS last_message, max(happened_at) AS last_at
FROM (
    SELECT 'call' AS what, provider, kind, reason, message, created_at AS happened_at, day, user_id
    FROM studio.marts.attempts
    WHERE outcome = 'failed'
    UNION ALL
    SELECT 'job', provider, kind, coalesce(error_code, status), error_message, coalesce(finished_at, created_at), day, user_id
    FROM studio.marts.jobs
    WHERE status IN ('failed', 'unknown')
)
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY times DESC, last_at DESC;
