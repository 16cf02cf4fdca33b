"""What a model is, where it comes from and what its numbers mean: cards, calibrated values, weights."""
