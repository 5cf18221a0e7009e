SELECT id, count(*) AS times FROM marts.attempts GROUP BY ALL HAVING count(*) > 1;
