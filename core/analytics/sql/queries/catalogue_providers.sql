-- Catalogues side by side. Times are of what was really asked: the cache answers in milliseconds.
WITH calls AS (
    SELECT * FROM studio.marts.catalogue_calls
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
),
asked AS (
    SELECT
        provider,
        CAST(count(*) FILTER (WHERE kind = 'catalogue') AS BIGINT) AS questions,
        CAST(count(*) FILTER (WHERE kind = 'catalogue' AND cached) AS BIGINT) AS hits,
        CAST(count(*) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'failed') AS BIGINT) AS failed,
        CAST(count(*) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'failed' AND reason = 'rate_limited') AS BIGINT)
            AS limited,
        quantile_cont(seconds, 0.5) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'succeeded') AS p50_s,
        quantile_cont(seconds, 0.95) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'succeeded') AS p95_s,
        CAST(count(*) FILTER (WHERE kind = 'catalogue_file' AND outcome = 'succeeded') AS BIGINT) AS downloads,
        CAST(sum(settled_usd) AS DOUBLE) AS settled_usd,
        -- What the answers of the cache would have cost: what asking cost on average.
        CAST(coalesce(
            avg(settled_usd) FILTER (WHERE kind = 'catalogue' AND NOT cached AND outcome = 'succeeded')
            * count(*) FILTER (WHERE kind = 'catalogue' AND cached), 0
        ) AS DOUBLE) AS saved_usd
    FROM calls
    GROUP BY provider
),
bought AS (
    SELECT provider, CAST(count(*) AS BIGINT) AS licences, CAST(sum(price_usd) AS DOUBLE) AS licences_usd
    FROM studio.marts.track_licences
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
    GROUP BY provider
),
used AS (
    SELECT provider, CAST(count(*) AS BIGINT) AS uses, CAST(count(DISTINCT track_id) AS BIGINT) AS tracks
    FROM studio.marts.track_uses
    WHERE day BETWEEN $first_day AND $last_day
        AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND ($user = '' OR user_id = $user)
    GROUP BY provider
)
SELECT
    coalesce(a.provider, b.provider, u.provider) AS provider,
    coalesce(a.questions, 0) AS questions, coalesce(a.hits, 0) AS hits, coalesce(a.failed, 0) AS failed,
    coalesce(a.limited, 0) AS limited, a.p50_s, a.p95_s, coalesce(a.downloads, 0) AS downloads,
    coalesce(a.settled_usd, 0) AS settled_usd, coalesce(a.saved_usd, 0) AS saved_usd, coalesce(b.licences, 0) AS licences,
    coalesce(b.licences_usd, 0) AS licences_usd, coalesce(u.uses, 0) AS uses, coalesce(u.tracks, 0) AS tracks
FROM asked AS a
FULL JOIN bought AS b ON b.provider = a.provider
FULL JOIN used AS u ON u.provider = coalesce(a.provider, b.provider)
ORDER BY questions DESC, uses DESC, provider;
