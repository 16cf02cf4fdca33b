"""One module for each model, named like it, with everything that is particular to the model.

:mod:`facelib.vision.loader` says what such a module must define.
"""
