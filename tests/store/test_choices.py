"""The models of a gallery are pinned when it is made: no new default of the program changes them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facelib.cli.run_setup import setup_for
from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.settings import Settings
from facelib.store import schema
from facelib.store.gallery import Gallery
from tests.galleries import drop_derived
from tests.gold.galleries import MODELS, VERSIONS, restore


def update(path: Path) -> None:
    Gallery.write(path, "test").close()


def test_models(gallery: Gallery) -> None:
    assert gallery.models()["face-embedder"] == "facelib-ensemble"
    gallery.use_model("face-embedder", "face-reid-0095")
    drop_derived(gallery)
    assert gallery.models()["face-embedder"] == "face-reid-0095"
    with pytest.raises(InputError, match="is for"):
        gallery.use_model("face-embedder", "yunet")
    with pytest.raises(InputError, match="no model"):
        gallery.use_model("face-embedder", "nonesuch")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_models_are_those_it_used(version: int, tmp_path: Path) -> None:
    path = restore(version, tmp_path)
    update(path)
    with Gallery.read(path) as gallery:
        assert gallery.models() == MODELS[version]
        assert dict(gallery.db.execute("SELECT task, model FROM choices").fetchall()) == gallery.models()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_new_default_never_changes_a_gallery(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither one of an old version, whatever it is, nor a new one, once it is made."""
    folder = tmp_path_factory.mktemp("gallery")
    other = {
        task: data.draw(st.sampled_from([card.name for card in registry.CARDS.values() if card.task == task]), label=task)
        for task in registry.DEFAULTS
    }
    version = data.draw(st.sampled_from([*VERSIONS, schema.VERSION]), label="version")
    path = folder / "gallery.sqlite"
    if version == schema.VERSION:
        update(path)
        expected = dict(registry.DEFAULTS)
    else:
        restore(version, folder)
        expected = MODELS[version]
    recipes = setup_for(expected, Settings()).photo_recipes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "DEFAULTS", other)
        update(path)
        with Gallery.read(path) as gallery:
            assert gallery.models() == expected
            assert setup_for(gallery.models(), Settings()).photo_recipes() == recipes
        new = folder / "new.sqlite"
        update(new)
        with Gallery.read(new) as gallery:
            assert gallery.models() == other


def test_an_old_gallery_without_any_work_done_gets_the_defaults_of_the_program_that_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = restore(4, tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for table in ("ledger", "observations"):
            db.execute(f"DELETE FROM {table}")
        db.commit()
    monkeypatch.setattr(registry, "DEFAULTS", {**registry.DEFAULTS, "face-detector": "yunet"})
    update(path)
    with Gallery.read(path) as gallery:
        assert gallery.models() == registry.DEFAULTS


def test_a_task_that_came_later_is_pinned_when_the_gallery_is_next_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gallery.sqlite"
    with Gallery.write(path, "test") as writing:
        writing.db.execute("DELETE FROM choices WHERE task = 'face-judge'")
    with Gallery.read(path) as gallery:
        assert gallery.models() == registry.DEFAULTS
    before = registry.DEFAULTS
    update(path)
    monkeypatch.setattr(registry, "DEFAULTS", {**before, "face-judge": "detector-view"})
    with Gallery.read(path) as gallery:
        assert gallery.models() == before
