SELECT
    day,
    kind,
    provider,
    user_id,
    status,
    any_value(target_s) AS target_s,
    count(*) AS jobs,
    count(*) FILTER (WHERE total_s <= target_s) AS within
FROM marts.jobs
WHERE day IN (SELECT day FROM touched_days)  -- increment
GROUP BY day, kind, provider, user_id, status
ORDER BY day, kind, provider, user_id, status
