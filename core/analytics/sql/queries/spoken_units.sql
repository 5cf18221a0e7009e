-- What speech engines billed: characters, tokens, credits.
SELECT provider, unit.key AS unit, sum(unit.value) AS amount
FROM (
    SELECT provider, unnest(map_entries(units)) AS unit
    FROM studio.marts.daily_cost
    WHERE day BETWEEN $first_day AND $last_day
        AND kind = 'speech'
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
)
GROUP BY ALL
ORDER BY ALL;
