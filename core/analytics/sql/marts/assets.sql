-- Rights live on sources: a mix may be used commercially only if everything under it may, and only until the first of
-- its licences ends.
WITH RECURSIVE tree AS (
    -- What each asset really rests on: the far end of its lineage, or itself where it was made from nothing. The same
    -- walk as the gate's at export: the live record of a source counts, and a purged one speaks through the copy kept
    -- with the link.
    SELECT asset_id, source_id, role, licence
    FROM raw.asset_sources
    WHERE asset_id IN (SELECT id FROM touched_assets)  -- increment
    UNION
    SELECT tree.asset_id, s.source_id, s.role, s.licence
    FROM tree
    JOIN raw.asset_sources AS s ON s.asset_id = tree.source_id
),
made AS (
    -- What was made from assets. A voice is a source beside them: what was said with it stands for itself as well.
    SELECT DISTINCT asset_id FROM raw.asset_sources WHERE role <> 'speaker'
),
ends AS (
    SELECT tree.asset_id, coalesce(a.licence, v.licence, tree.licence) AS licence
    FROM tree
    LEFT JOIN raw.assets AS a ON a.id = tree.source_id
    LEFT JOIN raw.voices AS v ON v.id = tree.source_id
    WHERE tree.source_id NOT IN (SELECT asset_id FROM made)
    UNION ALL
    SELECT id, licence
    FROM raw.assets
    WHERE id NOT IN (SELECT asset_id FROM made)
        AND id IN (SELECT id FROM touched_assets)  -- increment
),
origins AS (
    SELECT
        asset_id,
        coalesce(licence ->> 'title', licence ->> 'id', 'Unknown') AS licence_title,
        CASE
            -- Nobody declared whose it is: it may not be published at all, whatever else the record says.
            WHEN NOT coalesce(TRY_CAST(licence ->> 'publish' AS BOOLEAN), true) THEN 'unknown'
            WHEN TRY_CAST(licence ->> 'commercial' AS BOOLEAN) THEN 'yes'
            WHEN NOT TRY_CAST(licence ->> 'commercial' AS BOOLEAN) THEN 'no'
            ELSE 'unknown'
        END AS commercial,
        coalesce(TRY_CAST(licence ->> 'royalty_free' AS BOOLEAN), false) AS royalty_free,
        coalesce(TRY_CAST(licence ->> 'attribution' AS BOOLEAN), false) AS attribution,
        TRY_CAST(nullif(licence ->> 'ends', '') AS DATE) AS valid_until
    FROM ends
),
rights AS (
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
    FROM origins
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
WHERE a.id IN (SELECT id FROM touched_assets)  -- increment
ORDER BY a.created_at, a.id
