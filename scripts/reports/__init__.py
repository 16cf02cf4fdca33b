"""The parts of ``scripts/evaluate.py``, one a file: ``run`` measures and gives plain figures, ``show`` prints them side by side."""
