-- A mart made yesterday says nothing about today: a period that is over holds nothing any more.
SELECT
    scope,
    subject,
    cap_usd,
    CASE WHEN scope <> 'job' AND last_day < $today THEN 0 ELSE settled_usd END AS settled_usd,
    CASE WHEN scope <> 'job' AND last_day < $today THEN 0 ELSE reserved_usd END AS reserved_usd,
    CASE WHEN scope <> 'job' AND last_day < $today THEN 0 ELSE held_usd END AS held_usd,
    CASE WHEN scope <> 'job' AND last_day < $today THEN cap_usd ELSE left_usd END AS left_usd,
    CASE WHEN scope <> 'job' AND last_day < $today THEN 0 ELSE percent END AS percent,
    alert_percents,
    set_by
FROM studio.marts.budget_state
WHERE ($user = '' OR scope <> 'user_day' OR subject = $user)
    -- What everybody spent together is the administrators' to know.
    AND (
        $sees = ''
        OR (scope = 'user_day' AND subject = $sees)
        OR (scope = 'job' AND subject IN (SELECT id FROM studio.marts.jobs WHERE user_id = $sees))
    )
ORDER BY CASE scope WHEN 'day' THEN 0 WHEN 'month' THEN 1 WHEN 'user_day' THEN 2 ELSE 3 END, percent DESC, subject;
