"""dlib's serialisation of a network, as far as its face recognition ResNet uses it.

Integers are one byte (low four bits: how many bytes follow; top bit: sign) and that many little-endian bytes; strings
are their length and the bytes; a tensor is the integers 2, num_samples, k, nr, nc, then raw little-endian float32.
Facts of the format from dlib/serialize.h, dlib/cuda/tensor.h and dlib/dnn/layers.h (Boost licence).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from facelib.errors import WeightsError

_LAYER = re.compile(rb"\x01\x05con_4|\x01\x07affine_|\x01\x04fc_2")


@dataclass(frozen=True, eq=False)
class Convolution:
    """Filters of shape (out, in, rows, columns), biases of shape (out,), stride and padding as (y, x)."""

    filters: np.ndarray
    biases: np.ndarray
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Affine:
    """Gains and offsets of each channel, shape (channels,)."""

    gammas: np.ndarray
    betas: np.ndarray


@dataclass(frozen=True, eq=False)
class Connected:
    """A fully connected layer without bias, shape (inputs, outputs)."""

    matrix: np.ndarray


Layer = Convolution | Affine | Connected


class _Reader:
    """A cursor over the bytes; every read checks that enough of them are left."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, length: int) -> bytes:
        if length < 0 or self.position + length > len(self.data):
            raise WeightsError("the dlib network ends too early", "the file is damaged: install its package again")
        self.position += length
        return self.data[self.position - length : self.position]

    def integer(self) -> int:
        head = self.take(1)[0]
        count = head & 0x0F
        if count > 8 or head & 0x70:
            raise _wrong(f"no integer at byte {self.position - 1}")
        value = int.from_bytes(self.take(count), "little")
        return -value if head & 0x80 else value

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def tensor(self) -> np.ndarray:
        version, samples, k, nr, nc = self.integers(5)
        count = samples * k * nr * nc
        if version != 2 or min(samples, k, nr, nc) < 0:
            raise _wrong(f"no tensor at byte {self.position}")
        return np.frombuffer(self.take(4 * count), dtype="<f4").astype(np.float32)


def _wrong(detail: str) -> WeightsError:
    return WeightsError(f"this is not the dlib network expected: {detail}", "the file is damaged: install its package again")


def read_layers(data: bytes) -> list[Layer]:
    """The convolutions, affine layers and fully connected layers of a serialised network, from input to output.

    Raises
    ------
    WeightsError
        If the bytes are cut short, or are something else.
    """
    reader = _Reader(data)
    layers: list[Layer] = []
    while found := _LAYER.search(data, reader.position):
        reader.position = found.end()
        name = found.group()[2:]
        if name == b"con_4":
            layers.append(_convolution(reader))
        elif name == b"affine_":
            values = reader.tensor()
            layers.append(Affine(values[: len(values) // 2], values[len(values) // 2 :]))
        else:
            outputs, inputs = reader.integers(2)
            matrix = reader.tensor()
            if inputs <= 0 or matrix.size != inputs * outputs:
                raise _wrong("a fully connected layer of another shape")
            layers.append(Connected(matrix.reshape(inputs, outputs)))
    if not layers:
        raise _wrong("it holds no layers")
    return layers


def _convolution(reader: _Reader) -> Convolution:
    values = reader.tensor()
    count, rows, columns, stride_y, stride_x, padding_y, padding_x = reader.integers(7)
    patch = count * rows * columns
    if patch <= 0 or stride_y <= 0 or stride_x <= 0 or (values.size - count) % patch or values.size <= count:
        raise _wrong("a convolution of another shape")
    filters = values[:-count].reshape(count, -1, rows, columns)
    return Convolution(filters, values[-count:], (stride_y, stride_x), (padding_y, padding_x))
