SELECT id, count(*) AS times FROM next_scenes GROUP BY ALL HAVING count(*) > 1;
