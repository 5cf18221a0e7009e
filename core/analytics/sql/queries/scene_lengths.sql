-- How long scenes are: counted in steps, the number before the name puts them in order.
SELECT
    type,
    CASE
        WHEN seconds < 2 THEN '1. under 2 s'
        WHEN seconds < 4 THEN '2. 2 to 4 s'
        WHEN seconds < 8 THEN '3. 4 to 8 s'
        WHEN seconds < 15 THEN '4. 8 to 15 s'
        WHEN seconds < 30 THEN '5. 15 to 30 s'
        WHEN seconds < 60 THEN '6. 30 to 60 s'
        ELSE '7. 1 min and over'
    END AS length,
    CAST(count(*) AS BIGINT) AS scenes
FROM studio.marts.scenes
WHERE day BETWEEN $first_day AND $last_day
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY length, type;
