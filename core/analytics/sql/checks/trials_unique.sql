SELECT id, axis, value, count(*) AS times FROM next_trials GROUP BY ALL HAVING count(*) > 1;
