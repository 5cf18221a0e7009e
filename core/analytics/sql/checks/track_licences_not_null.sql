SELECT * FROM next_track_licences WHERE id IS NULL OR day IS NULL OR provider IS NULL OR starts_on IS NULL OR covers_until IS NULL OR user_id IS NULL OR price_usd IS NULL;
