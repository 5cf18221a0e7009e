SELECT * FROM next_track_uses WHERE id IS NULL OR day IS NULL OR provider IS NULL OR track_id IS NULL OR user_id IS NULL OR covered IS NULL OR created_at IS NULL;
