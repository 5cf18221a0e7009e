-- How long jobs waited, and those that were done ran, in the buckets of macros.sql.
SELECT day, kind, provider, user_id, 'wait' AS what, marts.log_bucket(wait_s) AS bucket, count(*) AS times
FROM marts.jobs
WHERE wait_s IS NOT NULL
    AND day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
UNION ALL
SELECT day, kind, provider, user_id, 'run', marts.log_bucket(run_s), count(*)
FROM marts.jobs
WHERE status = 'done' AND run_s IS NOT NULL
    AND day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
