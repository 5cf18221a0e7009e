-- What was made or brought in: whole pieces, kept or binned since, but neither previews nor parts of a piece.
SELECT
    day,
    kind,
    source,
    provider,
    user_id,
    coalesce(mood, '') AS mood,
    coalesce(genre, '') AS genre,
    coalesce(voice, '') AS voice,
    count(*) AS assets,
    coalesce(sum(duration_s), 0) AS seconds,
    sum(cost_usd) AS cost_usd
FROM marts.assets
WHERE NOT part AND state <> 'draft'
    AND day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
