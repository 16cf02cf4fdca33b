from __future__ import annotations

import pytest
import torch

from facelib.errors import InputError
from facelib.vision.device import choose


def test_the_processor_is_always_there() -> None:
    assert choose("cpu") == torch.device("cpu")
    assert choose("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("word", ["gpu", "", "cuda:x", "cuda:999", "CPU"])
def test_what_is_not_there_is_refused(word: str) -> None:
    with pytest.raises(InputError) as caught:
        choose(word)
    assert caught.value.advice


def test_cuda_is_preferred_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose("auto").type == "cuda"
    assert choose("cuda:1").index == 1
    with pytest.raises(InputError, match="2 CUDA devices"):
        choose("cuda:2")
