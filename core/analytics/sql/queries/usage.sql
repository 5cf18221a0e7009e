SELECT day, kind, source, provider, user_id, mood, genre, voice, assets, seconds, cost_usd
FROM studio.marts.usage
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
ORDER BY ALL;
