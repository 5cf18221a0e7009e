-- Engines: what was kept of theirs, how well it scored, what it cost, how soon it came.
SELECT
    provider,
    CAST(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE outcome = 'kept') AS BIGINT) AS kept,
    count(*) FILTER (WHERE outcome = 'kept') / nullif(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')), 0) AS kept_rate,
    CAST(count(*) FILTER (WHERE outcome = 'failed') AS BIGINT) AS failed,
    CAST(count(quality) AS BIGINT) AS scored,
    CAST(count(*) FILTER (WHERE quality IS NOT NULL AND quality_below) AS BIGINT) AS below,
    min(quality) AS quality_min,
    quantile_cont(quality, 0.25) AS quality_p25,
    median(quality) AS quality_p50,
    quantile_cont(quality, 0.75) AS quality_p75,
    max(quality) AS quality_max,
    count(*) FILTER (WHERE status = 'done' AND in_time) / nullif(count(*) FILTER (WHERE status = 'done'), 0) AS in_time,
    CAST(count(*) FILTER (WHERE settled_usd > 0) AS BIGINT) AS bought,
    sum(settled_usd) AS settled_usd,
    sum(settled_usd) / nullif(count(*) FILTER (WHERE settled_usd > 0), 0) AS usd_each,
    sum(settled_usd) / nullif(count(*) FILTER (WHERE outcome = 'kept'), 0) AS usd_per_kept
FROM studio.marts.music
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY provider
ORDER BY made DESC, provider;
