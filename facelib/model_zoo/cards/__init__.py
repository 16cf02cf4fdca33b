"""One card for each model, and beside it, where it has any, its calibrated values (``NAME.toml``)."""
