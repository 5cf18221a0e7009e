-- One row a scene, with the clip it is of and whose that is.
CREATE OR REPLACE VIEW staging.scenes AS
SELECT
    s.id,
    CAST(c.created_at AS DATE) AS day,
    s.clip_id,
    c.name AS clip,
    c.asset_id,
    c.user_id,
    s.number,
    s.type,
    s.end_s - s.start_s AS seconds,
    s.opened,
    s.confidence,
    s.lufs,
    s.energy,
    s.speech,
    s.motion,
    s.brightness,
    s.contrast,
    s.warmth,
    s.saturation,
    s.face,
    s.cuts_per_minute,
    s.position,
    c.created_at
FROM raw.scenes AS s
JOIN raw.clips AS c ON c.id = s.clip_id;
