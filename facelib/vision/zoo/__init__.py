"""One module for each model, named like it: all that is particular to the model. :mod:`facelib.vision.loader` says what it holds."""
