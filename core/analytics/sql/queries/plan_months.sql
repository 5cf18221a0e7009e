-- What plans paid for, by month.
SELECT provider, plan, CAST(date_trunc('month', day) AS DATE) AS month, CAST(sum(calls) AS BIGINT) AS calls
FROM studio.marts.plan_days
WHERE day BETWEEN $first_day AND $last_day
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY month DESC, provider, plan;
