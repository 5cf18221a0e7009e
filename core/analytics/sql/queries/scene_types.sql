-- Types of scene: how many, how long, and what was measured of them on average.
SELECT
    type,
    CAST(count(*) AS BIGINT) AS scenes,
    sum(seconds) AS seconds,
    median(seconds) AS seconds_p50,
    avg(confidence) AS confidence,
    avg(speech) AS speech,
    avg(motion) AS motion,
    avg(brightness) AS brightness,
    avg(warmth) AS warmth,
    avg(energy) AS energy,
    median(lufs) AS lufs
FROM studio.marts.scenes
WHERE day BETWEEN $first_day AND $last_day
    AND ($user = '' OR user_id = $user)
GROUP BY type
ORDER BY scenes DESC, type;
