-- The targets are the product's promise: speech within 10 s of being asked for, music within 30 s, a
-- voice learned within two minutes.
WITH held AS (
    SELECT job_id, sum(held_usd) AS cost_usd
    FROM staging.charges
    WHERE job_id IN (SELECT id FROM touched_jobs)  -- increment
    GROUP BY job_id
),
tried AS (
    SELECT job_id, arg_max(provider, created_at) AS provider, count(*) AS attempts
    FROM staging.attempts
    WHERE job_id IN (SELECT id FROM touched_jobs)  -- increment
    GROUP BY job_id
)
SELECT
    j.id,
    j.day,
    j.kind,
    j.title,
    j.status,
    j.priority,
    j.paused,
    j.parent_id IS NULL AS is_root,
    j.root_id,
    j.user_id,
    coalesce(j.provider, t.provider, 'none') AS provider,
    coalesce(t.attempts, 0) AS attempts,
    coalesce(h.cost_usd, 0) AS cost_usd,
    j.error_code,
    j.error_message,
    j.wait_s,
    j.run_s,
    j.total_s,
    CASE j.kind WHEN 'speech' THEN 10 WHEN 'music' THEN 30 WHEN 'voice_training' THEN 120 END AS target_s,
    j.created_at,
    j.started_at,
    j.finished_at
FROM staging.jobs AS j
LEFT JOIN held AS h ON h.job_id = j.id
LEFT JOIN tried AS t ON t.job_id = j.id
WHERE j.id IN (SELECT id FROM touched_jobs)  -- increment
ORDER BY j.created_at, j.id
