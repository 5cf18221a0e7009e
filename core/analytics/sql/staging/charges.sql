-- What a row holds of a cap: the reservation while it is open, the bill once it is settled, nothing when released.
CREATE OR REPLACE VIEW staging.charges AS
SELECT
    id,
    job_id,
    root_job_id,
    user_id,
    provider,
    kind,
    model,
    plan,
    status,
    day,
    CASE status WHEN 'settled' THEN settled_usd ELSE 0 END AS settled_usd,
    CASE status WHEN 'reserved' THEN reserved_usd ELSE 0 END AS reserved_usd,
    CASE status WHEN 'settled' THEN settled_usd WHEN 'reserved' THEN reserved_usd ELSE 0 END AS held_usd,
    units,
    created_at
FROM raw.charges;
