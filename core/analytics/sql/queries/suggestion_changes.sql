-- Fields that were made otherwise than suggested, each suggestion once a field; of: all suggestions of that type of scene.
WITH asked AS (
    SELECT scene_type, changed, count(*) OVER (PARTITION BY scene_type) AS of_suggestions
    FROM studio.marts.suggestions
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
)
SELECT
    scene_type, field,
    CAST(count(*) AS BIGINT) AS times,
    CAST(any_value(of_suggestions) AS BIGINT) AS of_suggestions
FROM (SELECT scene_type, of_suggestions, unnest(list_distinct(changed)) AS field FROM asked)
GROUP BY scene_type, field
ORDER BY times DESC, scene_type, field;
