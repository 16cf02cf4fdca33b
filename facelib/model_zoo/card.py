"""What a model card is: the network, where it comes from, under which licence, and what its numbers mean.

A card names its files by SHA-256, so that weights can be checked at every load. The thresholds are calibrated for the model's
own distances by ``scripts/calibrate.py``; :mod:`facelib.model_zoo.calibration` reads them when they are first asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from facelib.model_zoo import calibration
from facelib.model_zoo.alignment import Template

FACE_DETECTOR = "face-detector"
BODY_DETECTOR = "body-detector"
FACE_EMBEDDER = "face-embedder"
BODY_EMBEDDER = "body-embedder"
FACE_JUDGE = "face-judge"
TASKS = (FACE_DETECTOR, BODY_DETECTOR, FACE_EMBEDDER, BODY_EMBEDDER, FACE_JUDGE)


@dataclass(frozen=True)
class ModelFile:
    """One file of a model.

    Attributes
    ----------
    name : str
        The file's name, without a folder.
    sha256, size : str, int
        Of the published bytes; ``size`` in bytes.
    url : str or None
        Where ``facelib models fetch`` gets it.
    package : str or None
        The Python package whose installation brings it. Without ``url`` and ``package``, this program brings it.
    kept_as : str or None
        The name of the converted form that is kept in place of the published file, where that is not used as it is.
    """

    name: str
    sha256: str
    size: int
    url: str | None = None
    package: str | None = None
    kept_as: str | None = None

    @property
    def bundled(self) -> bool:
        """Whether this program brings the file itself."""
        return self.url is None and self.package is None


@dataclass(frozen=True)
class ModelCard:
    """Everything the program knows about one model.

    Attributes
    ----------
    files : mapping of str to ModelFile
        By role, the name by which the model's module asks for the file. :attr:`digest` depends on the order: never change it.
    runtime : str
        A key of :data:`facelib.model_zoo.runtimes.RUNTIMES`.
    input_size : (int, int)
        Width and height of the input in pixels; ``(0, 0)`` where any size is accepted.
    mean, scale : tuple of 3 floats, float
        Input value = ``(pixel - mean) / scale``, pixels 0..255 in ``colour`` order.
    template : tuple of five (x, y), or None
        Where the five landmarks go, in pixels of the input.
    dimension : int
        Length of the embedding; 0 for detectors.
    mirrored : bool
        Whether a face's vector is the mean of its own and its mirror image's.
    reliability : bool
        Whether two numbers follow each vector: the log odds that it can be trusted, and those that there is a face.
    half : bool
        Whether the network may run in bfloat16 where the processor is faster at that.
    revision : int
        Of the code around the network: increased when the same weights come to give other numbers.
    weakness : str
        What the model is weak for, in sentences, as far as no figure of ``models/evaluation.json`` says it.
    """

    name: str
    task: str
    what: str
    runtime: str
    licence_code: str
    licence_weights: str
    origin: str
    training_data: str
    files: Mapping[str, ModelFile] = field(default_factory=dict, hash=False)
    input_size: tuple[int, int] = (0, 0)
    colour: str = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0
    template: Template | None = None
    dimension: int = 0
    mirrored: bool = True
    reliability: bool = False
    half: bool = False
    recommended: bool = False
    revision: int = 1
    weakness: str = ""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The values calibrated for this model; all others are those of :class:`facelib.thresholds.Thresholds`."""
        return {name: value for part in calibration.parts(self.name) for name, value in part.thresholds.items()}

    @property
    def calibration(self) -> str:
        """On which sets and for which error its thresholds were set, and when."""
        return " | ".join(map(str, calibration.parts(self.name))) or "default, not calibrated"

    @property
    def far_distances(self) -> Mapping[float, float]:
        """For a false accept rate, the cosine distance below which that share of the pairs of strangers lie."""
        return {rate: distance for part in calibration.parts(self.name) for rate, distance in part.far_distances.items()}

    def threshold_origin(self, threshold: str) -> str:
        """On which sets and for which error one of its thresholds was set, and when."""
        return next(str(part) for part in calibration.parts(self.name) if threshold in part.thresholds)

    @property
    def fetched(self) -> bool:
        """Whether ``facelib models fetch`` brings it, rather than an installed package or the program itself."""
        return any(file.url for file in self.files.values())

    @property
    def packages(self) -> tuple[str, ...]:
        """The Python packages that bring files of it."""
        return tuple(dict.fromkeys(file.package for file in self.files.values() if file.package))

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files.values())

    @property
    def digest(self) -> str:
        """Identifies the exact numbers this model gives; recipes and stored embeddings depend on it."""
        hashes = [file.sha256 for file in self.files.values()]
        if len(hashes) <= 1:
            weights = hashes[0][:16] if hashes else "builtin"
        else:
            weights = hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
        return weights if self.revision == 1 else f"{weights}-{self.revision}"
