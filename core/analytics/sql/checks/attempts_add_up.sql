SELECT * FROM marts.provider_performance WHERE attempts <> succeeded + failed + still_open;
