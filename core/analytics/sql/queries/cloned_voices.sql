-- Cloned voices: how often each spoke within these days, for how long, and how well and how quickly it was learned.
-- Previews and parts of a piece are no uses; a lesson counts from its beginning to its end, without the wait before it.
SELECT
    v.id,
    v.name,
    v.status,
    v.active,
    v.quality_score,
    CASE WHEN v.training_completed_at >= v.training_started_at
        THEN date_diff('millisecond', v.training_started_at, v.training_completed_at) / 1000 END AS learned_in_s,
    CAST(count(a.id) AS BIGINT) AS uses,
    CAST(count(a.id) FILTER (WHERE a.state = 'kept') AS BIGINT) AS kept,
    coalesce(sum(a.duration_s), 0) AS seconds,
    coalesce(sum(a.cost_usd), 0) AS cost_usd,
    v.last_used_at
FROM studio.raw.voices AS v
LEFT JOIN studio.raw.asset_sources AS s ON s.source_id = v.id AND s.role = 'speaker'
LEFT JOIN studio.marts.assets AS a
    ON a.id = s.asset_id
    AND a.day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], a.provider))
    AND ($user = '' OR a.user_id = $user)
    AND a.state <> 'draft'
    AND NOT a.part
WHERE v.deleted_at IS NULL
    AND ($user = '' OR v.user_id = $user)
GROUP BY ALL
ORDER BY seconds DESC, v.name;
