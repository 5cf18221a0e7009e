SELECT * FROM next_attempts WHERE id IS NULL OR day IS NULL OR provider IS NULL OR kind IS NULL OR outcome IS NULL;
