-- Every score job once, and every dollar of theirs and their pieces'.
SELECT jobs.there AS jobs, scored.there AS scored, ledger.usd AS ledger_usd, scored.usd AS scored_usd
FROM (SELECT count(*) AS there FROM marts.jobs WHERE kind = 'score') AS jobs,
    (SELECT count(*) AS there, coalesce(sum(settled_usd), 0) AS usd FROM marts.scored) AS scored,
    (
        SELECT coalesce(sum(c.settled_usd), 0) AS usd
        FROM staging.charges AS c
        JOIN staging.jobs AS j ON j.id = c.job_id
        LEFT JOIN staging.jobs AS p ON p.id = j.parent_id
        WHERE j.kind = 'score' OR p.kind = 'score'
    ) AS ledger
WHERE jobs.there <> scored.there OR ledger.usd <> scored.usd;
