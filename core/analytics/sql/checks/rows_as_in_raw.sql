-- A row of the studio is one row here: none lost, none twice.
SELECT raw.noun, raw.there AS in_raw, mart.there AS in_mart
FROM (
    SELECT 'jobs' AS noun, count(*) AS there FROM raw.jobs
    UNION ALL SELECT 'attempts', count(*) FROM raw.attempts
    UNION ALL SELECT 'assets', count(*) FROM raw.assets
    UNION ALL SELECT 'scenes', count(*) FROM raw.scenes
    UNION ALL SELECT 'suggestions', count(*) FROM raw.suggestions
    UNION ALL SELECT 'track_licences', count(*) FROM raw.track_licences
    UNION ALL SELECT 'track_uses', count(*) FROM raw.track_uses
) AS raw
JOIN (
    SELECT 'jobs' AS noun, count(*) AS there FROM marts.jobs
    UNION ALL SELECT 'attempts', count(*) FROM marts.attempts
    UNION ALL SELECT 'assets', count(*) FROM marts.assets
    UNION ALL SELECT 'scenes', count(*) FROM marts.scenes
    UNION ALL SELECT 'suggestions', count(*) FROM marts.suggestions
    UNION ALL SELECT 'track_licences', count(*) FROM marts.track_licences
    UNION ALL SELECT 'track_uses', count(*) FROM marts.track_uses
) AS mart ON mart.noun = raw.noun
WHERE raw.there <> mart.there;
