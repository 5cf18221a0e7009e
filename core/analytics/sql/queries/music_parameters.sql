-- The costliest parameters: what a paid generation cost by engine and model, by length asked for, and by tries.
WITH spent AS (
    SELECT *
    FROM studio.marts.music_fates
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
),
cut AS (
    SELECT 'model' AS parameter, provider || ' · ' || model AS value, settled_usd, lost FROM spent
    UNION ALL
    SELECT
        'length',
        CASE
            WHEN coalesce(asked_s, seconds) < 15 THEN '1. under 15 s'
            WHEN coalesce(asked_s, seconds) < 30 THEN '2. 15 to 30 s'
            WHEN coalesce(asked_s, seconds) <= 60 THEN '3. 30 to 60 s'
            WHEN coalesce(asked_s, seconds) <= 180 THEN '4. 1 to 3 min'
            ELSE '5. over 3 min'
        END,
        settled_usd, lost
    FROM spent
    UNION ALL
    SELECT 'tries', CASE WHEN tries = 1 THEN 'one try' ELSE 'best of ' || tries END, settled_usd, lost FROM spent
)
SELECT
    parameter, value,
    CAST(count(*) AS BIGINT) AS pieces,
    sum(settled_usd) AS usd,
    sum(settled_usd) / count(*) AS usd_each,
    coalesce(sum(settled_usd) FILTER (WHERE lost), 0) AS lost_usd
FROM cut
GROUP BY parameter, value
ORDER BY usd_each DESC, parameter, value;
