"""A fetch brings whole, right and private files, resumes what broke off, and uses encrypted addresses only."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from facelib.errors import InputError, WeightsError
from facelib.model_zoo import download, registry
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile
from facelib.model_zoo.fetch import describe, fetch

DATA = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Serves ``data``; ``mode`` says how it misbehaves; ``asked`` keeps path and Range of each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.data = DATA
        self.mode = "ranges"
        self.asked: list[tuple[str, str | None]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        mode, data = self.server.mode, self.server.data
        if mode == "gone":
            return self.send_error(404)
        if mode == "moved" and self.path != "/there":
            self.send_response(302)
            self.send_header("Location", "/there")
            return self.end_headers()
        if mode == "moved to http":
            self.send_response(302)
            self.send_header("Location", "http://example.invalid/net.bin")
            return self.end_headers()
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and mode == "unsatisfiable":
            return self.send_error(416)
        if wanted and mode != "no ranges":
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            start = 0
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + 300_000] if mode == "breaks" else data[start:])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def card(server: Server) -> ModelCard:
    file = ModelFile("net.bin", hashlib.sha256(DATA).hexdigest(), len(DATA), f"{server.address}/net.bin")
    return ModelCard("net", FACE_EMBEDDER, "a net", "torch", "MIT", "CC0", "a server", "faces", files={"network": file})


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_fetched_is_whole_private_and_fetched_once(card: ModelCard, server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = tmp_path / "new" / "models"
    assert fetch(card, folder, None, lambda have, total: seen.append((have, total))) == [folder / "net.bin"]
    assert (folder / "net.bin").read_bytes() == DATA
    assert mode_of(folder / "net.bin") == 0o600 and mode_of(folder) == 0o700
    assert [path.name for path in folder.iterdir()] == ["net.bin"]
    assert seen[-1] == (len(DATA), len(DATA)) and seen == sorted(seen)
    fetch(card, folder)
    assert len(server.asked) == 1


def test_an_interrupted_download_goes_on_where_it_broke(card: ModelCard, server: Server, tmp_path: Path) -> None:
    server.mode = "breaks"
    with pytest.raises(WeightsError, match="broke after 300000 of"):
        fetch(card, tmp_path)
    assert (tmp_path / "net.bin.part").read_bytes() == DATA[:300_000]
    assert not (tmp_path / "net.bin").exists()
    server.mode = "ranges"
    fetch(card, tmp_path)
    assert server.asked[-1] == ("/net.bin", "bytes=300000-")
    assert (tmp_path / "net.bin").read_bytes() == DATA


def test_ctrl_c_keeps_the_part(card: ModelCard, tmp_path: Path) -> None:
    def interrupt(have: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(card, tmp_path, None, interrupt)
    assert 0 < (tmp_path / "net.bin.part").stat().st_size < len(DATA)
    fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == DATA


@pytest.mark.parametrize("mode", ["no ranges", "unsatisfiable"])
def test_a_server_that_cannot_resume_starts_over(card: ModelCard, server: Server, tmp_path: Path, mode: str) -> None:
    (tmp_path / "net.bin.part").write_bytes(b"rubbish" * 100)
    server.mode = mode
    fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == DATA


@pytest.mark.parametrize("length", [len(DATA), len(DATA) + 5])
def test_a_part_that_is_too_long_or_wrong_starts_over(card: ModelCard, tmp_path: Path, length: int) -> None:
    (tmp_path / "net.bin.part").write_bytes(b"x" * length)
    fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == DATA


def test_a_whole_part_is_not_fetched_again(card: ModelCard, server: Server, tmp_path: Path) -> None:
    (tmp_path / "net.bin.part").write_bytes(DATA)
    fetch(card, tmp_path)
    assert server.asked == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: b"x" + d[1:], "another SHA-256"),
        (lambda d: d + b"more", "bytes, not"),
        (lambda d: d * 3, "bytes, not"),
        (lambda d: d[:-9], "bytes, not"),
    ],
)
def test_wrong_bytes_install_nothing(card: ModelCard, server: Server, tmp_path: Path, spoil: Callable[[bytes], bytes], said: str) -> None:
    server.data = spoil(DATA)
    with pytest.raises(WeightsError, match=said):
        fetch(card, tmp_path)
    assert list(tmp_path.glob("net*")) == []


def test_a_resumed_part_with_wrong_bytes_is_thrown_away(card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "net.bin.part").write_bytes(b"rubbish")
    with pytest.raises(WeightsError, match="SHA-256"):
        fetch(card, tmp_path)
    fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == DATA


def test_wrong_weights_in_place_are_replaced_only_by_right_ones(card: ModelCard, server: Server, tmp_path: Path) -> None:
    (tmp_path / "net.bin").write_bytes(b"old")
    server.mode = "gone"
    with pytest.raises(WeightsError, match="404"):
        fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == b"old"
    server.mode = "moved"
    fetch(card, tmp_path)
    assert (tmp_path / "net.bin").read_bytes() == DATA


def test_no_server(card: ModelCard, server: Server, tmp_path: Path) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(WeightsError, match="cannot fetch"):
        fetch(card, tmp_path)


def test_only_encrypted_addresses(card: ModelCard, server: Server, tmp_path: Path) -> None:
    open_file = dataclasses.replace(card.files["network"], url="http://example.invalid/net.bin")
    with pytest.raises(WeightsError, match="only https"):
        fetch(dataclasses.replace(card, files={"network": open_file}), tmp_path)
    server.mode = "moved to http"
    with pytest.raises(WeightsError, match="only https"):
        fetch(card, tmp_path)


def test_from_a_folder(card: ModelCard, server: Server, tmp_path: Path) -> None:
    source, folder = tmp_path / "usb", tmp_path / "models"
    source.mkdir()
    with pytest.raises(InputError, match="does not contain net"):
        fetch(card, folder, source)
    (source / "net.bin").write_bytes(DATA[:-1] + b"!")
    with pytest.raises(WeightsError, match="SHA-256"):
        fetch(card, folder, source)
    assert list(folder.iterdir()) == []
    (source / "net.bin").write_bytes(DATA)
    fetch(card, folder, source)
    assert (folder / "net.bin").read_bytes() == DATA and mode_of(folder / "net.bin") == 0o600
    assert server.asked == []
    with pytest.raises(InputError, match="no folder"):
        fetch(card, folder, tmp_path / "nowhere")


def test_a_full_disk_is_said_plainly(card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "copy", full)
    with pytest.raises(WeightsError, match="is full: 1 MB are needed"):
        fetch(card, tmp_path)


def test_a_folder_that_cannot_be_made(card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WeightsError, match="cannot write to") as caught:
        fetch(card, tmp_path / "file" / "models")
    assert "FACELIB_MODELS" in (caught.value.advice or "")


def test_what_an_installation_brings_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to fetch"):
        fetch(registry.card("dlib-resnet"), tmp_path)


def test_the_description_says_what_is_agreed_to(card: ModelCard) -> None:
    text = describe(card)
    for part in ("net: a net", "net.bin", "1.0 MB", "127.0.0.1", "code MIT", "weights CC0", "faces"):
        assert part in text
    assert all(describe(each) for each in registry.CARDS.values())


def test_recommended_models_exist_and_can_be_fetched() -> None:
    assert registry.RECOMMENDED
    assert all(registry.card(name).fetched for name in registry.RECOMMENDED)
