SELECT day, provider, kind, user_id, settled_usd, reserved_usd, held_usd, charges
FROM studio.marts.daily_cost
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
ORDER BY day, provider, kind, user_id;
