"""The training runs behind ``train_*.py`` and ``ablate_face.py``, which only read options: PyTorch takes seconds to import."""
