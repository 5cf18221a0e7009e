SELECT days.jobs AS counted, jobs.jobs AS there
FROM (SELECT coalesce(sum(jobs), 0) AS jobs FROM marts.job_days) AS days, (SELECT count(*) AS jobs FROM marts.jobs) AS jobs
WHERE days.jobs <> jobs.jobs;
