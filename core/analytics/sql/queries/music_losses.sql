-- What became of the money, by engine: each paid generation counts once.
SELECT
    provider, fate, lost,
    CAST(count(*) AS BIGINT) AS pieces,
    sum(settled_usd) AS usd,
    CAST(sum(count(*)) OVER (PARTITION BY provider) AS BIGINT) AS of_pieces,
    sum(sum(settled_usd)) OVER (PARTITION BY provider) AS of_usd
FROM studio.marts.music_fates
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY provider, fate, lost
ORDER BY provider, fate;
