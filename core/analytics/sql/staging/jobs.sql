-- One row a job. Waits are counted to the last start: a job taken over after a crash waited until it ran again.
CREATE OR REPLACE VIEW staging.jobs AS
SELECT
    id,
    CAST(created_at AS DATE) AS day,
    kind,
    title,
    status,
    priority,
    paused,
    parent_id,
    root_id,
    user_id,
    provider,
    attempt,
    cap_usd,
    -- Of music jobs alone:
    coalesce(draft, false) AS draft,
    asked_s,
    coalesce(best_of, 1) AS best_of,
    template_id,
    template_name,
    reused_id,
    coalesce(saved_usd, 0) AS saved_usd,
    -- Of score jobs alone:
    film_s,
    coalesce(cues, 0) AS cues,
    error ->> 'code' AS error_code,
    error ->> 'message' AS error_message,
    epoch(started_at - created_at) AS wait_s,
    CASE WHEN started_at IS NOT NULL THEN epoch(finished_at - started_at) END AS run_s,
    epoch(finished_at - created_at) AS total_s,
    created_at,
    started_at,
    finished_at
FROM raw.jobs;
