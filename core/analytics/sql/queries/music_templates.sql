-- Templates by use, under the name they had last.
SELECT
    template_id, arg_max(template_name, created_at) AS name,
    CAST(count(*) FILTER (WHERE outcome <> 'draft') AS BIGINT) AS uses,
    CAST(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE outcome = 'kept') AS BIGINT) AS kept,
    count(*) FILTER (WHERE outcome = 'kept') / nullif(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')), 0) AS kept_rate,
    avg(quality) AS quality,
    sum(settled_usd) AS settled_usd,
    sum(settled_usd) / nullif(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')), 0) AS usd_each
FROM studio.marts.music
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
    AND template_id <> ''
GROUP BY template_id
HAVING count(*) FILTER (WHERE outcome <> 'draft') > 0
ORDER BY uses DESC, name, template_id;
