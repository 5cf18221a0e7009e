SELECT name, kind, source, provider, user_id, cost_usd, duration_s, rating, created_at, id
FROM studio.marts.assets
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND NOT part
    AND state <> 'draft'
ORDER BY cost_usd DESC, created_at DESC;
