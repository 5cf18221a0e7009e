SELECT id, provider, day FROM next_attempts WHERE outcome = 'failed' AND reason IS NULL;
