CREATE OR REPLACE VIEW staging.attempts AS
SELECT
    id,
    job_id,
    CAST(created_at AS DATE) AS day,
    provider,
    kind,
    model,
    number,
    CASE
        WHEN status = 'succeeded' THEN 'succeeded'
        WHEN status IN ('failed', 'unknown') THEN 'failed'
        ELSE 'open'
    END AS outcome,
    CASE
        WHEN status = 'unknown' THEN coalesce(error ->> 'code', 'outcome_unknown')
        WHEN status = 'failed' THEN coalesce(error ->> 'code', error ->> 'kind', 'failed')
    END AS reason,
    error ->> 'message' AS message,
    epoch(finished_at - created_at) AS seconds,
    created_at,
    finished_at
FROM raw.attempts;
