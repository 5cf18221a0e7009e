-- The promise: speech within 10 s, music within 30 s, from the click to the finished file.
SELECT
    kind,
    any_value(target_s) AS target_s,
    CAST(sum(jobs) AS BIGINT) AS done,
    CAST(sum(within) AS BIGINT) AS within,
    sum(within) / sum(jobs) AS share
FROM studio.marts.job_days
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND target_s IS NOT NULL
    AND status = 'done'
GROUP BY kind
ORDER BY kind;
