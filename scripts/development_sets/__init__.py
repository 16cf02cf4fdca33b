"""The development sets, as the scripts read them."""
