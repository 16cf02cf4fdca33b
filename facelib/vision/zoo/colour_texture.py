"""colour-texture: a histogram of the colours and edges of an upper body.

Each of three rows of the crop has 24 bins of hue and lightness and 8 of grey; each half has, at two scales, 7 bins of
edge direction and one of flatness. Every pixel falls softly into neighbouring bins and counts more towards the middle,
where the person is. The square roots are a unit vector, so the dot product of two is the Bhattacharyya coefficient of
the histograms (Hellinger kernel): 1 if they are equal, 0 if they share no bin.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facelib.model_zoo.card import ModelCard
from facelib.vision.embedders import batches, stacked

DIMENSION = 128

_ROWS = 3
_HUES, _SHADES, _GREYS = 8, 3, 8
_DIRECTIONS = 7
_COLOUR_WEIGHT = 0.5
# Chroma, of luma, from which a pixel counts as coloured; half of it counts as half coloured.
_FULL_CHROMA = 0.4
# Gradient of the square root of luma per pixel that counts as an edge in full.
_FULL_EDGE = 0.06


class HistogramEmbedder:
    """The histogram behind the :class:`~facelib.vision.protocols.BodyEmbedder` protocol."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def embed(self, crops: np.ndarray) -> np.ndarray:
        return stacked([histograms(batch) for batch in batches(crops, self.card)], self.card)


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> HistogramEmbedder:
    """The histogram as an embedder; it needs no network."""
    return HistogramEmbedder(card)


def histograms(crops: np.ndarray) -> np.ndarray:
    """Crops of shape (n, h, w, 3), uint8, RGB, to (n, 128), float32, rows of unit length."""
    pixels = crops.astype(np.float32) / 255.0
    luma = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    weight = _towards_middle(*luma.shape[1:])
    colour = _COLOUR_WEIGHT / _ROWS * _colours(pixels, luma, weight)
    texture = (1 - _COLOUR_WEIGHT) / 4 * np.concatenate([_edges(luma, weight), _edges(_coarse(luma), _coarse(weight[None])[0])], axis=1)
    roots = np.sqrt(np.concatenate([colour, texture], axis=1))
    return np.asarray(roots / np.linalg.norm(roots, axis=1, keepdims=True), dtype=np.float32)


def _towards_middle(height: int, width: int) -> np.ndarray:
    across = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    return np.broadcast_to(np.exp(-0.5 * (across / 0.25) ** 2), (height, width)).astype(np.float32)


def _colours(pixels: np.ndarray, luma: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Hue by lightness, and grey, of each row: shape (n, rows * 32), the 32 of a row sum to 1."""
    alpha = pixels[..., 0] - 0.5 * (pixels[..., 1] + pixels[..., 2])
    beta = np.float32(np.sqrt(0.75)) * (pixels[..., 1] - pixels[..., 2])
    chroma = np.hypot(alpha, beta) / np.maximum(pixels.max(axis=-1), 0.15)
    coloured = np.clip(chroma / _FULL_CHROMA, 0, 1)
    lightness = np.sqrt(luma)
    hue = _soft_bins((np.arctan2(beta, alpha) / (2 * np.pi)) % 1.0 * _HUES, _HUES, circular=True)
    shade = _soft_bins(lightness * (_SHADES - 1), _SHADES)
    grey = _soft_bins(lightness * (_GREYS - 1), _GREYS)
    rows = []
    for band in np.array_split(np.arange(luma.shape[1]), _ROWS):
        share = (weight[band] * coloured[:, band])[..., None]
        both = np.einsum("nyxh,nyxs->nhs", hue[:, band] * share, shade[:, band]).reshape(len(luma), -1)
        plain = (grey[:, band] * (weight[band] * (1 - coloured[:, band]))[..., None]).sum(axis=(1, 2))
        rows.append(np.concatenate([both, plain], axis=1) / weight[band].sum())
    return np.concatenate(rows, axis=1)


def _edges(luma: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Directions of edges, and flatness, of the upper and lower half: shape (n, 16), the 8 of a half sum to 1."""
    down, across = np.gradient(np.sqrt(luma), axis=(1, 2))
    strength = np.clip(np.hypot(down, across) / _FULL_EDGE, 0, 1)
    direction = _soft_bins((np.arctan2(down, across) / np.pi) % 1.0 * _DIRECTIONS, _DIRECTIONS, circular=True)
    halves = []
    for half in np.array_split(np.arange(luma.shape[1]), 2):
        total = weight[half].sum()
        edges = (direction[:, half] * (weight[half] * strength[:, half])[..., None]).sum(axis=(1, 2)) / total
        flat = (weight[half] * (1 - strength[:, half])).sum(axis=(1, 2)) / total
        halves.append(np.concatenate([edges, flat[:, None]], axis=1))
    return np.concatenate(halves, axis=1)


def _soft_bins(position: np.ndarray, bins: int, circular: bool = False) -> np.ndarray:
    """Shares of the two bins beside each position (in bins): the shape of ``position``, then ``bins``; they sum to 1."""
    low = np.floor(position).astype(np.int64)
    share = (position - low).astype(np.float32)
    shares = np.zeros((*position.shape, bins), dtype=np.float32)
    for index, weight in ((low, 1 - share), (low + 1, share)):
        index = index % bins if circular else np.clip(index, 0, bins - 1)
        np.put_along_axis(shares, index[..., None], np.take_along_axis(shares, index[..., None], -1) + weight[..., None], -1)
    return shares


def _coarse(luma: np.ndarray) -> np.ndarray:
    """Means of 4 x 4 pixels: the coarse scale."""
    n, height, width = luma.shape
    whole_blocks = luma[:, : height // 4 * 4, : width // 4 * 4]
    return whole_blocks.reshape(n, height // 4, 4, width // 4, 4).mean(axis=(2, 4))
