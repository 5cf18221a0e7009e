SELECT id, count(*) AS times FROM next_track_licences GROUP BY ALL HAVING count(*) > 1;
