SELECT * FROM next_provider_performance WHERE provider IS NULL OR kind IS NULL OR day IS NULL OR user_id IS NULL OR attempts IS NULL OR succeeded IS NULL OR failed IS NULL;
