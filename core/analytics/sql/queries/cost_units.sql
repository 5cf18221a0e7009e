SELECT provider, kind, unit.key AS unit, sum(unit.value) AS amount
FROM (
    SELECT provider, kind, unnest(map_entries(units)) AS unit
    FROM studio.marts.daily_cost
    WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
)
GROUP BY ALL
ORDER BY ALL;
