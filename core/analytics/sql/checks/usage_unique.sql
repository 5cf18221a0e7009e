SELECT day, kind, source, provider, user_id, mood, genre, voice, count(*) AS times FROM next_usage GROUP BY ALL HAVING count(*) > 1;
