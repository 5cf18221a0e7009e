SELECT id, count(*) AS times FROM marts.assets GROUP BY ALL HAVING count(*) > 1;
