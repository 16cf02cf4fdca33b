"""Make the gold galleries: run the old commits that had each version of the schema, and keep what their galleries hold.

    python tests/gold/make.py

For each version of :data:`COMMITS` that has no files yet, this checks the commit out beside the repository, runs its own program on
synthetic photos (text files; a stand-in for the workers says which people they show, so there are no real faces), gives names and
corrections by its own commands, and writes two files here: ``vN.sql``, the gallery as an SQL dump, and ``vN.json``, what its commands
answered. Paths are stored below ``/photos``; :mod:`tests.gold.galleries` restores a gallery and its photos in another folder.

The files are committed. To add to the scenario, delete them all and make them again. If the program renamed a module that is used
here, write today's name here and the former one in :data:`FORMER`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
COMMITS = {1: "9c9cedb", 2: "ea23020", 3: "81ef1f0", 4: "1443f58"}
"""For each version of the schema the last commit that had it; for version 1 the last that was in use before version 2 was begun."""

FORMER = {
    "facelib.cli.error_handling": "facelib.cli.boundary",
    "facelib.look": "facelib.stages.worker",
    "facelib.model_zoo.registry": "facelib.model_cards",
    "facelib.stages.enroll": "facelib.stages.enrol",
    "facelib.stages.worker_pool": "facelib.stages.crew",
}
"""Modules under their names of today, and what they were called in programs that lack these: those up to version 4."""
WHO_STAYS = 4
"""From this version on, what ``who`` says of photos is kept too: other models look at the photos of older galleries again."""

ROOT = "/photos"
"""The folder that the stored paths name in place of the temporary one."""
ALBUM = [(0, 1), (0,), (1, 2), (2,), (0, 2), (1,), (0, 1, 2), (3,), (3, 4), (4,), (3,), (5,)]
"""Who each photo of the first run shows, from left to right."""
LATER = [(0, 4), (2,)]
"""Photos that come before the second run."""
REFERENCES = [(6,), (6,)]
"""Photos by which the person of the name Eva is enrolled; they lie outside the album."""
UNREADABLE = 5
"""The photo of the first run that becomes unreadable for the second one."""
GONE = 10
"""The photo of the first run whose file is deleted before the second one."""
COORDINATES = 8
"""Numbers of an embedding that are not zero: the dumps stay small."""
QUESTIONS = (
    ("people",),
    ("people", "--all"),
    ("find", "Ana"),
    ("find", "Ana", "Ben (brother)"),
    ("find", "Zoë", "--without", "Ana"),
    ("find", "Eva", "--min-standing", "certain"),
    ("undo", "--list"),
)


def write_photo(path: Path, people: tuple[int, ...], number: int, fault: str = "") -> None:
    """A text file that stands for a photo of these people; ``number`` makes its content unique."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"people": list(people), "number": number, "fault": fault}))
    os.utime(path, ns=(_seconds(number) * 10**9, _seconds(number) * 10**9))


def photo_path(folder: Path, number: int) -> Path:
    """Where photo ``number`` of a restored gallery lies; numbers run on through album, later photos and references."""
    is_reference = number >= len(ALBUM) + len(LATER)
    return folder / ("references" if is_reference else "album") / f"{number:02}.jpg"


def _seconds(number: int) -> int:
    # Three photos a day, a month apart: moments with clothes, over two years.
    return 1640995200 + number // 3 * 61 * 86400 + number * 60


class Scenario:
    """What the user of an old gallery did, through the program of the commit on the import path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gallery = folder / "gallery.sqlite"
        self.cards = self.old("facelib.model_zoo.registry")
        self._fake_clock()
        self._fake_workers()

    def old(self, name: str) -> Any:
        """A module of the old program, by its name of today."""
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            return importlib.import_module(FORMER[name])

    def _fake_clock(self) -> None:
        """Make the times in the gallery the same whenever it is made."""
        import datetime

        class Clock(datetime.datetime):
            ticks = 0

            @classmethod
            def now(cls, tz: Any = None) -> Any:
                cls.ticks += 1
                return cls(2026, 11, 1, tzinfo=tz) + datetime.timedelta(seconds=cls.ticks)

        stand_in: Any = type("datetime", (), {"datetime": Clock, "UTC": datetime.UTC})
        self.old("facelib.store.connection").datetime = stand_in

    def _fake_workers(self) -> None:
        def work(setup: Any, jobs: Any, workers: int, timeout: float) -> Iterator[Any]:
            for key, job in jobs:
                yield key, self.seen(Path(job.path), setup.models)

        self.old("facelib.stages.worker_pool").work = work

    def seen(self, path: Path, models: Any) -> Any:
        """What the models of the old program would answer for a photo."""
        records, looking = self.old("facelib.records"), self.old("facelib.look")
        if hasattr(looking, "Look"):
            read = self.old("facelib.photos.fingerprint").fingerprint(path)
            make_look = functools.partial(looking.Look, read.sha256, read.size, read.mtime_ns)
        else:
            make_look = looking.Seen
        facts = json.loads(path.read_text())
        if facts["fault"]:
            return make_look(error=self.old("facelib.errors").PhotoError(facts["fault"], "as the file says"))
        seconds = float(_seconds(facts["number"]))
        taken = f"{np.datetime64(int(seconds), 's')}+00:00"
        sightings = tuple(self.sighting(person, k, facts["number"], models) for k, person in enumerate(facts["people"]))
        return make_look(1000, 800, records.Capture(taken, seconds, None, None, "exif"), sightings)

    def sighting(self, person: int, position: int, number: int, models: Any) -> Any:
        records = self.old("facelib.records")
        rng = np.random.default_rng([number, position])
        face_size, body_size = (self.cards.card(models[task]).dimension for task in ("face-embedder", "body-embedder"))
        x = 30.0 + 200 * position
        landmarks = np.linspace(x, x + 90, 10, dtype=np.float32).reshape(5, 2)
        return records.Sighting(
            records.Face((x, 50.0, x + 90, 150.0), 0.99, landmarks, 0.95),
            records.Body((x - 25, 150.0, x + 115, 400.0), 0.5),
            _near(rng, np.random.default_rng([person, 7]), face_size, 0.35),
            _near(rng, np.random.default_rng([person, 11]), body_size, 0.1),
        )

    def index(self) -> None:
        """The main job over the album, with the models and thresholds a user of that time had."""
        stage, store = self.old("facelib.stages.index"), self.old("facelib.store.gallery")
        with store.Gallery.write(self.gallery, "gold") as gallery:
            for _ in stage.run(gallery, self.setup(gallery), [self.folder / "album"], stage.Options(), stage.Report()):
                pass

    def setup(self, gallery: Any) -> Any:
        settings = self.old("facelib.settings").Settings()
        return self.old("facelib.cli.run_setup").setup_for(gallery.models(), settings)

    def run(self, *arguments: object) -> list[Any]:
        """What a command of the old program answers with ``--json``: one object for each line."""
        cli, shell = self.old("facelib.cli.main").cli, self.old("facelib.cli.error_handling")
        answer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(answer):
            code = shell.run(cli, ["--gallery", str(self.gallery), "--json", *map(str, arguments)])
        if code not in (0, 1):  # 1: nobody of the photo is known
            raise SystemExit(f"{arguments} ended with {code}")
        answer.flush()
        return [json.loads(line) for line in answer.buffer.getvalue().decode().splitlines()]  # type: ignore[attr-defined]

    def observations(self, number: int) -> list[dict[str, Any]]:
        """The people of a photo from left to right."""
        (photo,) = self.run("who", photo_path(self.folder, number))
        return sorted(photo["observations"], key=lambda one: one["face"]["box"][0] if one["face"] else -1)

    def live(self) -> None:
        """Two years with the program."""
        for number, people in enumerate(ALBUM):
            write_photo(photo_path(self.folder, number), people, number)
        self.index()
        first = {number: self.observations(number) for number in range(len(ALBUM))}
        clusters = [first[number][k]["cluster"] for number, k in ((1, 0), (5, 0), (3, 0), (7, 0), (9, 0))]
        if len(set(clusters)) < len(clusters) or None in clusters:
            raise SystemExit(f"the people are not one cluster each: {clusters}")
        ana, ben, zoe, poster, cousin = clusters
        self.run("name", f"c{ana}", "Ana")
        self.run("name", f"c{ben}", "Ben")
        self.run("merge", f"c{zoe}", f"c{poster}")
        self.run("undo")
        self.run("name", f"c{zoe}", "Zoë")
        self.run("merge", "Ben", f"c{cousin}")
        self.run("split", "Ben", "--faces", first[9][0]["id"])
        self.run("name", "p1", "Anna")
        self.run("undo")
        self.run("name", self.person("Ben"), "Ben (brother)")
        self.run("confirm", "Ben", first[5][0]["id"])
        self.run("reject", "Zoë", first[4][1]["id"])
        self.run("hide", f"c{poster}")
        self.draw(1, (600.0, 50.0, 690.0, 150.0), "Ben")
        self.enroll()
        for number, people in enumerate(LATER, start=len(ALBUM)):
            write_photo(photo_path(self.folder, number), people, number)
        write_photo(photo_path(self.folder, UNREADABLE), ALBUM[UNREADABLE], UNREADABLE, "unreadable")
        photo_path(self.folder, GONE).unlink()
        self.index()

    def person(self, name: str) -> str:
        return next(f"p{row['person']['id']}" for row in self.run("people") if row["person"] and row["person"]["name"] == name)

    def draw(self, number: int, box: tuple[float, ...], name: str) -> None:
        """A box where no detector saw anybody, and who that is."""
        store, observations = self.old("facelib.store.gallery"), self.old("facelib.store.observations")
        with store.Gallery.write(self.gallery, "gold") as gallery:
            sha256 = self.old("facelib.photos.fingerprint").sha256_of(photo_path(self.folder, number))
            photo = self.old("facelib.store.photos").photo_by_sha(gallery, sha256)
            drawn = observations.draw(gallery, photo.id, "face", box)
        self.run("confirm", name, drawn)

    def enroll(self) -> None:
        """References of somebody new."""
        store, stage = self.old("facelib.store.gallery"), self.old("facelib.stages.enroll")
        references = []
        with store.Gallery.write(self.gallery, "gold") as gallery:
            setup = self.setup(gallery)
            for number, people in enumerate(REFERENCES, start=len(ALBUM) + len(LATER)):
                path = photo_path(self.folder, number)
                write_photo(path, people, number)
                seen = self.seen(path, setup.models)
                if hasattr(stage, "ReferencePhoto"):
                    references.append(stage.ReferencePhoto(path, seen))
                else:
                    sha256 = self.old("facelib.photos.fingerprint").sha256_of(path)
                    references.append(stage.Portrait(path, sha256, seen.width, seen.height, seen.capture, seen.sightings))
            (stage.enroll if hasattr(stage, "enroll") else stage.enrol)(gallery, setup, "Eva", references)

    def answers(self, photos: bool) -> list[dict[str, Any]]:
        """What the old program says of the people of its gallery, and of its photos if asked."""
        there = [photo_path(self.folder, n) for n in range(len(ALBUM + LATER + REFERENCES)) if n not in (GONE, UNREADABLE)]
        questions: list[tuple[object, ...]] = [*QUESTIONS, *([("who", *there)] if photos else [])]
        text = json.dumps([{"command": list(map(str, question)), "answers": self.run(*question)} for question in questions])
        found: list[dict[str, Any]] = json.loads(text.replace(str(self.folder), ROOT))
        return found


def _near(rng: np.random.Generator, of_person: np.random.Generator, size: int, spread: float) -> np.ndarray:
    """A unit vector near the one of a person, with :data:`COORDINATES` numbers that are not zero."""
    centre, noise = of_person.normal(size=COORDINATES), rng.normal(size=COORDINATES) / np.sqrt(COORDINATES)
    vector = np.zeros(size, dtype=np.float32)
    vector[:COORDINATES] = centre / np.linalg.norm(centre) + spread * noise
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


def dump(gallery: Path, folder: Path) -> str:
    """The gallery as SQL, with its version and its mark as a gallery, and paths below :data:`ROOT`."""
    with contextlib.closing(sqlite3.connect(gallery)) as db:
        for table in ("files", "enrolled"):
            db.execute(f"UPDATE {table} SET path = CAST(replace(CAST(path AS TEXT), ?, ?) AS BLOB)", (str(folder), ROOT))
        db.execute("UPDATE changes SET detail = replace(detail, ?, ?)", (str(folder), ROOT))
        pragmas = [f"PRAGMA {name} = {db.execute(f'PRAGMA {name}').fetchone()[0]};" for name in ("application_id", "user_version")]
        return "\n".join([*pragmas, *db.iterdump()]) + "\n"


def make(version: int) -> None:
    """Make the files of one version with the program on the import path."""
    with tempfile.TemporaryDirectory() as name:
        scenario = Scenario(Path(name).resolve())
        scenario.live()
        answers = [json.dumps(answer, ensure_ascii=False) for answer in scenario.answers(photos=version >= WHO_STAYS)]
        (HERE / f"v{version}.json").write_text("[\n" + ",\n".join(answers) + "\n]\n", encoding="utf-8")
        (HERE / f"v{version}.sql").write_text(dump(scenario.gallery, scenario.folder), encoding="utf-8")


def main() -> None:
    for version, commit in COMMITS.items():
        if (HERE / f"v{version}.sql").exists():
            continue
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name) / "tree"
            subprocess.run(["git", "-C", HERE, "worktree", "add", "--quiet", "--detach", tree, commit], check=True)
            try:
                home = {f"XDG_{kind}_HOME": str(Path(name) / kind) for kind in ("DATA", "CONFIG", "STATE", "CACHE")}
                environment = {**os.environ, **home, "PYTHONPATH": str(tree)}
                subprocess.run([sys.executable, __file__, str(version)], check=True, env=environment, cwd=tree)
            finally:
                subprocess.run(["git", "-C", HERE, "worktree", "remove", "--force", tree], check=True)


if __name__ == "__main__":
    make(int(sys.argv[1])) if len(sys.argv) > 1 else main()
