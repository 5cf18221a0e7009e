SELECT * FROM next_budget_state WHERE scope IS NULL OR subject IS NULL OR cap_usd IS NULL OR held_usd IS NULL OR left_usd IS NULL OR percent IS NULL;
