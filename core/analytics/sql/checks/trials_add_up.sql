-- Of every thing compared one value won, or none at a tie, and the shares are a whole.
SELECT id, axis, sum(CAST(won AS INTEGER)) AS winners, sum(share) AS whole
FROM next_trials
GROUP BY id, axis, tie
HAVING sum(CAST(won AS INTEGER)) <> CASE WHEN tie THEN 0 ELSE 1 END OR abs(sum(share) - 1) > 1e-9;
