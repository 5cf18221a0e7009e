SELECT
    a.id,
    a.job_id,
    a.day,
    a.provider,
    a.kind,
    a.model,
    coalesce(j.user_id, 'unknown') AS user_id,
    a.outcome,
    a.reason,
    a.message,
    a.seconds,
    a.created_at
FROM staging.attempts AS a
LEFT JOIN staging.jobs AS j ON j.id = a.job_id
WHERE a.id IN (SELECT id FROM touched_attempts)  -- increment
ORDER BY a.created_at, a.id
