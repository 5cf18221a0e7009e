-- One row a variant and thing compared: what it had of it. What a person wrote is a number, never the words.
CREATE OR REPLACE VIEW staging.trial_values AS
SELECT
    id AS trial_id,
    unnest(
        from_json(compared, '[{"axis": "VARCHAR", "number": "INTEGER", "value": "VARCHAR"}]'), recursive := true
    )
FROM raw.trials;
