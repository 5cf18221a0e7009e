-- One row a choice and variant that could be heard when it was made. Choices of pairs alone name no winner: left out.
CREATE OR REPLACE VIEW staging.trial_choices AS
SELECT
    c.id,
    CAST(c.created_at AS DATE) AS day,
    c.trial_id,
    t.name AS trial,
    t.job_id,
    c.user_id,
    c.tie,
    c.winner,
    unnest(from_json(c.heard, '["INTEGER"]')) AS number,
    c.created_at
FROM raw.trial_choices AS c
JOIN raw.trials AS t ON t.id = c.trial_id
WHERE c.tie OR c.winner IS NOT NULL;
