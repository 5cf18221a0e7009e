SELECT *
FROM staging.scenes
WHERE true
    AND id IN (SELECT id FROM touched_scenes)  -- increment
ORDER BY created_at, clip_id, number
