SELECT * FROM next_usage WHERE day IS NULL OR kind IS NULL OR source IS NULL OR provider IS NULL OR user_id IS NULL OR assets IS NULL OR seconds IS NULL;
