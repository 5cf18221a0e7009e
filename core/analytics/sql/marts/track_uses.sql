-- One row a use of a licensed track. Without a licence it rested on an open one, which nobody has to hold.
SELECT
    u.id,
    CAST(u.used_on AS DATE) AS day,
    u.provider,
    u.track_id,
    u.title,
    u.artist,
    u.genre,
    u.mood,
    u.output_asset_id,
    u.output_name,
    u.project_id,
    u.licence_id,
    u.platform,
    u.commercial,
    u.user_id,
    u.licence_id IS NULL OR (
        l.id IS NOT NULL
        AND CAST(u.used_on AS DATE) BETWEEN l.starts_on AND l.covers_until
        AND (l.commercial OR NOT u.commercial)
    ) AS covered,
    -- The last day on which what was published is covered; none: for ever.
    CASE
        WHEN u.licence_id IS NULL OR l.keeps_published THEN NULL
        WHEN l.id IS NULL THEN CAST(u.used_on AS DATE)
        WHEN l.covers_until < DATE '9999-12-31' THEN l.covers_until
    END AS covered_until,
    u.created_at
FROM raw.track_uses AS u
LEFT JOIN staging.track_licences AS l ON l.id = u.licence_id
WHERE true
    AND u.id IN (SELECT id FROM touched_track_uses)  -- increment
ORDER BY u.created_at, u.id
