"""The card of body-reid-0286."""

from __future__ import annotations

from facelib.model_zoo.card import BODY_EMBEDDER, ModelCard, ModelFile

_ORIGIN = "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1"

CARD = ModelCard(
    name="body-reid-0286",
    task=BODY_EMBEDDER,
    what="person-reidentification-retail-0286: clothing of a person (OmniScaleNet)",
    runtime="openvino",
    licence_code="Apache-2.0",
    licence_weights="Apache-2.0",
    origin="Open Model Zoo 2023.0",
    training_data="not stated by its origin",
    files={
        "network": ModelFile(
            "person-reidentification-retail-0286.xml",
            "cc547e622d8aeabf97938213f68171bf59ac7d01c910ceadfea984aa96e5d1b5",
            611793,
            f"{_ORIGIN}/person-reidentification-retail-0286/FP16/person-reidentification-retail-0286.xml",
        ),
        "weights": ModelFile(
            "person-reidentification-retail-0286.bin",
            "d06beb9e2b2661d42b233f64ef623f3518fc46dc11f6b7dd53cda8962d9d1bd9",
            2453724,
            f"{_ORIGIN}/person-reidentification-retail-0286/FP16/person-reidentification-retail-0286.bin",
        ),
    },
    input_size=(128, 256),
    colour="BGR",
    dimension=256,
    recommended=True,
    weakness="As for every embedder of clothes, uniforms look alike; it is used inside a moment only.",
)
