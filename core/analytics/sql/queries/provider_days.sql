SELECT day, provider, kind, attempts, succeeded, failed, p50_s, p95_s
FROM studio.marts.provider_performance
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
ORDER BY ALL;
