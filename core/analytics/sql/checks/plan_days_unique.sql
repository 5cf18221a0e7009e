SELECT day, provider, plan, kind, user_id, count(*) AS times FROM next_plan_days GROUP BY ALL HAVING count(*) > 1;
