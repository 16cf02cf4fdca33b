from __future__ import annotations

import pytest

from facelib.cli.index import CLUSTERERS, said_clusterer
from facelib.errors import InputError
from facelib.identity import grouping


def test_the_names_are_those_of_identity_and_the_configuration_is_checked() -> None:
    assert CLUSTERERS == grouping.CLUSTERERS
    assert said_clusterer({}) == "average" and said_clusterer({"clusterer": "hdbscan"}) == "hdbscan"
    with pytest.raises(InputError, match="clusterer"):
        said_clusterer({"clusterer": "k-means"})
