SELECT
    provider,
    kind,
    count(*) AS attempts,
    count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE outcome = 'failed') AS failed,
    count(*) FILTER (WHERE outcome = 'succeeded') / nullif(count(*) FILTER (WHERE outcome <> 'open'), 0) AS success,
    quantile_cont(seconds, 0.5) FILTER (WHERE outcome = 'succeeded') AS p50_s,
    quantile_cont(seconds, 0.95) FILTER (WHERE outcome = 'succeeded') AS p95_s
FROM studio.marts.attempts
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY provider, kind
ORDER BY attempts DESC, provider, kind;
