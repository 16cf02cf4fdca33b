"""``facelib index``: the clusterers of the command line are those of the library, and new users are told what comes next."""

from __future__ import annotations

import pytest

from facelib.cli.commands.index import CLUSTERERS, _next_step, configured_clusterer
from facelib.clustering import cluster
from facelib.errors import InputError
from facelib.stages.index import Report
from facelib.stages.scan import Census


def test_the_names_are_those_of_identity_and_the_configuration_is_checked() -> None:
    assert CLUSTERERS == cluster.CLUSTERERS
    assert configured_clusterer({}) == "average" and configured_clusterer({"clusterer": "hdbscan"}) == "hdbscan"
    with pytest.raises(InputError, match="clusterer"):
        configured_clusterer({"clusterer": "k-means"})


@pytest.mark.parametrize(
    ("census", "people", "named", "advice"),
    [
        (Census(), 0, 0, "no photos were found"),
        (Census(new=3), 0, 0, None),
        (Census(unchanged=3), 2, 0, "facelib review"),
        (Census(unchanged=3), 2, 1, None),
    ],
)
def test_a_new_user_is_told_what_to_do_next(census: Census, people: int, named: int, advice: str | None) -> None:
    told = _next_step(Report(census=census), people, named)
    assert told is None if advice is None else advice in (told or "")
