-- Every paid generation and what became of the money: kept, failed, discarded or repeated (kept, but the same words had been
-- bought before). Which purchase of the same words it was counts by user, over all days, whatever became of the one before.
CREATE OR REPLACE VIEW marts.music_fates AS
WITH bought AS (
    SELECT *, row_number() OVER (PARTITION BY user_id, coalesce(nullif(made_as, ''), id) ORDER BY created_at, id) AS nth
    FROM marts.music
    WHERE settled_usd > 0
)
SELECT
    *,
    CASE
        WHEN outcome = 'kept' AND nth > 1 THEN 'repeated'
        ELSE outcome
    END AS fate,
    fate IN ('failed', 'discarded', 'repeated') AS lost
FROM bought;
