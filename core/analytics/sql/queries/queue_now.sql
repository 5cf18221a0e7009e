SELECT title, kind, status, paused, user_id, created_at, started_at, id
FROM studio.marts.jobs
WHERE status IN ('waiting', 'running')
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND ($user = '' OR user_id = $user)
ORDER BY status, priority, created_at;
