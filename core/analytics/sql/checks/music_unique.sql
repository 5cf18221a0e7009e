SELECT id, count(*) AS times FROM next_music GROUP BY ALL HAVING count(*) > 1;
