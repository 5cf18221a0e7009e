SELECT scope, subject, count(*) AS times FROM marts.budget_state GROUP BY ALL HAVING count(*) > 1;
