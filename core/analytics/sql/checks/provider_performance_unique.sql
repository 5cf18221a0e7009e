SELECT provider, kind, day, user_id, count(*) AS times FROM next_provider_performance GROUP BY ALL HAVING count(*) > 1;
