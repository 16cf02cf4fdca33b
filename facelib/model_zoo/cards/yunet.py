"""The card of yunet."""

from __future__ import annotations

from facelib.model_zoo.card import FACE_DETECTOR, ModelCard, ModelFile

CARD = ModelCard(
    name="yunet",
    task=FACE_DETECTOR,
    what="light one-stage detector with five landmarks, 75,000 parameters (Wu et al. 2023)",
    runtime="openvino",
    licence_code="Apache-2.0",
    licence_weights="Apache-2.0",
    origin="ShiqiYu/libfacedetection.train",
    training_data="WIDER FACE",
    files={
        "network": ModelFile(
            "yunet_n_dynamic.onnx",
            "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12",
            322906,
            "https://raw.githubusercontent.com/ShiqiYu/libfacedetection.train/master/onnx/yunet_n_dynamic.onnx",
        ),
    },
    colour="BGR",
    recommended=True,
)
