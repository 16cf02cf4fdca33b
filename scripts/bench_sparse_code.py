"""Sparse coding compared with scikit-learn's ``sparse_encode``: value of the objective, and speed.

    python scripts/bench_sparse_code.py [--faces 10000] [--exemplars 20000] [--sample 6] [--dimension 128] [--sparsity 0.2]

The faces are synthetic: people around centres on a sphere, spread further along some axes, as the vectors of real networks are. The
reference (``lasso_cd``, positive, its default tolerance; computing the Gram matrix is not counted) codes a sample of the faces, in
the same run on one thread; its time for all faces is scaled up from the sample. All times are CPU times.
"""

from __future__ import annotations

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
from benching.timing import measure  # noqa: E402
from benching.vectors import random_centres, scatter  # noqa: E402

from facelib.recognition import sparse_code  # noqa: E402


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
    centres = random_centres(rng, 1500, options.dimension, np.linspace(4, 1, options.dimension))
    dictionary, y = (scatter(rng, centres[rng.integers(0, len(centres), n)], 0.4) for n in (options.exemplars, options.faces))
    codes, cost = measure(lambda: sparse_code.sparse_encode(y, dictionary, options.sparsity, 64))
    ours = cost.cpu
    print(f"facelib       {options.faces} faces, {options.exemplars} exemplars: {ours:.1f} s, {1000 * ours / options.faces:.2f} ms a face")
    single = [_code_one(row, dictionary, options.sparsity) for row in y[:50]]
    print(f"              a single face: median {1000 * np.median(single):.2f} ms, lowest {1000 * min(single):.2f} ms")
    gram = dictionary @ dictionary.T
    settings = {"gram": gram, "algorithm": "lasso_cd", "alpha": options.sparsity, "positive": True, "check_input": False}
    reference, cost = measure(lambda: sparse_encode(y[: options.sample], dictionary, **settings))
    theirs = cost.cpu / options.sample
    print(f"scikit-learn  {options.sample} faces: {1000 * theirs:.1f} ms a face, scaled {theirs * options.faces:.0f} s")
    print(f"ratio         {theirs * options.faces / ours:.0f}")
    x = np.zeros((options.sample, options.exemplars))
    np.add.at(x, (np.arange(options.sample)[:, None], codes.indices[: options.sample]), codes.coefficients[: options.sample])
    difference = objective(y[: options.sample], dictionary, x, options.sparsity) - objective(
        y[: options.sample], dictionary, reference, options.sparsity
    )
    print(f"objective     ours less theirs: lowest {difference.min():.1e}, highest {difference.max():.1e}")
    print(f"in use        {np.mean((codes.coefficients > 0).sum(axis=1)):.1f} exemplars a face")


def _code_one(row: np.ndarray, dictionary: np.ndarray, sparsity: float) -> float:
    """CPU seconds of coding one face."""
    return measure(lambda: sparse_code.sparse_encode(row[None], dictionary, sparsity, 64))[1].cpu


def objective(y: np.ndarray, dictionary: np.ndarray, x: np.ndarray, sparsity: float) -> np.ndarray:
    return 0.5 * ((y - x @ dictionary.astype(np.float64)) ** 2).sum(axis=1) + sparsity * np.abs(x).sum(axis=1)


if __name__ == "__main__":
    main()
