"""Sample of train on which single features are judged: its size, and the arrays it becomes."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from components.imbalance_validator.digests import text_digests
from components.imbalance_validator.facts import Column, Sample
from core.features import BOOKKEEPING, RECORD_KEY

_RECORDS = 200_000
_CELLS = 40_000_000
_FEWEST_RECORDS = 5_000
# A class with no more than this is taken whole, as long as there are not very many such classes.
_WHOLE_CLASS = 2_000


def sampling_rates(counts: Mapping[str, int], num_columns: int) -> dict[str, float]:
    """Returns the share of each class's records to draw, in (0, 1].

    About 200,000 records, or fewer where there are hundreds of columns, so that memory is bounded; rare
    classes are thinned last, for their few records are what matters.

    Args:
        counts: Class to its records in train.
        num_columns: Number of features.
    """
    most = max(_FEWEST_RECORDS, min(_RECORDS, _CELLS // max(num_columns, 1)))
    total = sum(counts.values())
    if total <= most:
        return dict.fromkeys(counts, 1.0)
    whole = min(_WHOLE_CLASS, most // len(counts))
    return {name: min(1.0, max(most / total, whole / max(count, 1))) for name, count in counts.items()}


def to_sample(
    tables: Sequence[pa.Table], label: str, classes: Sequence[str], numeric: Iterable[str]
) -> Sample:
    """Turns drawn records into arrays.

    Args:
        tables: What `sample_shard` drew, shard by shard.
        label: Column of the class's name.
        classes: All classes.
        numeric: Columns that hold numbers; all others hold text.
    """
    if not tables:
        return Sample(np.empty(0, np.int64), np.empty(0, np.uint64), {})
    table = pa.concat_tables(tables)
    place = {name.encode(): number for number, name in enumerate(classes)}
    labels = np.array([place[name] for name in _first_values(table[label]).to_pylist()], np.int64)
    order = text_digests(_first_values(table[RECORD_KEY]).to_pylist())[:, 1]
    wanted = set(numeric)
    columns = {
        name: _numbers(table[name]) if name in wanted else _texts(table[name])
        for name in table.column_names
        if name not in (label, *BOOKKEEPING)
    }
    return Sample(labels, order, columns)


def _numbers(column: pa.ChunkedArray) -> Column:
    values = _first_values(column).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    # What is beyond float32 is missing to the model, too.
    return Column(True, np.where(np.isfinite(values), values, np.nan))


def _texts(column: pa.ChunkedArray) -> Column:
    encoded = _first_values(column).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Column(
        False, codes, tuple(text.decode(errors="replace") for text in encoded.dictionary.to_pylist())
    )


def _first_values(column: pa.ChunkedArray) -> pa.Array:
    """Returns each record's first value, null where it has none."""
    lists = column.combine_chunks()
    lists = lists if isinstance(lists, pa.Array) else lists.chunk(0)
    sizes = pa.compute.fill_null(pa.compute.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    values = lists.flatten()
    places = np.cumsum(sizes) - sizes
    return values.take(pa.array(places, pa.int64(), mask=sizes == 0))
