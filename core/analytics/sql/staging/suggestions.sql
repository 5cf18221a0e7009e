-- One row a piece of music that was asked for out of a suggestion; id is the job's that makes it.
CREATE OR REPLACE VIEW staging.suggestions AS
SELECT
    job_id AS id,
    CAST(created_at AS DATE) AS day,
    clip_id,
    scene_id,
    scene_type,
    suggested ->> 'genre' AS suggested_genre,
    suggested ->> 'mood' AS suggested_mood,
    suggested ->> 'intensity' AS suggested_intensity,
    TRY_CAST(suggested ->> 'bpm' AS DOUBLE) AS suggested_bpm,
    genre,
    made ->> 'mood' AS mood,
    made ->> 'intensity' AS intensity,
    TRY_CAST(made ->> 'bpm' AS DOUBLE) AS bpm,
    from_json(changed, '["VARCHAR"]') AS changed,
    user_id,
    created_at
FROM raw.suggestions;
