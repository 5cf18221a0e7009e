-- Every music job, once, and every dollar of theirs.
SELECT jobs.there AS jobs, music.there AS music, ledger.usd AS ledger_usd, music.usd AS music_usd
FROM (SELECT count(*) AS there FROM marts.jobs WHERE kind = 'music') AS jobs,
    (SELECT count(*) AS there, coalesce(sum(settled_usd), 0) AS usd FROM marts.music) AS music,
    (
        SELECT coalesce(sum(c.settled_usd), 0) AS usd
        FROM staging.charges AS c JOIN marts.jobs AS j ON j.id = c.job_id AND j.kind = 'music'
    ) AS ledger
WHERE jobs.there <> music.there OR ledger.usd <> music.usd;
