SELECT * FROM next_catalogue_calls WHERE id IS NULL OR day IS NULL OR provider IS NULL OR user_id IS NULL OR outcome IS NULL OR settled_usd IS NULL;
