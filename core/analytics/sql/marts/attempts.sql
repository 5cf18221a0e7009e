CREATE OR REPLACE TABLE marts.attempts AS
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
ORDER BY a.created_at, a.id;
