-- What a monthly plan paid for: calls that a plan's allowance, or its being unlimited, made cost nothing.
SELECT day, provider, plan, kind, user_id, count(*) AS calls
FROM staging.charges
WHERE status = 'settled' AND plan IS NOT NULL AND settled_usd >= 0
    AND day IN (SELECT day FROM touched_days)  -- increment
GROUP BY ALL
ORDER BY ALL
