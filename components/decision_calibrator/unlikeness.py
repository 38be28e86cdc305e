"""Unlikeness: how far a record lies from every class in the embeddings of the networks, in what is usual."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Length of a vector at least, so that one of length 0 has a logarithm.
SHORTEST = 1e-6


@dataclass(frozen=True)
class ClassDistance:
    """Distance to the nearest class in the embedding of one network.

    With z = (x / |x|, log |x|), class means m_k of the z of n_k records, and the covariance S that all classes have in
    common,

        distance(x) = min_k sqrt((z - m_k)' S^-1 (z - m_k) / (1 + 1 / n_k))

    where 1 + 1 / n_k is what the mean of few records adds to the distance of a new one. The length of x, of how sure the
    network is, would have a say in each direction; it has one beside them.

    Attributes:
        whitening: Float64 `(units + 1, directions)`, W with W W' = S^-1, or as much of it as the leading directions hold.
        means: m_k W, float64 `(classes, directions)`.
        counts: n_k, float64 `(classes,)`, each above 0.
        shrinkage: Of S towards a multiple of the identity, in [0, 1].
    """

    whitening: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    shrinkage: float

    @property
    def stretch(self) -> np.ndarray:
        """What the mean of few records adds to squared distances, `1 + 1 / n_k`, float64 `(classes,)`."""
        return 1 + 1 / self.counts

    def of(self, vectors: np.ndarray) -> np.ndarray:
        """Returns the distances of embeddings `(n, units)`, float64 `(n,)`."""
        placed = direction_and_length(vectors) @ self.whitening
        squares = (
            np.square(placed).sum(axis=1)[:, np.newaxis]
            - 2 * placed @ self.means.T
            + np.square(self.means).sum(axis=1)
        )
        return np.asarray(np.sqrt(np.maximum(squares, 0) / self.stretch).min(axis=1))


def direction_and_length(vectors: np.ndarray) -> np.ndarray:
    """Returns vectors `(n, units)` scaled to length 1, the logarithm of their length behind, float64 `(n, units + 1)`."""
    vectors = vectors.astype(np.float64)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), SHORTEST)
    return np.concatenate([vectors / lengths, np.log(lengths)], axis=1)


@dataclass(frozen=True)
class Unlikeness:
    """Mean over networks of the distance to the nearest class, each in units of what is usual for that network.

    Attributes:
        distances: Of each network, whose embeddings stand one behind the other.
        usual: The median distance of held-out records in each, float64 `(networks,)`, above 0.
    """

    distances: Sequence[ClassDistance]
    usual: np.ndarray

    @property
    def units(self) -> list[int]:
        """Units of each network's embedding."""
        return [len(one.whitening) - 1 for one in self.distances]

    def of(self, vectors: np.ndarray) -> np.ndarray:
        """Returns the unlikeness of records, float64 `(n,)`; 1 is about that of half of the known ones.

        Args:
            vectors: Embeddings, float `(n, units)`.
        """
        parts = np.split(vectors, np.cumsum(self.units)[:-1], axis=1)
        return np.asarray(
            np.mean(
                [
                    one.of(part) / usual
                    for one, part, usual in zip(self.distances, parts, self.usual, strict=True)
                ],
                axis=0,
            )
        )

    def to_bytes(self) -> bytes:
        """Packs all of it; equal measures give equal bytes."""
        arrays = {"usual": self.usual}
        for number, one in enumerate(self.distances):
            arrays |= {f"{name}_{number}": np.asarray(value) for name, value in vars(one).items()}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Unlikeness":
        """Unpacks what `to_bytes` made."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            usual = arrays["usual"]
            distances = [
                ClassDistance(
                    arrays[f"whitening_{number}"],
                    arrays[f"means_{number}"],
                    arrays[f"counts_{number}"],
                    float(arrays[f"shrinkage_{number}"]),
                )
                for number in range(len(usual))
            ]
        return cls(distances, usual)

    @property
    def digest(self) -> str:
        """What differs between measures that differ."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]
