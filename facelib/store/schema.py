"""The schema of a gallery: one commented SQL text. :mod:`facelib.store.migrations` brings older galleries to it."""

from __future__ import annotations

import re
import sqlite3
from functools import cache

APPLICATION_ID = 0x66616365
"""``face`` in ASCII. It marks an SQLite file as a gallery of this program."""

# If you change the schema or what the stored data mean, also:
#   - raise VERSION and add its line to HISTORY;
#   - write the step from the version before in migrations.MIGRATIONS; it repeats every CREATE and ALTER as it is in SCHEMA;
#     ALTER TABLE puts a new column last, so it stands last in SCHEMA too;
#   - write literal values into that step (names of models, thresholds): constants of the program change later, the step never does;
#   - raise OLDEST_READABLE to VERSION if older galleries can no longer be read as they are: a query names what they lack;
#   - keep a gallery of the version before: add its last commit to COMMITS in tests/gold/make.py, run that once, and add the models
#     of the version to MODELS in tests/gold/galleries.py.
# tests/store/test_gold.py holds this: a fresh gallery and each old one, migrated, have the same schema.
VERSION = 5

HISTORY = {
    1: "first version (November 2026)",
    2: "table codes: which answers a changed dictionary may change; galleries with observations keep the body embedder colour-texture",
    3: "same tables; galleries whose face detector is not mtcnn keep the face judge detector-view",
    4: "same tables; galleries with observations keep the face embedder dlib-resnet",
    5: "same tables; choices has a model for every task: galleries with work done keep the default models of version 4",
}
"""What each version changed."""

OLDEST_READABLE = 4
"""The oldest version that is read without a migration: later ones have the same tables."""

_DERIVED_MARK = "-- DERIVED"

SCHEMA = f"""
-- Times are ISO 8601 in UTC, except those of cameras. Boxes are in pixels of the upright full-size picture.
-- sha256 are 32 bytes. Paths are the bytes of the file system (surrogate escapes are turned back into bytes).

-- GIVEN: what users said. No run changes these tables; every name can be restored from them.

-- The log of changes: one row for each command of the user, for undo. made_by and ended_by of other tables refer to it: undoing a
-- change deletes the rows that it made and restores those that it ended; detail (JSON) holds the rest (old names, hidden flags).
CREATE TABLE changes (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    command   TEXT NOT NULL,
    detail    TEXT NOT NULL DEFAULT '{{}}',
    undone_by INTEGER REFERENCES changes(id) ON DELETE SET NULL
) STRICT;

-- A person without a name is made when the user merges, splits or hides clusters. folded is the name in the form in which names are
-- compared. A person that is merged into another one is ended, not deleted: ids are never reused.
CREATE TABLE people (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT,
    folded     TEXT,
    hidden     INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    created_at TEXT NOT NULL,
    made_by    INTEGER REFERENCES changes(id) ON DELETE SET NULL,
    ended_by   INTEGER REFERENCES changes(id) ON DELETE SET NULL,
    CHECK ((name IS NULL) = (folded IS NULL))
) STRICT;
CREATE UNIQUE INDEX people_folded ON people (folded) WHERE ended_by IS NULL;

-- A yes or no about one person in one photo. The key is the content of the photo and the box, so that a verdict does not depend on
-- detectors, embedders, file names or observation ids. part: whether the box shows the face or the upper body.
CREATE TABLE verdicts (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256    BLOB NOT NULL CHECK (length(sha256) = 32),
    part      TEXT NOT NULL CHECK (part IN ('face', 'body')),
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
    person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    says      TEXT NOT NULL CHECK (says IN ('is', 'not')),
    how       TEXT NOT NULL,
    at        TEXT NOT NULL,
    made_by   INTEGER REFERENCES changes(id) ON DELETE SET NULL,
    ended_by  INTEGER REFERENCES changes(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX verdicts_photo ON verdicts (sha256) WHERE ended_by IS NULL;
CREATE INDEX verdicts_person ON verdicts (person_id);
CREATE INDEX verdicts_made_by ON verdicts (made_by);
CREATE INDEX verdicts_ended_by ON verdicts (ended_by) WHERE ended_by IS NOT NULL;

-- Boxes that the user drew, or imported, where no detector found a person.
CREATE TABLE drawn (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256   BLOB NOT NULL CHECK (length(sha256) = 32),
    part     TEXT NOT NULL CHECK (part IN ('face', 'body')),
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
    at       TEXT NOT NULL,
    made_by  INTEGER REFERENCES changes(id) ON DELETE SET NULL,
    ended_by INTEGER REFERENCES changes(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX drawn_photo ON drawn (sha256);

-- The paths of the references that the user enrolled; every run processes them, wherever they are. Whom they show is a verdict.
CREATE TABLE enrolled (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256   BLOB NOT NULL CHECK (length(sha256) = 32),
    path     BLOB NOT NULL,
    made_by  INTEGER REFERENCES changes(id) ON DELETE SET NULL
) STRICT;

-- The model for each task. All are written when the gallery is made; afterwards only the user changes them, so a new default of the
-- program never changes a gallery.
CREATE TABLE choices (
    task  TEXT PRIMARY KEY,
    model TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last id in use: cluster and group ids are never reused, not even after the derived tables were dropped.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

{_DERIVED_MARK}: what the program found. These tables can be dropped and made again at any time.

-- The content of files, whatever their names.
CREATE TABLE photos (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256         BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    width          INTEGER,
    height         INTEGER,
    taken_at       TEXT,
    seconds        REAL,
    latitude       REAL,
    longitude      REAL,
    capture_source TEXT
) STRICT;
CREATE INDEX photos_seconds ON photos (seconds);

-- Paths. photo_id is NULL if the file could not be read. former_id is the photo that a file held before it was rewritten, until the
-- verdicts on that photo are transferred to the new one.
CREATE TABLE files (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    path         BLOB NOT NULL UNIQUE,
    size         INTEGER NOT NULL,
    mtime_ns     INTEGER NOT NULL,
    photo_id     INTEGER REFERENCES photos(id) ON DELETE CASCADE,
    former_id    INTEGER REFERENCES photos(id) ON DELETE SET NULL,
    missing      INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0, 1)),
    error_kind   TEXT,
    error_detail TEXT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    at           TEXT NOT NULL
) STRICT;
CREATE INDEX files_photo ON files (photo_id, missing, path);
CREATE INDEX files_former ON files (former_id) WHERE former_id IS NOT NULL;
CREATE INDEX files_error ON files (error_kind) WHERE error_kind IS NOT NULL;

-- Which recipe was applied to which photo, and how that ended. attempts counts the failures under that recipe.
CREATE TABLE ledger (
    photo_id     INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    stage        TEXT NOT NULL,
    recipe       TEXT NOT NULL,
    error_kind   TEXT,
    error_detail TEXT,
    attempts     INTEGER NOT NULL DEFAULT 0,
    at           TEXT NOT NULL,
    PRIMARY KEY (photo_id, stage)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_error ON ledger (error_kind) WHERE error_kind IS NOT NULL;

-- One person seen once in one photo: a face, an upper body, or both. landmarks are ten little-endian float32.
CREATE TABLE observations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id    INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    source      TEXT NOT NULL CHECK (source IN ('auto', 'user')),
    face_x0 REAL, face_y0 REAL, face_x1 REAL, face_y1 REAL,
    face_score  REAL,
    landmarks   BLOB CHECK (length(landmarks) = 40),
    reliability REAL NOT NULL DEFAULT 0,
    body_x0 REAL, body_y0 REAL, body_x1 REAL, body_y1 REAL,
    body_score  REAL,
    CHECK (face_x0 IS NOT NULL OR body_x0 IS NOT NULL)
) STRICT;
CREATE INDEX observations_photo ON observations (photo_id);

-- One embedding of each kind for an observation: vector is little-endian float16, model the digest of the model card.
CREATE TABLE face_embeddings (
    observation_id INTEGER PRIMARY KEY REFERENCES observations(id) ON DELETE CASCADE,
    model          TEXT NOT NULL,
    vector         BLOB NOT NULL
) STRICT;
CREATE TABLE body_embeddings (
    observation_id INTEGER PRIMARY KEY REFERENCES observations(id) ON DELETE CASCADE,
    model          TEXT NOT NULL,
    vector         BLOB NOT NULL
) STRICT;

-- person_id follows from the verdicts on the members. vector_sum is the sum of vector_count face embeddings, little-endian float32.
CREATE TABLE clusters (
    id           INTEGER PRIMARY KEY,
    person_id    INTEGER REFERENCES people(id) ON DELETE SET NULL,
    vector_sum   BLOB,
    vector_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX clusters_person ON clusters (person_id);

CREATE TABLE memberships (
    observation_id INTEGER PRIMARY KEY REFERENCES observations(id) ON DELETE CASCADE,
    group_id       INTEGER,
    cluster_id     INTEGER REFERENCES clusters(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX memberships_cluster ON memberships (cluster_id);

CREATE TABLE exemplars (
    observation_id INTEGER PRIMARY KEY REFERENCES observations(id) ON DELETE CASCADE,
    cluster_id     INTEGER NOT NULL REFERENCES clusters(id) ON DELETE CASCADE
) STRICT;
CREATE INDEX exemplars_cluster ON exemplars (cluster_id);

-- The observation of each verdict, by overlap of boxes.
CREATE TABLE attachments (
    verdict_id     INTEGER PRIMARY KEY REFERENCES verdicts(id) ON DELETE CASCADE,
    observation_id INTEGER NOT NULL REFERENCES observations(id) ON DELETE CASCADE
) STRICT;
CREATE INDEX attachments_observation ON attachments (observation_id);

-- Who each observation is: by a verdict (user), by sparse coding (auto), or as a member of a person's cluster (cluster).
-- photo_id repeats that of the observation, so that find reads the index only.
CREATE TABLE answers (
    observation_id INTEGER PRIMARY KEY REFERENCES observations(id) ON DELETE CASCADE,
    person_id      INTEGER REFERENCES people(id) ON DELETE CASCADE,
    standing       TEXT NOT NULL CHECK (standing IN ('certain', 'likely', 'unknown')),
    share          REAL,
    source         TEXT NOT NULL CHECK (source IN ('user', 'auto', 'cluster')),
    photo_id       INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_person ON answers (person_id, photo_id, standing);

-- What the answers of observations depend on, in blocks of 64 ids, see facelib/store/answer_cache.py. It contains quantized face
-- embeddings, so a block is deleted with the first of its observations; the others are answered again.
CREATE TABLE codes (
    block   INTEGER PRIMARY KEY,
    records BLOB NOT NULL
) STRICT;
CREATE TRIGGER codes_gone AFTER DELETE ON observations BEGIN
    DELETE FROM codes WHERE block = old.id / 64;
END;

-- Digests of the inputs of whole-library stages, and other derived values by name.
CREATE TABLE notes (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def statements(text: str) -> list[str]:
    """The single statements of an SQL text.

    Raises
    ------
    ValueError
        If the text ends within a statement.
    """
    complete, pending = [], ""
    for line in text.splitlines(keepends=True):
        if not pending and (not line.strip() or line.startswith("--")):
            continue
        pending += line
        if sqlite3.complete_statement(pending):
            complete.append(pending.strip())
            pending = ""
    if pending.strip():
        raise ValueError(f"the schema ends within a statement: {pending.strip()[:60]}")
    return complete


@cache
def given_statements() -> tuple[str, ...]:
    """The statements that create the given tables."""
    return tuple(statements(SCHEMA.partition(_DERIVED_MARK)[0]))


@cache
def derived_statements() -> tuple[str, ...]:
    """The statements that create the derived tables."""
    return tuple(statements("--" + SCHEMA.partition(_DERIVED_MARK)[2]))


def tables(created_by: tuple[str, ...]) -> list[str]:
    """The names of the tables that statements create, in their order."""
    matches = (re.match(r"CREATE TABLE (\w+)", statement) for statement in created_by)
    return [match[1] for match in matches if match]
