-- Dollars below zero are a refund: a row of its own that reserved nothing and used nothing.
SELECT id, settled_usd, reserved_usd
FROM raw.charges
WHERE reserved_usd < 0 OR (settled_usd < 0 AND (reserved_usd > 0 OR status <> 'settled'));
