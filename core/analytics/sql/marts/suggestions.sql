-- One row a suggestion that music was made from, with what became of the piece. Thrown away (in the bin, or gone since)
-- is dropped; liked is what the next suggestions go by: still there, and not rated under three stars.
SELECT
    s.id,
    s.day,
    s.clip_id,
    s.scene_id,
    s.scene_type,
    s.suggested_genre,
    s.suggested_mood,
    s.suggested_intensity,
    s.suggested_bpm,
    s.genre,
    s.mood,
    s.intensity,
    s.bpm,
    s.changed,
    CASE coalesce(m.outcome, 'discarded')
        WHEN 'open' THEN 'open'
        WHEN 'failed' THEN 'failed'
        WHEN 'discarded' THEN 'dropped'
        ELSE CASE WHEN len(s.changed) = 0 THEN 'taken' ELSE 'changed' END
    END AS fate,
    fate IN ('taken', 'changed') AND coalesce(m.rating, 5) >= 3 AS liked,
    m.rating,
    coalesce(m.provider, 'none') AS provider,
    coalesce(m.settled_usd, 0) AS settled_usd,
    s.user_id,
    s.created_at
FROM staging.suggestions AS s
LEFT JOIN marts.music AS m ON m.id = s.id
WHERE true
    AND s.id IN (SELECT id FROM touched_suggestions)  -- increment
ORDER BY s.created_at, s.id
