-- What each asset really rests on: the far end of its lineage, or itself where it was made from nothing. The same walk
-- as the gate's at export: the live record of a source counts, and a purged one speaks through the copy kept with the link.
CREATE OR REPLACE VIEW staging.origins AS
WITH RECURSIVE tree AS (
    SELECT asset_id, source_id, licence FROM raw.asset_sources
    UNION
    SELECT tree.asset_id, s.source_id, s.licence FROM tree JOIN raw.asset_sources AS s ON s.asset_id = tree.source_id
),
ends AS (
    SELECT tree.asset_id, coalesce(a.licence, tree.licence) AS licence
    FROM tree
    LEFT JOIN raw.assets AS a ON a.id = tree.source_id
    WHERE tree.source_id NOT IN (SELECT asset_id FROM raw.asset_sources)
    UNION ALL
    SELECT id, licence FROM raw.assets WHERE id NOT IN (SELECT asset_id FROM raw.asset_sources)
)
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
FROM ends;
