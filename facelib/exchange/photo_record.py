"""What a file of another program says about one photo, in one form for all formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from facelib.exchange.regions import FileRegion, Region, clean_name
from facelib.store.names import fold


@dataclass(frozen=True)
class People:
    """The people of a photo, as a file of another program has them.

    Attributes
    ----------
    file_regions : tuple of FileRegion
        Regions with or without a name, one per face.
    names : tuple of str
        Names given to the whole photo that no region has.
    """

    file_regions: tuple[FileRegion, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhotoRecord:
    """What one file says about one photo.

    Attributes
    ----------
    photo : str
        Absolute path; empty if only ``sha256`` is known.
    people : People
        Regions relative to a picture the other program knew, and names without a region.
    regions : tuple of Region
        Regions that are already in pixels of the upright picture.
    sha256 : str
        64 hexadecimal digits, or empty.
    """

    photo: str
    people: People = field(default_factory=People)
    regions: tuple[Region, ...] = ()
    sha256: str = ""


@dataclass(frozen=True)
class RefusedFile:
    """A file that could not be read or written, and why."""

    path: str
    why: str


def combine_people(file_regions: Iterable[FileRegion], names: Iterable[str | None]) -> People:
    """Combine regions and names; each name is kept once, and only if no region has it."""
    regions = tuple(file_regions)
    seen = {fold(name) for region in regions if (name := clean_name(region.name)) is not None}
    unplaced: list[str] = []
    for text in names:
        name = clean_name(text)
        if name is not None and fold(name) not in seen:
            seen.add(fold(name))
            unplaced.append(name)
    return People(regions, tuple(unplaced))
