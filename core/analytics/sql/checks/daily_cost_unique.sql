SELECT day, provider, kind, user_id, count(*) AS times FROM next_daily_cost GROUP BY ALL HAVING count(*) > 1;
