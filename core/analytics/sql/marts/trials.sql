-- One row a listener's choice, thing compared and value of it that could be heard; id is the choice's. A value's share of
-- the variants is its chance to win by accident. What all variants had alike was not compared.
WITH heard AS (
    SELECT
        c.id, c.day, c.trial_id, c.trial, c.job_id, c.user_id, c.tie, v.axis, v.value, c.created_at,
        count(*) AS variants,
        coalesce(bool_or(c.number = c.winner), false) AS won
    FROM staging.trial_choices AS c
    JOIN staging.trial_values AS v ON v.trial_id = c.trial_id AND v.number = c.number
    WHERE true
        AND c.id IN (SELECT id FROM touched_trials)  -- increment
    GROUP BY c.id, c.day, c.trial_id, c.trial, c.job_id, c.user_id, c.tie, v.axis, v.value, c.created_at
)
SELECT
    id, day, trial_id, trial, job_id, user_id, tie, axis, value, won,
    variants / sum(variants) OVER (PARTITION BY id, axis) AS share,
    created_at
FROM heard
QUALIFY count(*) OVER (PARTITION BY id, axis) > 1
ORDER BY created_at, id, axis, value
