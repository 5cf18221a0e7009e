SELECT * FROM next_jobs WHERE id IS NULL OR day IS NULL OR kind IS NULL OR title IS NULL OR status IS NULL OR user_id IS NULL OR provider IS NULL OR cost_usd IS NULL OR created_at IS NULL;
