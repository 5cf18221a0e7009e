SELECT *
FROM staging.track_licences
WHERE true
    AND id IN (SELECT id FROM touched_track_licences)  -- increment
ORDER BY created_at, id
