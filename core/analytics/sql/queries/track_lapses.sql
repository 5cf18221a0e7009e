-- Uses that were not covered on their day, or whose cover has ended since: what is still published is to be cleared or taken
-- down. Those that were never covered lead.
SELECT
    day, provider, track_id, title, artist, output_name, platform, project_id, licence_id, covered, covered_until, user_id,
    output_asset_id
FROM studio.marts.track_uses
WHERE day BETWEEN $first_day AND $last_day
    AND (NOT covered OR covered_until < $today)
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], platform))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
ORDER BY covered, covered_until, day, title, id;
