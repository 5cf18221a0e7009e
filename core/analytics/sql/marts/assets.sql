-- Rights live on sources: a mix may be used commercially only if everything under it may, and only until the first of
-- its licences ends.
CREATE OR REPLACE TABLE marts.assets AS
WITH rights AS (
    SELECT
        asset_id,
        CASE
            WHEN bool_or(commercial = 'no') THEN 'no'
            WHEN bool_or(commercial = 'unknown') THEN 'unknown'
            ELSE 'yes'
        END AS commercial,
        string_agg(DISTINCT licence_title, ' + ' ORDER BY licence_title) AS licence_title,
        bool_and(royalty_free) AS royalty_free,
        bool_or(attribution) AS attribution,
        -- Which licences stand in the way, for people to read.
        string_agg(DISTINCT licence_title, ', ' ORDER BY licence_title) FILTER (WHERE commercial <> 'yes') AS limited_by,
        min(valid_until) AS valid_until
    FROM staging.origins
    GROUP BY asset_id
)
SELECT
    a.* EXCLUDE (licence_title),
    coalesce(r.licence_title, a.licence_title) AS licence_title,
    coalesce(r.commercial, 'unknown') AS commercial,
    coalesce(r.royalty_free, false) AS royalty_free,
    coalesce(r.attribution, false) AS attribution,
    r.limited_by,
    r.valid_until
FROM staging.assets AS a
LEFT JOIN rights AS r ON r.asset_id = a.id
ORDER BY a.created_at, a.id;
