-- Not a nano-dollar may be lost between the ledger and the mart.
SELECT ledger.usd AS ledger_usd, daily.usd AS mart_usd
FROM (SELECT coalesce(sum(settled_usd), 0) AS usd FROM raw.charges WHERE status = 'settled') AS ledger,
    (SELECT coalesce(sum(settled_usd), 0) AS usd FROM marts.daily_cost) AS daily
WHERE ledger.usd <> daily.usd;
