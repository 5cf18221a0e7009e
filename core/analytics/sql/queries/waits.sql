SELECT
    kind,
    count(*) FILTER (WHERE wait_s IS NOT NULL) AS jobs,
    quantile_cont(wait_s, 0.5) AS wait_p50_s,
    quantile_cont(wait_s, 0.95) AS wait_p95_s,
    quantile_cont(run_s, 0.5) FILTER (WHERE status = 'done') AS run_p50_s,
    quantile_cont(run_s, 0.95) FILTER (WHERE status = 'done') AS run_p95_s
FROM studio.marts.jobs
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY kind
HAVING count(wait_s) > 0
ORDER BY kind;
