"""Sparse coding against scikit-learn's ``sparse_encode``: the same objective, and how much faster.

    python scripts/bench_sparse_code.py [--faces 10000] [--exemplars 20000] [--sample 6] [--dimension 128] [--sparsity 0.2]

The faces are made up: people around centres on a sphere that is longer along some axes, as faces of the world are. The
reference (``lasso_cd``, positive, its default tolerance, a Gram matrix made beforehand and not counted) codes a sample of
the faces, in the same run on one thread; its time for all is the sample's, scaled. Processor time throughout.
"""

from __future__ import annotations

import argparse
import os
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

from facelib.recognition import sparse_code  # noqa: E402


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def faces(rng: np.random.Generator, count: int, middle: np.ndarray) -> np.ndarray:
    chosen = middle[rng.integers(0, len(middle), count)]
    return unit(chosen + 0.4 * rng.normal(size=chosen.shape) / np.sqrt(chosen.shape[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=10_000)
    parser.add_argument("--exemplars", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=6)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--sparsity", type=float, default=0.2)
    options = parser.parse_args()
    from sklearn.decomposition import sparse_encode

    rng = np.random.default_rng(0)
    axes = np.linspace(4, 1, options.dimension)
    middle = unit(rng.normal(size=(1500, options.dimension)) * axes)
    dictionary, y = faces(rng, options.exemplars, middle), faces(rng, options.faces, middle)
    start = time.process_time()
    codes = sparse_code.sparse_encode(y, dictionary, options.sparsity, 64)
    ours = time.process_time() - start
    print(f"facelib       {options.faces} faces, {options.exemplars} exemplars: {ours:.1f} s, {1000 * ours / options.faces:.2f} ms a face")
    alone = []
    for row in y[:50]:
        start = time.process_time()
        sparse_code.sparse_encode(row[None], dictionary, options.sparsity, 64)
        alone.append(time.process_time() - start)
    print(f"              one face alone: median {1000 * np.median(alone):.2f} ms, least {1000 * min(alone):.2f} ms")
    gram = dictionary @ dictionary.T
    start = time.process_time()
    reference = sparse_encode(
        y[: options.sample], dictionary, gram=gram, algorithm="lasso_cd", alpha=options.sparsity, positive=True, check_input=False
    )
    theirs = (time.process_time() - start) / options.sample
    print(f"scikit-learn  {options.sample} faces: {1000 * theirs:.1f} ms a face, scaled {theirs * options.faces:.0f} s")
    print(f"ratio         {theirs * options.faces / ours:.0f}")
    x = np.zeros((options.sample, options.exemplars))
    np.add.at(x, (np.arange(options.sample)[:, None], codes.indices[: options.sample]), codes.coefficients[: options.sample])
    difference = objective(y[: options.sample], dictionary, x, options.sparsity) - objective(
        y[: options.sample], dictionary, reference, options.sparsity
    )
    print(f"objective     ours less theirs: least {difference.min():.1e}, greatest {difference.max():.1e}")
    print(f"in use        {np.mean((codes.coefficients > 0).sum(axis=1)):.1f} exemplars a face")


def objective(y: np.ndarray, dictionary: np.ndarray, x: np.ndarray, sparsity: float) -> np.ndarray:
    return 0.5 * ((y - x @ dictionary.astype(np.float64)) ** 2).sum(axis=1) + sparsity * np.abs(x).sum(axis=1)


if __name__ == "__main__":
    main()
