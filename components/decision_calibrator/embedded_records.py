"""Records in the embedding of the networks that were trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EmbeddedRecords:
    """Records as the network sees them just before its logits.

    Attributes:
        keys: Of the records, as text.
        labels: Class indices, int64 `(n,)`.
        vectors: Float32 `(n, units)`; those of several networks one behind the other.
    """

    keys: Sequence[str]
    labels: np.ndarray
    vectors: np.ndarray
