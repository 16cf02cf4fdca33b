"""A gallery of people that were drawn, the page served from it, and a browser of no network."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from facelib.model_zoo import registry
from facelib.records import Capture, Face, Sighting
from facelib.review.catalogue import Catalogue
from facelib.review.server import ReviewServer
from facelib.settings import Settings
from facelib.stages.suggestions import suggest
from facelib.store import clusters, observations, photos
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow

SIZE = (400, 300)
COLUMNS = 5
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()


@dataclass(frozen=True)
class Drawn:
    """A gallery and, for each of its clusters 1, 2, 3 ..., the ids of the observations."""

    path: Path
    members: list[list[int]]


def picture(path: Path) -> None:
    """Twenty round faces in rows of five."""
    image = Image.new("RGB", SIZE, (210, 220, 235))
    pen = ImageDraw.Draw(image)
    for place in range(20):
        x0, y0, x1, y1 = box(place)
        pen.ellipse((x0, y0, x1, y1), fill=(240 - 7 * place, 180, 120 + 6 * place))
        pen.arc((x0 + 15, y0 + 20, x1 - 15, y1 - 12), 20, 160, fill=(90, 30, 30), width=3)
    image.save(path, quality=80)


def box(place: int) -> tuple[float, float, float, float]:
    x, y = 80 * (place % COLUMNS) + 12, 75 * (place // COLUMNS) + 8
    return x, y, x + 56, y + 60


def draw_gallery(folder: Path, sizes: Sequence[int], shared_photos: int = 0, near: Sequence[tuple[int, int]] = ()) -> Drawn:
    """A gallery of clusters of these sizes.

    Parameters
    ----------
    shared_photos : int
        Photos the observations are spread over; 0: each has one of its own.
    near : sequence of pairs
        Positions of clusters that look alike; all others are far from one another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture(folder / "first.jpg")
    path = folder / "gallery.sqlite"
    spots = [(cluster, k) for cluster, size in enumerate(sizes) for k in range(size)]
    photo_of = [n if not shared_photos else (cluster + 701 * k) % shared_photos for n, (cluster, k) in enumerate(spots)]
    with Gallery.write(path, "test") as gallery, gallery.transaction():
        numbers = _put_photos(gallery, folder, max(photo_of) + 1)
        ids = _put_observations(gallery, numbers, photo_of)
        owners = np.array([cluster + 1 for cluster, _ in spots])
        clusters.put_clustering(gallery, ids, ids, owners, whole=True)
        card = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER])
        observations.put_embeddings(gallery, "face", card.digest, ids, _vectors([c for c, _ in spots], near, card.dimension))
    members: list[list[int]] = [[] for _ in sizes]
    for (cluster, _), number in zip(spots, ids.tolist()):
        members[cluster].append(number)
    return Drawn(path, members)


def _put_photos(gallery: Gallery, folder: Path, count: int) -> list[int]:
    size = (folder / "first.jpg").stat().st_size
    rows = []
    for n in range(count):
        name = folder / f"photo <i>{n}.jpg"
        if not name.exists():
            os.link(folder / "first.jpg", name)
        rows.append(FileRow(str(name), size, 1, hashlib.sha256(f"{folder} {n}".encode()).hexdigest()))
    photos.put_files(gallery, rows)
    numbers = []
    for n, row in enumerate(rows):
        found = photos.photo_by_sha(gallery, row.sha256 or "")
        assert found is not None
        taken = f"{2005 + n % 15}-05-{1 + n % 28:02d}T10:00:00"
        photos.set_picture(gallery, found.id, *SIZE, Capture(taken, 1.1e9 + 86400.0 * 365 * (n % 15) + n, source="exif"))
        numbers.append(found.id)
    return numbers


def _put_observations(gallery: Gallery, numbers: list[int], photo_of: list[int]) -> np.ndarray:
    landmarks = np.arange(10, dtype=np.float32).reshape(5, 2)
    of_photo: dict[int, list[int]] = {}
    for n, photo in enumerate(photo_of):
        of_photo.setdefault(photo, []).append(n)
    ids = np.zeros(len(photo_of), dtype=np.int64)
    for photo, seen in of_photo.items():
        places = enumerate(seen) if len(seen) > 1 else [(seen[0] % 20, seen[0])]
        faces = [Sighting(Face(box(place), 0.99, landmarks, 0.9 - 1e-5 * n), None) for place, n in places]
        ids[seen] = observations.replace_observations(gallery, numbers[photo], faces)
    return ids


def _vectors(cluster_of: list[int], near: Sequence[tuple[int, int]], dimension: int) -> np.ndarray:
    random = np.random.default_rng(5)
    centres = random.normal(size=(max(cluster_of) + 1, dimension))
    for one, other in near:
        centres[other] = centres[one] + 0.6 * random.normal(size=dimension)
    vectors = centres[cluster_of] + 0.3 * random.normal(size=(len(cluster_of), dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    """Six people of 8, 6, 5, 4, 3, 3 faces, the second and third alike, and two strangers."""
    return draw_gallery(tmp_path / "drawn", [8, 6, 5, 4, 3, 3, 1, 1], near=[(1, 2)])


Serve = Callable[[Path], ReviewServer]
Open = Callable[..., Any]

VIOLATIONS = "window.broken = []; document.addEventListener('securitypolicyviolation', (e) => window.broken.push(e.violatedDirective))"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves galleries until the test ends."""
    running: list[tuple[ReviewServer, threading.Thread]] = []

    def start(path: Path) -> ReviewServer:
        server = ReviewServer(Catalogue.of(path, Settings(), suggest))
        thread = threading.Thread(target=server.serve)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join()
        server.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium; tests that need one skip where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra 'dev'")
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, serve: Serve) -> Iterator[Open]:
    """Opens the page of a gallery; at the end nothing may have gone wrong in it, nor been asked of anybody else."""
    contexts, complaints, asked = [], [], []

    def start(path: Path, scheme: str = "light", size: tuple[int, int] = (1280, 900), **more: Any) -> Any:
        server = serve(path)
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, **more)
        context.add_init_script(VIOLATIONS)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append((request.url, f"http://127.0.0.1:{server.port}/")))
        page.goto(server.url)
        page.wait_for_selector(".card, .empty:not([hidden])")
        return page

    yield start
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.broken") == []
        context.close()
    assert complaints == []
    assert [url for url, home in asked if not url.startswith(home)] == []
