-- One row a call of a catalogue of licensed music, answers from the cache among them. These calls belong to no job: whose
-- they are, and whether the cache had the answer, stands with their charge.
SELECT
    a.id,
    a.day,
    a.provider,
    a.kind,
    coalesce(c.user_id, j.user_id, 'unknown') AS user_id,
    coalesce(c.note = 'cache hit', false) AS cached,
    a.outcome,
    a.reason,
    a.seconds,
    CASE c.status WHEN 'settled' THEN c.settled_usd ELSE 0 END AS settled_usd,
    a.created_at
FROM staging.attempts AS a
LEFT JOIN raw.charges AS c ON c.attempt_id = a.id
LEFT JOIN raw.jobs AS j ON j.id = a.job_id
WHERE a.kind IN ('catalogue', 'catalogue_file')
    AND a.id IN (SELECT id FROM touched_catalogue_calls)  -- increment
ORDER BY a.created_at, a.id
