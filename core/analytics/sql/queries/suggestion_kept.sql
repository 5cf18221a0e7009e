-- What was made for each type of scene, by the genre it was made in, and how much of it was kept.
SELECT
    scene_type, genre,
    CAST(count(*) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE liked) AS BIGINT) AS kept,
    CAST(count(*) FILTER (WHERE fate = 'dropped') AS BIGINT) AS dropped,
    CAST(count(rating) AS BIGINT) AS rated,
    avg(rating) AS rating
FROM studio.marts.suggestions
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND fate IN ('taken', 'changed', 'dropped')
GROUP BY scene_type, genre
ORDER BY made DESC, scene_type, genre;
