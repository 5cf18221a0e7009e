SELECT scene_type, fate, CAST(count(*) AS BIGINT) AS suggestions
FROM studio.marts.suggestions
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY scene_type, fate
ORDER BY scene_type, fate;
