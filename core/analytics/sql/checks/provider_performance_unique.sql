SELECT provider, kind, day, count(*) AS times FROM marts.provider_performance GROUP BY ALL HAVING count(*) > 1;
