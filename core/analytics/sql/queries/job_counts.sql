SELECT day, kind, status, CAST(sum(jobs) AS BIGINT) AS jobs
FROM studio.marts.job_days
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY ALL;
