"""The model a gallery uses for each task: pinned when the gallery is made, so that a new default never changes an old gallery."""

from __future__ import annotations

from facelib.model_zoo import registry
from facelib.store.connection import Connection


def chosen_models(db: Connection) -> dict[str, str]:
    """The name of the model for each task.

    A task that the program gained after the gallery was last opened for writing has the program's default.
    """
    chosen = dict(db.execute("SELECT task, model FROM choices").fetchall())
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
