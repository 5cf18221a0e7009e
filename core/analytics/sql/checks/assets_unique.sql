SELECT id, count(*) AS times FROM next_assets GROUP BY ALL HAVING count(*) > 1;
