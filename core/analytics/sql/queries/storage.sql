-- Bytes on disk: files are kept by their content, so one that two assets share counts once, under the older of them.
SELECT kind, state, count(*) AS assets, sum(bytes) FILTER (WHERE first) AS bytes
FROM (
    SELECT *, row_number() OVER (PARTITION BY sha256 ORDER BY created_at, id) = 1 AS first
    FROM studio.marts.assets
)
WHERE (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
GROUP BY ALL
ORDER BY ALL;
