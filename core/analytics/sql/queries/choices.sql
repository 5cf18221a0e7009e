-- What there is to filter by, and since when.
WITH costs AS (SELECT * FROM studio.marts.daily_cost WHERE $sees = '' OR user_id = $sees),
calls AS (SELECT * FROM studio.marts.provider_performance WHERE $sees = '' OR user_id = $sees),
jobs AS (SELECT * FROM studio.marts.job_days WHERE $sees = '' OR user_id = $sees),
assets AS (SELECT * FROM studio.marts.assets WHERE $sees = '' OR user_id = $sees),
uses AS (SELECT * FROM studio.marts.track_uses WHERE $sees = '' OR user_id = $sees),
licences AS (SELECT * FROM studio.marts.track_licences WHERE $sees = '' OR user_id = $sees)
SELECT 'provider' AS what, provider AS value FROM costs
UNION SELECT 'provider', provider FROM calls
UNION SELECT 'provider', provider FROM jobs
UNION SELECT 'provider', provider FROM assets
UNION SELECT 'provider', provider FROM uses
UNION SELECT 'provider', provider FROM licences
UNION SELECT 'user', user_id FROM costs
UNION SELECT 'user', user_id FROM jobs
UNION SELECT 'user', user_id FROM assets
UNION SELECT 'charge_kind', kind FROM costs
UNION SELECT 'job_kind', kind FROM jobs
UNION SELECT 'asset_kind', kind FROM assets WHERE NOT part AND state <> 'draft'
UNION SELECT 'first_day', CAST(min(day) AS VARCHAR) FROM (
    SELECT min(day) AS day FROM costs
    UNION ALL SELECT min(day) FROM jobs
    UNION ALL SELECT min(day) FROM assets
    UNION ALL SELECT min(day) FROM uses
    UNION ALL SELECT min(day) FROM licences
) HAVING min(day) IS NOT NULL
ORDER BY 1, 2;
