-- What has to be made anew for what was read: also a job whose charge changed, a call whose job changed, and all that
-- rests on an asset. changed_* hold the keys that were read or purged, touched_days already the days of those rows.
INSERT INTO touched_attempts SELECT id FROM raw.attempts WHERE job_id IN (SELECT id FROM changed_jobs);

INSERT INTO touched_assets
WITH RECURSIVE resting AS (
    SELECT id FROM changed_assets
    UNION
    SELECT s.asset_id FROM resting JOIN raw.asset_sources AS s ON s.source_id = resting.id
)
SELECT id FROM resting;

INSERT INTO touched_jobs SELECT id FROM changed_jobs;

-- A piece of music is its job and what the job made: touched by either (the pieces' jobs are noted as they are read).
INSERT INTO touched_music SELECT id FROM touched_jobs;

-- What became of a suggestion is what became of its piece; both have the id of the job.
INSERT INTO touched_suggestions SELECT id FROM touched_music;

-- A scored film is told with the jobs of its pieces and what they cost (the parents of jobs are noted as they are read).
INSERT INTO touched_scored
SELECT id FROM touched_music
UNION SELECT parent_id FROM raw.jobs WHERE parent_id IS NOT NULL AND id IN (SELECT id FROM touched_music);

-- A choice is told with what its trial compared.
INSERT INTO touched_trials SELECT id FROM raw.trial_choices WHERE trial_id IN (SELECT id FROM changed_trials);

-- Whether a use is covered is what its licence says.
INSERT INTO touched_track_uses
SELECT id FROM raw.track_uses WHERE licence_id IN (SELECT id FROM touched_track_licences);

-- Days never change: a charge keeps the day of its reservation, everything else that of its creation.
INSERT INTO touched_days
SELECT day FROM staging.jobs WHERE id IN (SELECT id FROM touched_jobs)
UNION SELECT day FROM staging.attempts WHERE id IN (SELECT id FROM touched_attempts)
UNION SELECT day FROM staging.assets WHERE id IN (SELECT id FROM touched_assets);
