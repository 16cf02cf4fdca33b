"""References: photos that the user gave to show a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facelib.store import changes, clusters, ownership, people, verdicts
from facelib.store.gallery import Gallery
from facelib.store.people import Person
from facelib.store.photos import path_bytes, path_text

HOW = "enroll"


@dataclass(frozen=True)
class Reference:
    """A photo of one person: its path, the SHA-256 of its content (64 hexadecimal digits), and the observation of the person."""

    path: str
    sha256: str
    observation_id: int


def enroll(gallery: Gallery, name: str | None, references: Sequence[Reference], person_id: int | None = None) -> Person:
    """Add references to a person, who is recognised by them at once.

    Parameters
    ----------
    name : str or None
        Of the person, who may be new; None if ``person_id`` is given.

    Raises
    ------
    InputError
        If ``name`` is not a valid name.
    """
    ids = [reference.observation_id for reference in references]
    with gallery.atomic():
        present = people.people(gallery).get(person_id or 0) if name is None else people.find(gallery, name)
        change = changes.log(gallery, HOW, {"photos": [reference.path for reference in references]})
        person = present.id if present else people.add(gallery, name, change)
        verdicts.put_verdicts(gallery, ids, person, "is", HOW, change)
        # An observation that had such a verdict before keeps it; the rows below make it a reference all the same.
        gallery.db.executemany(
            "INSERT INTO enrolled (sha256, path, made_by) VALUES (?, ?, ?)",
            ((bytes.fromhex(reference.sha256), path_bytes(reference.path), change) for reference in references),
        )
        left = ownership.update_owners(gallery, ownership.clusters_of(gallery, ids))
        without_cluster = [key for key in ids if not ownership.clusters_of(gallery, [key])]
        if without_cluster:
            cluster = clusters.reserve_cluster_ids(gallery, 1)
            ownership.move_members(gallery, without_cluster, cluster)
            ownership.add_exemplars(gallery, cluster, without_cluster)
            ownership.update_owners(gallery, [cluster])
        changes.add_detail(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def reference_paths(gallery: Gallery) -> list[str]:
    """The paths of all references."""
    rows = gallery.db.execute("SELECT DISTINCT path FROM enrolled ORDER BY path").fetchall()
    return [path_text(row[0]) for row in rows]


def reference_observations(gallery: Gallery, person_id: int) -> list[int]:
    """The observations of a person that are references."""
    rows = gallery.db.execute(
        "SELECT DISTINCT a.observation_id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id WHERE v.person_id = ?"
        " AND v.says = 'is' AND v.ended_by IS NULL AND (v.how = ? OR v.sha256 IN (SELECT sha256 FROM enrolled)) ORDER BY 1",
        (person_id, HOW),
    )
    return [row[0] for row in rows.fetchall()]
