SELECT days.attempts AS counted, attempts.attempts AS there
FROM (SELECT coalesce(sum(attempts), 0) AS attempts FROM marts.provider_performance) AS days,
    (SELECT count(*) AS attempts FROM marts.attempts) AS attempts
WHERE days.attempts <> attempts.attempts;
