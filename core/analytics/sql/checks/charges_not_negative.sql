SELECT id, settled_usd, reserved_usd FROM raw.charges WHERE settled_usd < 0 OR reserved_usd < 0;
