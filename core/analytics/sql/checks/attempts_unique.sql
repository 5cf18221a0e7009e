SELECT id, count(*) AS times FROM next_attempts GROUP BY ALL HAVING count(*) > 1;
