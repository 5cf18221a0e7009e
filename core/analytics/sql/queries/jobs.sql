SELECT
    title, kind, status, provider, user_id, attempts, wait_s, run_s, total_s, cost_usd, error_code, error_message,
    created_at, started_at, finished_at, id
FROM studio.marts.jobs
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
ORDER BY created_at DESC, id;
