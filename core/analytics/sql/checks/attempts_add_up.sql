SELECT * FROM next_provider_performance WHERE attempts <> succeeded + failed + still_open;
