"""The model a gallery uses for each task: pinned when the gallery is made, so that a new default never changes an old gallery."""

from __future__ import annotations

from collections.abc import Mapping

from facelib.model_zoo import registry
from facelib.store.connection import Connection

DEFAULTS_OF_VERSION_4: Mapping[str, str] = {
    "face-detector": "mtcnn",
    "body-detector": "face-geometry",
    "face-embedder": "facelib-ensemble",
    "body-embedder": "facelib-body",
    "face-judge": "facelib-judge",
}
"""The models that galleries of version 4 used for tasks without a choice; version 5 wrote them into the gallery."""


def chosen_models(db: Connection) -> dict[str, str]:
    """The name of the model for each task.

    A task that the program gained after the gallery was last opened for writing has the program's default.
    """
    chosen = dict(db.execute("SELECT task, model FROM choices").fetchall())
    if int(db.value("PRAGMA user_version")) < 5:
        chosen = {**DEFAULTS_OF_VERSION_4, **chosen}
    return {task: chosen.get(task, default) for task, default in registry.DEFAULTS.items()}


def choose_model(db: Connection, task: str, name: str) -> None:
    """Use the model of that name for a task."""
    db.execute("INSERT INTO choices (task, model) VALUES (?, ?) ON CONFLICT DO UPDATE SET model = excluded.model", (task, name))


def pin_defaults(db: Connection) -> None:
    """Write the program's default model for each task that has no choice yet; writes nothing if every task has one."""
    chosen = dict(db.execute("SELECT task, model FROM choices").fetchall())
    missing = [(task, name) for task, name in registry.DEFAULTS.items() if task not in chosen]
    if missing:
        db.executemany("INSERT INTO choices (task, model) VALUES (?, ?) ON CONFLICT DO NOTHING", missing)
