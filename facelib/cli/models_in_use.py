"""Which models a gallery uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facelib.model_zoo.registry import DEFAULTS


def models_in_use(gallery: Path) -> Mapping[str, str]:
    """The name of the model for each task: as the gallery says, or the defaults where there is no gallery yet.

    Raises
    ------
    GalleryError
        If there is a file, but it cannot be read as a gallery.
    """
    if not gallery.exists():
        return DEFAULTS
    from facelib.store.gallery import Gallery

    with Gallery.read(gallery) as opened:
        return opened.models()
