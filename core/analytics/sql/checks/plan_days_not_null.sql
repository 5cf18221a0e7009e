SELECT * FROM next_plan_days WHERE day IS NULL OR provider IS NULL OR plan IS NULL OR kind IS NULL OR user_id IS NULL OR calls IS NULL;
