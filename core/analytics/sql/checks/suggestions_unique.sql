SELECT id, count(*) AS times FROM next_suggestions GROUP BY ALL HAVING count(*) > 1;
