"""The examples in the docstrings of clustering are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

from facelib import clustering

MODULES = [module.name for module in pkgutil.iter_modules(clustering.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = importlib.import_module(f"{clustering.__name__}.{name}")
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0
