"""``facelib index``: the clusterers of the command line are those of the library."""

from __future__ import annotations

import pytest

from facelib.cli.commands.index import CLUSTERERS, configured_clusterer
from facelib.clustering import cluster
from facelib.errors import InputError


def test_the_names_are_those_of_identity_and_the_configuration_is_checked() -> None:
    assert CLUSTERERS == cluster.CLUSTERERS
    assert configured_clusterer({}) == "average" and configured_clusterer({"clusterer": "hdbscan"}) == "hdbscan"
    with pytest.raises(InputError, match="clusterer"):
        configured_clusterer({"clusterer": "k-means"})
