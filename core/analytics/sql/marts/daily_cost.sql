WITH used AS (
    SELECT day, provider, kind, user_id, map_from_entries(list({'k': unit, 'v': amount} ORDER BY unit)) AS units
    FROM (
        SELECT day, provider, kind, user_id, unit, sum(amount) AS amount
        FROM staging.charge_units
        WHERE amount IS NOT NULL
            AND day IN (SELECT day FROM touched_days)  -- increment
        GROUP BY ALL
    )
    GROUP BY ALL
)
SELECT
    c.day,
    c.provider,
    c.kind,
    c.user_id,
    sum(c.settled_usd) AS settled_usd,
    sum(c.reserved_usd) AS reserved_usd,
    sum(c.held_usd) AS held_usd,
    count(*) FILTER (WHERE c.status <> 'released' AND c.settled_usd >= 0) AS charges,  -- a refund is none
    count(*) FILTER (WHERE c.status = 'released') AS released,
    any_value(u.units) AS units
FROM staging.charges AS c
LEFT JOIN used AS u
    ON u.day = c.day AND u.provider = c.provider AND u.kind = c.kind AND u.user_id = c.user_id
WHERE c.day IN (SELECT day FROM touched_days)  -- increment
GROUP BY c.day, c.provider, c.kind, c.user_id
ORDER BY c.day, c.provider, c.kind, c.user_id
