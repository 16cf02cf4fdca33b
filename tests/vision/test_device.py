"""The device of a name is chosen, or refused with advice."""

from __future__ import annotations

import pytest
import torch

from facelib.errors import InputError
from facelib.vision.device import choose, fast_bfloat16


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


def test_bfloat16_only_where_the_processor_is_fast_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for fast in (True, False):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda fast=fast: {"amx_bf16": fast, "avx512_bf16": True}, raising=False)
        assert fast_bfloat16(torch.device("cpu")) is fast
        assert not fast_bfloat16(torch.device("cuda", 0))
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not fast_bfloat16(torch.device("cpu"))
