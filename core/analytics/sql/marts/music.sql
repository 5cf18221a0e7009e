-- One row a music job with the piece it made. A piece that is in the bin, or purged since, was discarded; a draft is
-- nothing that somebody decided about, until it is kept. What was billed is in settled_usd, refunds taken off.
WITH pieces AS (
    SELECT
        job_id,
        arg_max(provider, created_at) AS provider, arg_max(model, created_at) AS model,
        arg_max(state, created_at) AS state, arg_max(duration_s, created_at) AS seconds,
        arg_max(mood, created_at) AS mood, arg_max(genre, created_at) AS genre,
        arg_max(rating, created_at) AS rating, arg_max(made_as, created_at) AS made_as,
        arg_max(quality, created_at) AS quality, arg_max(quality_below, created_at) AS quality_below,
        arg_max(tries, created_at) AS tries
    FROM marts.assets
    WHERE kind = 'music' AND role = 'primary'
        AND job_id IN (SELECT id FROM touched_music)  -- increment
    GROUP BY job_id
),
billed AS (
    SELECT
        job_id, sum(settled_usd) AS settled_usd,
        arg_max(model, created_at) FILTER (WHERE status <> 'released') AS model
    FROM staging.charges
    WHERE job_id IN (SELECT id FROM touched_music)  -- increment
    GROUP BY job_id
)
SELECT
    j.id,
    j.day,
    j.title,
    s.status,
    j.user_id,
    coalesce(p.provider, j.provider) AS provider,
    coalesce(p.model, b.model, 'default') AS model,
    CASE
        WHEN s.status IN ('waiting', 'running') THEN 'open'
        WHEN s.status <> 'done' THEN 'failed'
        WHEN p.state = 'kept' THEN 'kept'
        WHEN s.draft OR p.state = 'draft' THEN 'draft'
        ELSE 'discarded'
    END AS outcome,
    s.reused_id IS NOT NULL AS reused,
    coalesce(p.mood, '') AS mood,
    coalesce(p.genre, '') AS genre,
    coalesce(s.template_id, '') AS template_id,
    coalesce(s.template_name, '') AS template_name,
    coalesce(p.made_as, '') AS made_as,
    s.best_of,
    coalesce(p.tries, 1) AS tries,
    s.asked_s,
    coalesce(p.seconds, 0) AS seconds,
    p.rating,
    p.quality,
    coalesce(p.quality_below, false) AS quality_below,
    coalesce(b.settled_usd, 0) AS settled_usd,
    s.saved_usd,
    j.error_code,
    j.total_s,
    coalesce(j.total_s <= j.target_s, false) AS in_time,
    CASE WHEN r.kind = 'batch' THEN r.id END AS batch_id,
    j.created_at
FROM marts.jobs AS j
JOIN staging.jobs AS s ON s.id = j.id
LEFT JOIN staging.jobs AS r ON r.id = j.root_id
LEFT JOIN pieces AS p ON p.job_id = j.id
LEFT JOIN billed AS b ON b.job_id = j.id
WHERE j.kind = 'music'
    AND j.id IN (SELECT id FROM touched_music)  -- increment
ORDER BY j.created_at, j.id
