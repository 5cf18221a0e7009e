-- One row a charge and unit (characters, seconds, tokens, …); what was released used nothing.
CREATE OR REPLACE VIEW staging.charge_units AS
SELECT
    charge_id,
    day,
    provider,
    kind,
    user_id,
    entry.key AS unit,
    TRY_CAST(entry.value AS DECIMAL(38, 9)) AS amount
FROM (
    SELECT
        id AS charge_id,
        day,
        provider,
        kind,
        user_id,
        unnest(map_entries(CAST(CAST(units AS JSON) AS MAP(VARCHAR, VARCHAR)))) AS entry
    FROM raw.charges
    WHERE status = 'settled'
);
