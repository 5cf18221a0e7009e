-- One row a licence, with the last day on which it covered anything: its end, or the day before it was revoked.
CREATE OR REPLACE VIEW staging.track_licences AS
SELECT
    id,
    CAST(created_at AS DATE) AS day,
    provider,
    track_id,
    title,
    artist,
    kind,
    licensee_kind,
    CAST(starts_on AS DATE) AS starts_on,
    CAST(ends_on AS DATE) AS ends_on,
    state,
    CASE
        WHEN state = 'unknown' THEN DATE '0001-01-01'
        WHEN state = 'revoked' THEN least(
            coalesce(CAST(ends_on AS DATE), DATE '9999-12-31'),
            CAST(coalesce(event_at, updated_at) AS DATE) - INTERVAL 1 DAY
        )::DATE
        ELSE coalesce(CAST(ends_on AS DATE), DATE '9999-12-31')
    END AS covers_until,
    commercial,
    -- A licence that was taken back leaves nothing behind, whatever it promised.
    keeps_published AND state = 'active' AS keeps_published,
    price_usd,
    user_id,
    created_at
FROM raw.track_licences;
