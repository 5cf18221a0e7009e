SELECT scope, subject, count(*) AS times FROM next_budget_state GROUP BY ALL HAVING count(*) > 1;
