SELECT id, count(*) AS times FROM marts.jobs GROUP BY ALL HAVING count(*) > 1;
