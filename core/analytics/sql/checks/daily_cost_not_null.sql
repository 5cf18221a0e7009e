SELECT * FROM next_daily_cost WHERE day IS NULL OR provider IS NULL OR kind IS NULL OR user_id IS NULL OR settled_usd IS NULL OR reserved_usd IS NULL OR charges IS NULL;
