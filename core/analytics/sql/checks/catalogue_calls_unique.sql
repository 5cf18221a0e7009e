SELECT id, count(*) AS times FROM next_catalogue_calls GROUP BY ALL HAVING count(*) > 1;
