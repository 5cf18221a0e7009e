SELECT id, count(*) AS times FROM next_jobs GROUP BY ALL HAVING count(*) > 1;
