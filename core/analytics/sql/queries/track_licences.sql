-- Licences that are held, those that end first leading, with the published pieces that their end leaves uncovered. Days do not
-- count here: what is held is held whenever it was bought.
SELECT
    l.provider, l.track_id, l.title, l.artist, l.kind, l.starts_on, l.ends_on, l.state, l.keeps_published, l.price_usd,
    date_diff('day', $today, l.ends_on) AS days_left,
    CAST(count(DISTINCT u.output_asset_id) AS BIGINT) AS pieces,
    CAST(count(DISTINCT u.output_asset_id) FILTER (WHERE u.covered_until IS NOT NULL) AS BIGINT) AS pieces_touched,
    l.user_id, l.id
FROM studio.marts.track_licences AS l
LEFT JOIN studio.marts.track_uses AS u ON u.licence_id = l.id
WHERE (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], l.provider))
    AND ($user = '' OR l.user_id = $user)
GROUP BY ALL
ORDER BY l.ends_on NULLS LAST, l.title, l.id;
