-- Licences that end, soonest first; those that ended already lead the list.
SELECT name, kind, licence_title, valid_until, date_diff('day', $today, valid_until) AS days_left, user_id, id
FROM studio.marts.assets
WHERE valid_until IS NOT NULL AND state = 'kept' AND NOT part
    AND (len($kinds::VARCHAR[]) = 0 OR list_contains($kinds::VARCHAR[], kind))
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND ($user = '' OR user_id = $user)
ORDER BY valid_until, name;
