-- Speech by engine and voice: what was made and what was kept of it. A kept minute carries the cost of the takes that were not.
SELECT
    provider,
    coalesce(voice, '') AS voice,
    CAST(count(*) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE state = 'kept') AS BIGINT) AS kept,
    coalesce(sum(duration_s), 0) AS seconds,
    coalesce(sum(duration_s) FILTER (WHERE state = 'kept'), 0) AS kept_seconds,
    sum(cost_usd) AS cost_usd,
    60 * sum(cost_usd) / nullif(sum(duration_s) FILTER (WHERE state = 'kept'), 0) AS usd_per_kept_minute
FROM studio.marts.assets
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND kind = 'voiceover'
    AND source IN ('tts', 'ai_voice', 'cloned')
    AND NOT part
GROUP BY ALL
ORDER BY seconds DESC, provider, voice;
