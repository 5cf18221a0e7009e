SELECT
    name, kind, source, provider, licence_title,
    CASE WHEN commercial = 'yes' AND valid_until < $today THEN 'ended' ELSE commercial END AS commercial,
    limited_by, royalty_free, attribution, valid_until, state, rating, duration_s, bytes,
    cost_usd, mood, genre, bpm, "key", lufs, true_peak_dbtp, user_id, created_at, id
FROM studio.marts.assets
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND NOT part
    AND state <> 'draft'
ORDER BY created_at DESC, id;
