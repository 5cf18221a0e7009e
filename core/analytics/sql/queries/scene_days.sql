-- Scenes found, by day and type. Scenes have no engine: providers do not count here.
SELECT
    day, type,
    CAST(count(*) AS BIGINT) AS scenes,
    CAST(count(DISTINCT clip_id) AS BIGINT) AS clips,
    sum(seconds) AS seconds
FROM studio.marts.scenes
WHERE day BETWEEN $first_day AND $last_day
    AND ($user = '' OR user_id = $user)
GROUP BY day, type
ORDER BY day, type;
