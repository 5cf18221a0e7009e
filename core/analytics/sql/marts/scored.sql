-- One row a job that scores a film, with what its pieces cost: music, speech and mix are jobs of their own under it.
WITH family AS (
    SELECT id AS scored_id, id AS job_id
    FROM staging.jobs
    WHERE kind = 'score'
        AND id IN (SELECT id FROM touched_scored)  -- increment
    UNION ALL
    SELECT s.id, j.id
    FROM staging.jobs AS j
    JOIN staging.jobs AS s ON s.id = j.parent_id AND s.kind = 'score'
    WHERE true
        AND s.id IN (SELECT id FROM touched_scored)  -- increment
),
billed AS (
    SELECT f.scored_id, sum(c.settled_usd) AS settled_usd, sum(c.reserved_usd) AS reserved_usd
    FROM family AS f
    JOIN staging.charges AS c ON c.job_id = f.job_id
    GROUP BY f.scored_id
),
worked AS (
    SELECT f.scored_id, sum(a.seconds) AS engine_s
    FROM family AS f
    JOIN staging.attempts AS a ON a.job_id = f.job_id
    GROUP BY f.scored_id
),
engines AS (
    SELECT f.scored_id, string_agg(DISTINCT j.provider, ' + ' ORDER BY j.provider) AS provider
    FROM family AS f
    JOIN marts.jobs AS j ON j.id = f.job_id AND j.kind = 'music' AND j.provider <> 'none'
    GROUP BY f.scored_id
),
films AS (
    SELECT job_id, arg_max(state, created_at) AS state, arg_max(duration_s, created_at) AS seconds
    FROM marts.assets
    WHERE kind = 'video' AND role = 'primary'
        AND job_id IN (SELECT id FROM touched_scored)  -- increment
    GROUP BY job_id
)
SELECT
    s.id,
    s.day,
    s.title,
    s.status,
    s.user_id,
    coalesce(e.provider, 'none') AS provider,
    CASE
        WHEN s.status IN ('waiting', 'running') THEN 'open'
        WHEN s.status <> 'done' THEN 'failed'
        WHEN f.state = 'kept' THEN 'kept'
        ELSE 'discarded'
    END AS outcome,
    s.cues,
    coalesce(f.seconds, s.film_s, 0) AS film_s,
    coalesce(b.settled_usd, 0) AS settled_usd,
    coalesce(b.reserved_usd, 0) AS reserved_usd,
    coalesce(w.engine_s, 0) AS engine_s,
    s.run_s,
    s.error_code,
    s.created_at
FROM staging.jobs AS s
LEFT JOIN billed AS b ON b.scored_id = s.id
LEFT JOIN worked AS w ON w.scored_id = s.id
LEFT JOIN engines AS e ON e.scored_id = s.id
LEFT JOIN films AS f ON f.job_id = s.id
WHERE s.kind = 'score'
    AND s.id IN (SELECT id FROM touched_scored)  -- increment
ORDER BY s.created_at, s.id
