"""Records that the layers exchange: frozen, without behaviour beyond what the fields imply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Box = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)`` in pixels of the upright full-size picture; x grows right, y grows down."""

UNKNOWN, LIKELY, CERTAIN = 0, 1, 2
"""Standings in arrays: how sure the program is of an answer. The greater, the surer."""
STANDINGS = ("unknown", "likely", "certain")
"""Standings in words, as the gallery and JSON hold them: ``STANDINGS[CERTAIN]`` is ``"certain"``."""

NO_CLUSTER = -1
"""In arrays of cluster numbers: the observation is in no cluster but in the pool."""
NO_GROUP = -1
"""In arrays of group numbers: pass 1 put the observation in no group."""
NO_PERSON = -1
"""In arrays of person ids: no person owns the cluster, or no verdict names who the observation is."""
NO_IDENTITY = -1
"""In arrays of identity keys (:func:`facelib.recognition.identities.identity_keys`): neither a person nor a cluster."""
NO_MOMENT = -1
"""In arrays of moment numbers: the photo has no capture time, so it belongs to no moment."""
NO_ANCHOR = -1
"""In arrays of anchors: no verdicts tie the observation to others."""

FEW_FACES, ONE_MOMENT_ONLY, ONE_PICTURE_ONLY, MIXED_CLUSTER = "few", "one moment", "one picture", "mixed"
"""Why a cluster without a name is not listed as a person: too few faces; a guest or a passer-by; a poster, a statue or a screen;
no nearer to itself than to another cluster. An empty text: it is listed."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded photo, upright and RGB.

    Attributes
    ----------
    pixels : ndarray of shape (h, w, 3), uint8
        RGB. Perhaps smaller than the photo: JPEG is decoded at a reduced scale.
    width, height : int
        Size of the upright photo at full scale. ``width / pixels.shape[1]`` is the scale between both.
    """

    pixels: np.ndarray
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Full-size pixels for each decoded pixel, along x and y."""
        return self.width / self.pixels.shape[1], self.height / self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Face:
    """A detected face.

    Attributes
    ----------
    box : Box
    score : float
        The detector's own confidence, 0..1.
    landmarks : ndarray of shape (5, 2), float32
        Left eye, right eye, nose, left and right mouth corner *as seen*, in pixels of the upright full-size picture.
    reliability : float
        How far an embedding of this face may be trusted, 0..1.
    """

    box: Box
    score: float
    landmarks: np.ndarray
    reliability: float = 0.0


@dataclass(frozen=True)
class Body:
    """The upper body of one person: box and the detector's confidence (0..1; 0 where the box is guessed from the face)."""

    box: Box
    score: float


@dataclass(frozen=True, eq=False)
class Sighting:
    """One person seen once in one photo, before the gallery gives it an id: a face, an upper body, or both.

    Attributes
    ----------
    face_embedding, body_embedding : ndarray of shape (d,), float32, unit length, or None
    """

    face: Face | None
    body: Body | None
    face_embedding: np.ndarray | None = None
    body_embedding: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.face is None and self.body is None:
            raise ValueError("a sighting has a face, a body, or both")


@dataclass(frozen=True)
class Share:
    """The share of one person, or of one unnamed cluster, in the sparse code of an observation.

    Attributes
    ----------
    person : int or None
        None for an unnamed cluster.
    cluster : int or None
        The cluster, or the one of the person's clusters with the largest share.
    name : str or None
    share : float, 0..1
    """

    person: int | None
    cluster: int | None
    name: str | None
    share: float


@dataclass(frozen=True)
class Identity:
    """The answer to "who is it?" for one observation.

    Attributes
    ----------
    cluster, person : int or None
        Ids in the gallery. An observation of an unnamed cluster has a cluster and no person.
    name : str or None
        The person's name.
    standing : str
        One of :data:`STANDINGS`.
    source : str or None
        ``"user"`` where a verdict decided, ``"auto"`` where the program answered, else None.
    shares : tuple of Share
        The largest first.
    """

    cluster: int | None = None
    person: int | None = None
    name: str | None = None
    standing: str = STANDINGS[UNKNOWN]
    source: str | None = None
    shares: tuple[Share, ...] = ()


NOBODY = Identity()
"""The answer for an observation of which nothing is known."""


@dataclass(frozen=True)
class Capture:
    """When and where a photo was taken, as its metadata says.

    Attributes
    ----------
    taken_at : str or None
        ISO 8601, with offset where the camera wrote one; None where nothing trustworthy is recorded.
    seconds : float or None
        The same as seconds since 1970-01-01 UTC; a time without offset counts as UTC.
    latitude, longitude : float or None
        Degrees, WGS 84.
    source : str or None
        ``"exif"`` or ``"xmp"``.
    """

    taken_at: str | None = None
    seconds: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    source: str | None = None
