SELECT kind, coalesce(rating, 0) AS rating, count(*) AS assets
FROM studio.marts.assets
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND NOT part
    AND state = 'kept'
GROUP BY ALL
ORDER BY ALL;
