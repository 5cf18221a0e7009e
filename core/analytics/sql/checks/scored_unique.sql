SELECT id, count(*) AS times FROM next_scored GROUP BY ALL HAVING count(*) > 1;
