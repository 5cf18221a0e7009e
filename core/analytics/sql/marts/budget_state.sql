-- What is held against every cap. A scope with many subjects (users of a day, open jobs) has one row a subject.
WITH today AS (
    SELECT CAST(as_of AS DATE) AS day FROM meta.state
),
subjects AS (
    SELECT
        'day' AS scope,
        '' AS subject,
        t.day AS first_day,
        t.day AS last_day,
        NULL::DECIMAL(38, 9) AS own_cap_usd,
        coalesce(sum(c.settled_usd), 0) AS settled_usd,
        coalesce(sum(c.reserved_usd), 0) AS reserved_usd
    FROM today AS t LEFT JOIN marts.daily_cost AS c ON c.day = t.day
    GROUP BY t.day
    UNION ALL
    SELECT
        'month', '', date_trunc('month', t.day), last_day(t.day), NULL,
        coalesce(sum(c.settled_usd), 0), coalesce(sum(c.reserved_usd), 0)
    FROM today AS t LEFT JOIN marts.daily_cost AS c ON c.day BETWEEN date_trunc('month', t.day) AND last_day(t.day)
    GROUP BY t.day
    UNION ALL
    SELECT 'user_day', c.user_id, t.day, t.day, NULL, sum(c.settled_usd), sum(c.reserved_usd)
    FROM today AS t JOIN marts.daily_cost AS c ON c.day = t.day
    GROUP BY t.day, c.user_id
    UNION ALL
    SELECT
        'job', j.id, min(c.day), max(c.day), any_value(j.cap_usd), sum(c.settled_usd), sum(c.reserved_usd)
    FROM raw.jobs AS j JOIN staging.charges AS c ON c.root_job_id = j.id
    WHERE j.status IN ('waiting', 'running')
    GROUP BY j.id
)
SELECT
    s.scope,
    s.subject,
    CAST(s.first_day AS DATE) AS first_day,
    CAST(s.last_day AS DATE) AS last_day,
    least(caps.cap_usd, s.own_cap_usd) AS cap_usd,
    s.settled_usd,
    s.reserved_usd,
    s.settled_usd + s.reserved_usd AS held_usd,
    greatest(0, least(caps.cap_usd, s.own_cap_usd) - s.settled_usd - s.reserved_usd) AS left_usd,
    CASE
        WHEN least(caps.cap_usd, s.own_cap_usd) > 0
            THEN CAST(s.settled_usd + s.reserved_usd AS DOUBLE) / CAST(least(caps.cap_usd, s.own_cap_usd) AS DOUBLE) * 100
        WHEN s.settled_usd + s.reserved_usd > 0 THEN 100
        ELSE 0
    END AS percent,
    caps.alert_percents,
    caps.set_by
FROM subjects AS s
JOIN staging.caps AS caps ON caps.scope = s.scope
ORDER BY s.scope, s.subject
