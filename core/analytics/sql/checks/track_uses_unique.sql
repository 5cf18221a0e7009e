SELECT id, count(*) AS times FROM next_track_uses GROUP BY ALL HAVING count(*) > 1;
