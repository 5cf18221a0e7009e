-- Films that were scored, the newest first, with what a minute of each cost.
SELECT
    id, title, status, outcome, user_id, provider, film_s, cues, settled_usd,
    CASE WHEN status = 'done' THEN settled_usd / nullif(film_s / 60, 0) END AS usd_per_minute,
    engine_s, run_s, created_at
FROM studio.marts.scored
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_has_any($providers::VARCHAR[], string_split(provider, ' + ')))
    AND ($user = '' OR user_id = $user)
ORDER BY created_at DESC, id;
