SELECT
    licence_title,
    CASE WHEN commercial = 'yes' AND valid_until < $today THEN 'ended' ELSE commercial END AS commercial,
    count(*) AS assets,
    coalesce(sum(duration_s), 0) AS seconds
FROM studio.marts.assets
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND NOT part
    AND state = 'kept'
GROUP BY ALL
ORDER BY assets DESC, licence_title, commercial;
