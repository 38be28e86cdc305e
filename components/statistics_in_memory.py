"""TFDV's statistics of few records, in memory: a Beam pipeline takes seconds to be set up for them."""

from collections.abc import Iterable

import pyarrow as pa
import tensorflow_data_validation as tfdv
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.dsl.io import fileio

# Of compressed shards; in memory they take some ten times as much.
MOST_BYTES = 8 * 2**20


def is_small(paths: Iterable[str]) -> bool:
    """Tells whether shards are to be read into memory.

    Args:
        paths: Files of compressed records.
    """
    size = 0
    for path in paths:
        with fileio.open(path, "rb") as file:
            size += file.size()
        if size > MOST_BYTES:
            return False
    return True


def statistics_of(batch: pa.RecordBatch, name: str = "") -> statistics_pb2.DatasetFeatureStatistics:
    """Computes what TFDV's Beam pipeline computes of the same records.

    Where a text is no UTF-8, as an image's bytes are not, TFDV's frequent values are counted apart and not together;
    they are placeholders either way.

    Args:
        batch: Records, a list array of each feature.
        name: What the result is called.
    """
    [statistics] = stats_impl.generate_statistics_in_memory(batch, tfdv.StatsOptions()).datasets
    statistics.name = name
    return statistics
