-- What there is to filter by, and since when.
SELECT 'provider' AS what, provider AS value FROM studio.marts.daily_cost
UNION SELECT 'provider', provider FROM studio.marts.attempts
UNION SELECT 'provider', provider FROM studio.marts.jobs
UNION SELECT 'provider', provider FROM studio.marts.assets
UNION SELECT 'user', user_id FROM studio.marts.daily_cost
UNION SELECT 'user', user_id FROM studio.marts.jobs
UNION SELECT 'user', user_id FROM studio.marts.assets
UNION SELECT 'charge_kind', kind FROM studio.marts.daily_cost
UNION SELECT 'job_kind', kind FROM studio.marts.jobs
UNION SELECT 'asset_kind', kind FROM studio.marts.assets WHERE NOT part AND state <> 'draft'
UNION SELECT 'first_day', CAST(min(day) AS VARCHAR) FROM (
    SELECT min(day) AS day FROM studio.marts.daily_cost
    UNION ALL SELECT min(day) FROM studio.marts.jobs
    UNION ALL SELECT min(day) FROM studio.marts.assets
) HAVING min(day) IS NOT NULL
ORDER BY 1, 2;
