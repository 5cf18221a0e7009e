SELECT * FROM next_scenes WHERE id IS NULL OR day IS NULL OR clip_id IS NULL OR user_id IS NULL OR type IS NULL OR seconds IS NULL OR seconds < 0 OR created_at IS NULL;
