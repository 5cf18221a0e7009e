-- Music by day, engine, user and template. Made: finished and no draft; in time: within 30 s, drafts included.
SELECT
    day, provider, user_id, template_id, any_value(template_name) AS template_name,
    CAST(count(*) AS BIGINT) AS jobs,
    CAST(count(*) FILTER (WHERE outcome IN ('kept', 'discarded')) AS BIGINT) AS made,
    CAST(count(*) FILTER (WHERE outcome = 'kept') AS BIGINT) AS kept,
    CAST(count(*) FILTER (WHERE outcome = 'failed') AS BIGINT) AS failed,
    CAST(count(*) FILTER (WHERE status = 'done') AS BIGINT) AS done,
    CAST(count(*) FILTER (WHERE status = 'done' AND in_time) AS BIGINT) AS in_time,
    CAST(count(*) FILTER (WHERE reused) AS BIGINT) AS reused,
    CAST(count(*) FILTER (WHERE settled_usd > 0) AS BIGINT) AS bought,
    sum(settled_usd) AS settled_usd,
    sum(saved_usd) AS saved_usd
FROM studio.marts.music
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY day, provider, user_id, template_id
ORDER BY day, provider, user_id, template_id;
