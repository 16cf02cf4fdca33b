"""How ``calibrate*.py`` fit the thresholds of an embedder: one module for each group of thresholds."""
