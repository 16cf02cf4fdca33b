"""The card of yolox-nano."""

from __future__ import annotations

from facelib.model_zoo.card import BODY_DETECTOR, ModelCard, ModelFile

CARD = ModelCard(
    name="yolox-nano",
    task=BODY_DETECTOR,
    what="person detector, so that people who face away are seen (Ge et al. 2021)",
    runtime="openvino",
    licence_code="Apache-2.0",
    licence_weights="Apache-2.0",
    origin="Megvii-BaseDetection/YOLOX, release 0.1.1rc0",
    training_data="COCO 2017",
    files={
        "network": ModelFile(
            "yolox_nano.onnx",
            "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
            3659407,
            "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx",
        ),
    },
    input_size=(416, 416),
    colour="BGR",
    recommended=True,
    weakness="It misses small and half hidden people. Not measured by groups of people.",
)
