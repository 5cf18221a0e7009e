-- Uses of licensed tracks, by day and track. Kinds are platforms.
SELECT
    day, provider, track_id, any_value(title) AS title, any_value(artist) AS artist, any_value(genre) AS genre,
    any_value(mood) AS mood,
    CAST(count(*) AS BIGINT) AS uses,
    CAST(count(*) FILTER (WHERE covered) AS BIGINT) AS covered
FROM studio.marts.track_uses
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], platform))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY day, provider, track_id
ORDER BY day, uses DESC, title, provider, track_id;
