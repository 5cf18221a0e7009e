-- What was compared in trials and what won, one row a trial and value. Only ties or a winner count, ties beside the choices.
-- expected: how often it would have won by accident.
SELECT
    trial_id, any_value(trial) AS trial, axis, value,
    CAST(count(*) FILTER (WHERE NOT tie) AS BIGINT) AS choices,
    CAST(count(*) FILTER (WHERE won) AS BIGINT) AS wins,
    CAST(count(*) FILTER (WHERE tie) AS BIGINT) AS ties,
    coalesce(sum(share) FILTER (WHERE NOT tie), 0) AS expected,
    max(created_at) AS last_at
FROM studio.marts.trials
WHERE day BETWEEN $first_day AND $last_day
    AND ($user = '' OR user_id = $user)
    AND (
        len($providers::VARCHAR[]) = 0
        OR job_id IN (SELECT batch_id FROM studio.marts.music WHERE list_contains($providers::VARCHAR[], provider))
    )
GROUP BY trial_id, axis, value
ORDER BY max(max(created_at)) OVER (PARTITION BY trial_id) DESC, trial_id, axis, wins / greatest(choices, 1) DESC, value;
