SELECT id, provider, day FROM marts.attempts WHERE outcome = 'failed' AND reason IS NULL;
