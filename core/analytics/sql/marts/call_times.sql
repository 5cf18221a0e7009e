-- How long answered calls took, in the buckets of macros.sql.
SELECT day, provider, kind, user_id, marts.log_bucket(seconds) AS bucket, count(*) AS times
FROM marts.attempts
WHERE outcome = 'succeeded' AND seconds IS NOT NULL
    AND day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
