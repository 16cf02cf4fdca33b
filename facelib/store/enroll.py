"""References: photos the user gave to know a person by."""

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
    """One photo to know a person by: its path, its content (64 hexadecimal digits), and the observation it shows."""

    path: str
    sha256: str
    observation_id: int


def enroll(gallery: Gallery, name: str | None, references: Sequence[Reference], person_id: int | None = None) -> Person:
    """Know the person of that name, new or present, or of that id, by these observations too, at once and for good.

    Raises
    ------
    InputError
        If that cannot be a name.
    """
    ids = [reference.observation_id for reference in references]
    with gallery.atomic():
        present = people.people(gallery).get(person_id or 0) if name is None else people.find(gallery, name)
        change = changes.log(gallery, HOW, {"photos": [reference.path for reference in references]})
        person = present.id if present else people.add(gallery, name, change)
        verdicts.put_verdicts(gallery, ids, person, "is", HOW, change)
        # What was said by other words before is a reference from now on.
        gallery.db.executemany(
            "INSERT INTO enrolled (sha256, path, made_by) VALUES (?, ?, ?)",
            ((bytes.fromhex(reference.sha256), path_bytes(reference.path), change) for reference in references),
        )
        touched = ownership.clusters_of(gallery, ids)
        left = ownership.settle(gallery, touched)
        homeless = [key for key in ids if not ownership.clusters_of(gallery, [key])]
        if homeless:
            cluster = clusters.reserve_cluster_ids(gallery, 1)
            ownership.move(gallery, homeless, cluster)
            ownership.put_exemplars(gallery, cluster, homeless)
            ownership.settle(gallery, [cluster])
        changes.amend(gallery, change, person=person, left=left)
        return people.people(gallery)[person]


def paths(gallery: Gallery) -> list[str]:
    """Where the photos lie that are references."""
    rows = gallery.db.execute("SELECT DISTINCT path FROM enrolled ORDER BY path").fetchall()
    return [path_text(row[0]) for row in rows]


def references(gallery: Gallery, person_id: int) -> list[int]:
    """Observations the person was enrolled by."""
    rows = gallery.db.execute(
        "SELECT DISTINCT a.observation_id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id WHERE v.person_id = ?"
        " AND v.says = 'is' AND v.ended_by IS NULL AND (v.how = ? OR v.sha256 IN (SELECT sha256 FROM enrolled)) ORDER BY 1",
        (person_id, HOW),
    )
    return [row[0] for row in rows.fetchall()]
