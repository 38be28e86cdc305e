"""Quantiles of all numeric columns at once, as an analyser of Transform."""

from collections.abc import Iterable

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from models.preprocessing.quantiles import quantiles
from models.preprocessing.value_sample import ValueSample

# Of a column; fewer where there are many columns, so that a worker holds 64 to 128 MiB of them.
_MOST_VALUES, _FEWEST_VALUES, _MOST_CELLS = 2**17, 2**13, 2**22

_Sums = list[ValueSample]


def column_boundaries(columns: tf.Tensor, digests: tf.Tensor, num_buckets: int) -> tf.Tensor:
    """Returns the boundaries of each column's buckets over all records; see `quantiles`.

    They are a function of the records: not of their order, nor of the batches and workers that they are read by,
    as those of tft.quantiles are. They are exact for columns of up to 131,072 values present (8,192 where there
    are hundreds of columns); beyond, the values of as many records are taken, those with the smallest digests.

    Args:
        columns: float64 `(batch, columns)`; what is not finite is left out.
        digests: Of the records, int64 `(batch,)`, evenly spread.
        num_buckets: Number of buckets.

    Returns:
        Ascending within a column, float64 `(columns, num_buckets + 1)`; 0 for a column without any value.
    """
    num_columns = columns.shape[1]
    [boundaries] = tft.experimental.ptransform_analyzer(
        [columns, digests],
        beam.CombineGlobally(_Boundaries(num_columns, num_buckets)),
        [tf.float64],
        [[num_columns, num_buckets + 1]],
        name="column_boundaries",
    )
    return boundaries


class _Boundaries(beam.CombineFn):
    def __init__(self, num_columns: int, num_buckets: int, most: int | None = None):
        self._num_columns, self._num_buckets = num_columns, num_buckets
        self._most = most or max(_FEWEST_VALUES, min(_MOST_VALUES, _MOST_CELLS // num_columns))

    def create_accumulator(self) -> _Sums:
        return [ValueSample(self._most) for _ in range(self._num_columns)]

    def add_input(self, accumulator: _Sums, element: tuple[np.ndarray, np.ndarray]) -> _Sums:
        columns, digests = element
        finite = np.isfinite(columns)
        for place, sample in enumerate(accumulator):
            present = finite[:, place]
            sample.add(columns[present, place], digests[present])
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[_Sums]) -> _Sums:
        merged = self.create_accumulator()
        for accumulator in accumulators:
            for sample, other in zip(merged, accumulator, strict=True):
                sample.merge([other])
        return merged

    def compact(self, accumulator: _Sums) -> _Sums:
        for sample in accumulator:
            sample.compact()
        return accumulator

    def extract_output(self, accumulator: _Sums) -> np.ndarray:
        boundaries = np.zeros((self._num_columns, self._num_buckets + 1))
        for place, sample in enumerate(accumulator):
            ascending = sample.sorted_values()
            if len(ascending):
                boundaries[place] = quantiles(ascending, self._num_buckets)
        return boundaries
