SELECT day, kind, source, provider, user_id, mood, genre, voice, count(*) AS times FROM marts.usage GROUP BY ALL HAVING count(*) > 1;
