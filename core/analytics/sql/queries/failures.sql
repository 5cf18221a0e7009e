-- Why things failed: calls that a provider refused or lost, and jobs that ended badly.
SELECT
    what, provider, kind, reason, CAST(sum(times) AS BIGINT) AS times, arg_max(last_message, last_at) AS last_message,
    max(last_at) AS last_at
FROM studio.marts.failures
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY times DESC, last_at DESC;
