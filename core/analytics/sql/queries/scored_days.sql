-- Scored films by day, engine and user. Minutes are of films that were finished; money is of all, also where none came out.
SELECT
    day, provider, user_id,
    CAST(count(*) AS BIGINT) AS jobs,
    CAST(count(*) FILTER (WHERE status = 'done') AS BIGINT) AS done,
    CAST(count(*) FILTER (WHERE outcome = 'failed') AS BIGINT) AS failed,
    coalesce(sum(film_s) FILTER (WHERE status = 'done'), 0) / 60 AS minutes,
    coalesce(CAST(sum(cues) FILTER (WHERE status = 'done') AS BIGINT), 0) AS cues,
    sum(settled_usd) AS settled_usd,
    sum(engine_s) AS engine_s
FROM studio.marts.scored
WHERE day BETWEEN $first_day AND $last_day
    AND (len($providers::VARCHAR[]) = 0 OR list_has_any($providers::VARCHAR[], string_split(provider, ' + ')))
    AND ($user = '' OR user_id = $user)
GROUP BY day, provider, user_id
ORDER BY day, provider, user_id;
