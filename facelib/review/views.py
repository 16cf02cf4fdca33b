"""The read requests of the page: cards, faces, photos, suggestions, names, pictures. Nothing here changes the gallery."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, jsonify, request

from facelib.errors import InputError, PhotoError
from facelib.review import catalogue as forms
from facelib.review import thumbnails
from facelib.review.catalogue import Catalogue
from facelib.review.thumbnails import Thumbnails
from facelib.store import observation_summaries, people, photos
from facelib.store.gallery import Gallery
from facelib.store.photos import PhotoRow

_MAX_ITEMS = 200
_PHOTO_SIDE = 1600


def register(app: Flask, catalogue: Catalogue, pictures: Thumbnails) -> None:
    """Add the routes to an application."""
    app.add_url_rule("/api/cards", view_func=lambda: _cards(catalogue), endpoint="cards")
    app.add_url_rule("/api/card/<key>", view_func=lambda key: _card(catalogue, key), endpoint="card")
    app.add_url_rule("/api/faces/<key>", view_func=lambda key: _faces(catalogue, key), endpoint="faces")
    app.add_url_rule("/api/photo/<int:number>", view_func=lambda number: _photo(catalogue, number), endpoint="photo")
    app.add_url_rule("/api/suggestions", view_func=lambda: _suggestions(catalogue), endpoint="suggestions")
    app.add_url_rule("/api/names", view_func=lambda: _names(catalogue), endpoint="names")
    app.add_url_rule("/face/<int:number>.jpg", view_func=lambda number: _face_picture(catalogue, pictures, number), endpoint="face-jpg")
    app.add_url_rule("/photo/<int:number>.jpg", view_func=lambda number: _photo_picture(catalogue, number), endpoint="photo-jpg")


def _number(name: str, default: int, greatest: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise InputError(f"'{name}' must be a whole number")
    return min(int(text), greatest)


def _cards(catalogue: Catalogue) -> Response:
    view = request.args.get("view", "unnamed")
    if view not in ("unnamed", "people", "strangers", "hidden"):
        raise InputError("there is no such view")
    offset, limit = _number("offset", 0, 1 << 40), _number("limit", 60, _MAX_ITEMS)
    rows = catalogue.view(view, request.args.get("words", "")[:200], _number("photos", 2, 1000))
    return jsonify(total=len(rows), cards=catalogue.cards(rows[offset : offset + limit]), counts=catalogue.counts())


def _card(catalogue: Catalogue, key: str) -> Response:
    row = catalogue.row(forms.target_from(key))
    if row is None:
        raise InputError("this person no longer exists", "perhaps it was merged into another")
    return jsonify(catalogue.cards([row])[0] | {"counts": catalogue.counts()})


def _faces(catalogue: Catalogue, key: str) -> Response:
    target = forms.target_from(key)
    offset, limit = _number("offset", 0, 1 << 40), _number("limit", 60, _MAX_ITEMS)
    with catalogue.open_gallery() as gallery:
        faces = observation_summaries.of_target(gallery, target, "doubt" if request.args.get("order") == "doubt" else "date", offset, limit)
        named = people.names(gallery)
    return jsonify(faces=[forms.face(each, _name_of(named)) for each in faces])


def _name_of(named: dict[int, str | None]) -> Any:
    return lambda person: None if person is None else named.get(person)


def _photo(catalogue: Catalogue, number: int) -> Response:
    with catalogue.open_gallery() as gallery:
        row = _row(gallery, number)
        seen = observation_summaries.of_photo(gallery, number)
        named = people.names(gallery)
    width, height = row.width or 1, row.height or 1
    sides = (width, height, width, height)
    boxes = [forms.face(each, _name_of(named)) | {"box": [round(v / side, 5) for v, side in zip(each.box, sides)]} for each in seen]
    taken = row.capture.taken_at if row.capture else None
    return jsonify(id=number, width=width, height=height, taken_at=taken, file=_shown(row.path), present=row.present, faces=boxes)


def _shown(path: str) -> str:
    """The name of a file, with bytes that are not text made visible."""
    return os.fsencode(Path(path).name).decode("utf-8", "backslashreplace")


def _suggestions(catalogue: Catalogue) -> Response:
    offset, limit = _number("offset", 0, 1 << 40), _number("limit", 20, _MAX_ITEMS)
    pairs = catalogue.suggestions()
    shown = [(pair, catalogue.row(pair.first), catalogue.row(pair.second)) for pair in pairs[offset : offset + limit]]
    present = [(pair, first, second) for pair, first, second in shown if first is not None and second is not None]
    cards = catalogue.cards([row for _, first, second in present for row in (first, second)])
    records = [
        {"first": cards[2 * k], "second": cards[2 * k + 1], "alike": _word(1 - pair.distance / catalogue.thresholds.suggestion_reach)}
        for k, (pair, _, _) in enumerate(present)
    ]
    return jsonify(total=len(pairs), pairs=records, counts=catalogue.counts())


def _word(closeness: float) -> str:
    """A closeness, 0..1, in words."""
    return "very much alike" if closeness > 0.3 else "much alike" if closeness > 0.15 else "alike"


def _names(catalogue: Catalogue) -> Response:
    return jsonify(names=[{"name": row.name, "photos": row.photos} for row in catalogue.view("people")])


def _row(gallery: Gallery, number: int) -> PhotoRow:
    row = next(iter(photos.photos(gallery, [number])), None)
    if row is None:
        abort(404)
    return row


def _readable(row: PhotoRow) -> tuple[str, tuple[int, int]]:
    if not row.present or not row.width or not row.height:
        raise PhotoError("missing", "its file is missing")
    return row.path, (row.width, row.height)


def _face_picture(catalogue: Catalogue, pictures: Thumbnails, number: int) -> Response:
    with catalogue.open_gallery() as gallery:
        observation = next(iter(observation_summaries.by_ids(gallery, [number])), None)
        if observation is None:
            abort(404)
        if (content := thumbnails.cached(observation.sha256, observation.box)) is not None:
            return _jpeg(content)
        path, size = _readable(_row(gallery, observation.photo_id))
        others = [other.box for other in observation_summaries.of_photo(gallery, observation.photo_id)]
    return _jpeg(pictures.get(observation.sha256, path, size, observation.box, others))


def _photo_picture(catalogue: Catalogue, number: int) -> Response:
    with catalogue.open_gallery() as gallery:
        path, size = _readable(_row(gallery, number))
    return _jpeg(thumbnails.resized_photo(path, size, _PHOTO_SIDE))


def _jpeg(content: bytes) -> Response:
    return Response(content, mimetype="image/jpeg")
