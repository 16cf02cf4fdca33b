"""The model cards: what each network is, where it comes from, under which licence, and what its numbers mean.

A card names its files by SHA-256, so weights can be checked at every load; its thresholds are calibrated for its
own distances by ``scripts/calibrate.py``, and are read from :mod:`facelib.model_zoo.calibration` when they are first asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from facelib.errors import InputError
from facelib.model_zoo import calibration

FACE_DETECTOR = "face-detector"
BODY_DETECTOR = "body-detector"
FACE_EMBEDDER = "face-embedder"
BODY_EMBEDDER = "body-embedder"
FACE_JUDGE = "face-judge"
TASKS = (FACE_DETECTOR, BODY_DETECTOR, FACE_EMBEDDER, BODY_EMBEDDER, FACE_JUDGE)


@dataclass(frozen=True)
class ModelFile:
    """One file of weights. ``size`` in bytes; ``url`` is None where an installation brings it: ``bundled`` with this
    program itself, else with the card's package. A ``converted`` one is published as a pickle and kept as safetensors."""

    name: str
    sha256: str
    size: int
    url: str | None = None
    bundled: bool = False
    converted: bool = False


@dataclass(frozen=True)
class ModelCard:
    """All that is known of one model.

    Attributes
    ----------
    runtime : str
        ``"torch"``, ``"openvino"`` or ``"builtin"`` (no network at all).
    package : str or None
        The Python package whose installation brings the files.
    input_size : (int, int)
        Width and height of the input in pixels; ``(0, 0)`` where any size goes.
    mean, scale : tuple of 3 floats, float
        Input value = ``(pixel - mean) / scale``, pixels 0..255 in ``colour`` order.
    template : tuple of five (x, y), or None
        Where the five landmarks go, in pixels of the input.
    dimension : int
        Length of the embedding; 0 for detectors.
    mirrored : bool
        Whether a face's vector is the mean of its own and its mirror image's.
    reliability : bool
        Whether the network says behind each vector how far it may be trusted, and whether there is a face (log odds).
    half : bool
        Whether it may run in bfloat16, where the processor is faster at that.
    revision : int
        Of the code around the network: counted up when the same weights come to give other numbers.
    """

    name: str
    task: str
    what: str
    runtime: str
    licence_code: str
    licence_weights: str
    origin: str
    training_data: str
    files: tuple[ModelFile, ...] = ()
    package: str | None = None
    input_size: tuple[int, int] = (0, 0)
    colour: str = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: float = 1.0
    template: tuple[tuple[float, float], ...] | None = None
    dimension: int = 0
    mirrored: bool = True
    reliability: bool = False
    half: bool = False
    recommended: bool = False
    revision: int = 1

    @property
    def thresholds(self) -> Mapping[str, float]:
        """What is calibrated for this model; all else is as in :class:`facelib.thresholds.Thresholds`."""
        return {name: value for part in calibration.parts(self.name) for name, value in part.thresholds.items()}

    @property
    def calibration(self) -> str:
        """On what and for which error its thresholds were set, and when."""
        return " | ".join(map(str, calibration.parts(self.name))) or "default, not calibrated"

    @property
    def far_distances(self) -> Mapping[float, float]:
        """For a false accept rate the cosine distance below which that share of pairs of strangers lie."""
        return {rate: distance for part in calibration.parts(self.name) for rate, distance in part.far_distances.items()}

    def threshold_origin(self, threshold: str) -> str:
        """On what one of its thresholds was set, for which error, and when."""
        return next(str(part) for part in calibration.parts(self.name) if threshold in part.thresholds)

    @property
    def fetched(self) -> bool:
        """Whether ``facelib models fetch`` brings it, rather than an installed package or the program itself."""
        return any(f.url for f in self.files)

    @property
    def size(self) -> int:
        return sum(f.size for f in self.files)

    @property
    def digest(self) -> str:
        """Names the exact numbers this model gives: what a recipe and a stored embedding are tied to."""
        if len(self.files) <= 1:
            weights = self.files[0].sha256[:16] if self.files else "builtin"
        else:
            weights = hashlib.sha256("".join(file.sha256 for file in self.files).encode()).hexdigest()[:16]
        return weights if self.revision == 1 else f"{weights}-{self.revision}"


# Left eye, right eye, nose, left and right mouth corner as seen, in the common 112-pixel template.
ARCFACE_112 = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
# The same points, nearer: in the 128-pixel template of face-reid-0095, which its student shares.
REID_128 = ((40.393, 59.081), (87.383, 59.081), (64.032, 81.985), (44.732, 105.562), (83.642, 105.562))

# And in dlib's chips of 150 pixels.
_DLIB_150 = ((47.11, 46.56), (101.18, 45.84), (75.19, 79.03), (51.00, 101.12), (100.01, 99.98))


def scaled(template: tuple[tuple[float, float], ...], factor: float, shift: float = 0.0) -> tuple[tuple[float, float], ...]:
    """A landmark template for another input size: ``factor * point + shift``."""
    return tuple((factor * x + shift, factor * y + shift) for x, y in template)


_OMZ = "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1"

# Means of strangers that are alike, to take away, by scripts/make_centres.py from FairFace and All-Age-Faces.
_REID_CENTRES = ModelFile(
    "face-reid-0095-centres.safetensors", "05b4182023700b7e6160ebc94bbdf0bef0a9ea2a048712fcf4fce6425ef5f9c2", 65756, bundled=True
)
# How much each of two networks counts, and the axes that are kept, by the same.
_BLEND = ModelFile(
    "facelib-ensemble.safetensors", "5d9e819f27c735c9d657d8fb5d34216d9923bdc929eff0c8edb422a65184a235", 147602, bundled=True
)
_FACE_CENTRES = ModelFile(
    "facelib-face-centres.safetensors", "435ca6db8c35db92fd7f628c7795e26276bd1dc2a6433064484942b6644e7d33", 65756, bundled=True
)
_FACELIB_FACE = ModelFile(
    "facelib-face.safetensors", "1d7ee674a070d1215028a909ee4042cd6f3681213017de63eb0958b32057f028", 3744622, bundled=True
)

_DLIB = (
    ModelFile(
        "dlib_face_recognition_resnet_model_v1.dat",
        "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        22466066,
    ),
    # The mean face to take away, by scripts/make_dlib_centre.py from FairFace (CC BY 4.0).
    ModelFile(
        "dlib-resnet-centre.safetensors",
        "9a3f930e9789419747ebac0ad64cd948c8c737bd44a261568feead6e03909ebb",
        584,
        bundled=True,
    ),
)

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="mtcnn",
        task=FACE_DETECTOR,
        what="three-stage cascade with five landmarks (Zhang et al. 2016), as in facenet-pytorch",
        runtime="torch",
        licence_code="MIT",
        licence_weights="MIT (with facenet-pytorch)",
        origin="facenet-pytorch 2.5.3, its wheel carries the weights",
        training_data="WIDER FACE, CelebA",
        files=(
            ModelFile("pnet.pt", "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f", 28570),
            ModelFile("rnet.pt", "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86", 403147),
            ModelFile("onet.pt", "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d", 1559269),
        ),
        package="facenet-pytorch",
        colour="RGB",
        mean=(127.5, 127.5, 127.5),
        scale=128.0,
        revision=2,
    ),
    ModelCard(
        name="yunet",
        task=FACE_DETECTOR,
        what="light one-stage detector with five landmarks, 75,000 parameters (Wu et al. 2023)",
        runtime="openvino",
        licence_code="Apache-2.0",
        licence_weights="Apache-2.0",
        origin="ShiqiYu/libfacedetection.train",
        training_data="WIDER FACE",
        files=(
            ModelFile(
                "yunet_n_dynamic.onnx",
                "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
                322906,
                "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/master/onnx/yunet_n_dynamic.onnx",
            ),
        ),
        colour="BGR",
        recommended=True,
    ),
    ModelCard(
        name="face-geometry",
        task=BODY_DETECTOR,
        what="upper-body box guessed from the face's box; sees nobody without a face",
        runtime="builtin",
        licence_code="as this program",
        licence_weights="none",
        origin="this program",
        training_data="none",
    ),
    ModelCard(
        name="yolox-nano",
        task=BODY_DETECTOR,
        what="person detector, so that people who face away are seen (Ge et al. 2021)",
        runtime="openvino",
        licence_code="Apache-2.0",
        licence_weights="Apache-2.0",
        origin="Megvii-BaseDetection/YOLOX, release 0.1.1rc0",
        training_data="COCO 2017",
        files=(
            ModelFile(
                "yolox_nano.onnx",
                "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
                3659407,
                "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
            ),
        ),
        input_size=(416, 416),
        colour="BGR",
        recommended=True,
    ),
    ModelCard(
        name="dlib-resnet",
        task=FACE_EMBEDDER,
        what="dlib's face recognition ResNet (King 2017)",
        runtime="torch",
        licence_code="as this program",
        licence_weights="CC0",
        origin="dlib; installed by the package face_recognition_models",
        training_data="about 3 million faces of 7,485 people (FaceScrub, VGG and others)",
        files=_DLIB,
        package="face_recognition_models",
        input_size=(150, 150),
        colour="RGB",
        mean=(122.782, 117.001, 104.298),
        scale=256.0,
        template=_DLIB_150,
        dimension=128,
    ),
    ModelCard(
        name="face-reid-0095",
        task=FACE_EMBEDDER,
        what="face-reidentification-retail-0095: MobileNetV2 blocks with squeeze-excite, 1.1 M parameters",
        runtime="openvino",
        licence_code="Apache-2.0",
        licence_weights="Apache-2.0",
        origin="Open Model Zoo 2023.0",
        training_data="not stated by its origin",
        files=(
            ModelFile(
                "face-reidentification-retail-0095.xml",
                "ce53d2c9c08c0bd1c1660fb8a5b6d0e3e4ec19eb92f1036d2d83a85e83082dce",
                350427,
                f"{_OMZ}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.xml",
            ),
            ModelFile(
                "face-reidentification-retail-0095.bin",
                "241229ca3d206321868d46ce74a3c0b06c49cea58db7dc70b2e842ff287545d1",
                2213628,
                f"{_OMZ}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.bin",
            ),
            _REID_CENTRES,
        ),
        input_size=(128, 128),
        colour="BGR",
        template=REID_128,
        dimension=256,
        recommended=True,
    ),
    ModelCard(
        name="facelib-face",
        task=FACE_EMBEDDER,
        what="fused inverted residual blocks with squeeze-excite, 1.8 M parameters; tells how far each vector may be trusted",
        runtime="torch",
        licence_code="as this program",
        licence_weights="Apache-2.0",
        origin="this program, scripts/train_face.py",
        training_data="44,000 faces of FairFace (CC BY 4.0) and All-Age-Faces without names, distilled from face-reid-0095 (Apache-2.0)",
        files=(_FACELIB_FACE, _FACE_CENTRES),
        input_size=(112, 112),
        colour="RGB",
        mean=(127.5, 127.5, 127.5),
        scale=127.5,
        template=scaled(REID_128, 112 / 128),
        dimension=256,
        mirrored=False,
        reliability=True,
        half=True,
    ),
    ModelCard(
        name="facelib-ensemble",
        task=FACE_EMBEDDER,
        what="dlib's ResNet and facelib-face together: the cosine is nearly the weighted mean of theirs",
        runtime="torch",
        licence_code="as this program",
        licence_weights="CC0 and Apache-2.0",
        origin="dlib; this program, scripts/train_face.py and make_centres.py",
        training_data="as of dlib-resnet and of facelib-face",
        files=(
            *_DLIB,
            _BLEND,
            _FACELIB_FACE,
            _FACE_CENTRES,
        ),
        package="face_recognition_models",
        # dlib's picture, with a margin for what facelib-face sees beyond it.
        input_size=(156, 174),
        template=tuple((x + 3, y + 24) for x, y in _DLIB_150),
        dimension=192,
    ),
    ModelCard(
        name="facelib-judge",
        task=FACE_JUDGE,
        what="the branch of facelib-face that tells faces from what a detector took for one, whichever model embeds them",
        runtime="torch",
        licence_code="as this program",
        licence_weights="Apache-2.0",
        origin="this program, scripts/train_reliability.py",
        training_data="as facelib-face; against 2,383 photos of garments (CC0) and parts of the faces",
        files=(_FACELIB_FACE,),
        input_size=(112, 112),
        mean=(127.5, 127.5, 127.5),
        scale=127.5,
        template=scaled(REID_128, 112 / 128),
        half=True,
    ),
    ModelCard(
        name="detector-view",
        task=FACE_JUDGE,
        what="no network: only what the detector says and how sharp, whole and upright a face is, which counts in any case",
        runtime="builtin",
        licence_code="as this program",
        licence_weights="none",
        origin="this program",
        training_data="none",
    ),
    ModelCard(
        name="facenet-vggface2",
        task=FACE_EMBEDDER,
        what="InceptionResnetV1 of facenet-pytorch; published LFW 0.9965",
        runtime="torch",
        licence_code="MIT",
        licence_weights="MIT; the training data is for research",
        origin="timesler/facenet-pytorch, release v2.2.9",
        training_data="VGGFace2",
        files=(
            ModelFile(
                "20180402-114759-vggface2.pt",
                "281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
                111898327,
                "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/20180402-114759-vggface2.pt",
                converted=True,
            ),
        ),
        input_size=(160, 160),
        colour="RGB",
        mean=(127.5, 127.5, 127.5),
        scale=128.0,
        template=scaled(ARCFACE_112, 160 / 112),
        dimension=512,
    ),
    ModelCard(
        name="colour-texture",
        task=BODY_EMBEDDER,
        what="colour and texture histogram of the upper body, only ever compared within a moment",
        runtime="builtin",
        licence_code="as this program",
        licence_weights="none",
        origin="this program",
        training_data="none",
        input_size=(48, 48),
        dimension=128,
    ),
    ModelCard(
        name="facelib-body",
        task=BODY_EMBEDDER,
        what="this program's own network for upper bodies, 0.4 M parameters, only ever compared within a moment",
        runtime="torch",
        licence_code="as this program",
        licence_weights="Apache-2.0",
        origin="this program, scripts/train_body.py",
        training_data="311 crops of people (a set that asks for citation), 2,383 photos of garments (CC0), drawn fabrics",
        files=(
            ModelFile("facelib-body.safetensors", "4c28c9bbe18e80828a23ce2690c30010200f9bc59c3a597b429e911525dac592", 752620, bundled=True),
        ),
        input_size=(96, 96),
        mean=(127.5, 127.5, 127.5),
        scale=127.5,
        dimension=128,
    ),
    ModelCard(
        name="body-reid-0286",
        task=BODY_EMBEDDER,
        what="person-reidentification-retail-0286: clothing of a person (OmniScaleNet)",
        runtime="openvino",
        licence_code="Apache-2.0",
        licence_weights="Apache-2.0",
        origin="Open Model Zoo 2023.0",
        training_data="not stated by its origin",
        files=(
            ModelFile(
                "person-reidentification-retail-0286.xml",
                "cc547e622d8aeabf97938213f68171bf59ac7d01c910ceadfea984aa96e5d1b5",
                611793,
                f"{_OMZ}/person-reidentification-retail-0286/FP16/person-reidentification-retail-0286.xml",
            ),
            ModelFile(
                "person-reidentification-retail-0286.bin",
                "d06beb9e2b2661d42b233f64ef623f3518fc46dc11f6b7dd53cda8962d9d1bd9",
                2453724,
                f"{_OMZ}/person-reidentification-retail-0286/FP16/person-reidentification-retail-0286.bin",
            ),
        ),
        input_size=(128, 256),
        colour="BGR",
        dimension=256,
        recommended=True,
    ),
)

DEFAULTS: Mapping[str, str] = {
    FACE_DETECTOR: "mtcnn",
    BODY_DETECTOR: "face-geometry",
    FACE_EMBEDDER: "facelib-ensemble",
    BODY_EMBEDDER: "facelib-body",
    FACE_JUDGE: "facelib-judge",
}
"""The models of a fresh gallery: none needs anything that an installation does not bring."""

_BY_NAME = {card.name: card for card in CARDS}


def card(name: str) -> ModelCard:
    """The card of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in _BY_NAME:
        raise InputError(f"there is no model '{name}'", f"known: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def card_for(name: str, task: str) -> ModelCard:
    """The card of that name, which must be one for that task.

    Raises
    ------
    InputError
        If there is none, or it is for another task.
    """
    found = card(name)
    if found.task != task:
        known = ", ".join(other.name for other in CARDS if other.task == task)
        raise InputError(f"model '{name}' is a {found.task}, not a {task}", f"known: {known}")
    return found
