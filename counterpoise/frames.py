"""Turns data frames, arrays and mappings of columns into the tables that the pipeline reads."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError

Records: TypeAlias = pd.DataFrame | Mapping[str, Any] | np.ndarray
LABEL = "label"


def as_frame(records: Records) -> pd.DataFrame:
    """Returns records as a data frame whose columns have text as names.

    Args:
        records: A data frame; a mapping of column names to columns; or an array `(records, columns)`, whose columns are
            called x0, x1 and so on.

    Raises:
        InputError: They are none of these, or two columns have one name.
    """
    if isinstance(records, np.ndarray):
        if records.ndim != 2:
            raise InputError(
                f"Expected an array of the shape (records, columns). Received: {records.shape}. Reshape it, or give a "
                "data frame."
            )
        return pd.DataFrame({f"x{place}": column for place, column in enumerate(records.T)})
    if isinstance(records, Mapping):
        try:
            records = pd.DataFrame(dict(records))
        except ValueError as err:
            raise InputError(f"The columns make no table: {err}. Give them one length.") from err
    if not isinstance(records, pd.DataFrame):
        raise InputError(
            f"Expected a path, a data frame, a mapping of columns, or an array. Received: {type(records).__name__}."
        )
    frame = records.set_axis([str(name) for name in records.columns], axis=1)
    twice = sorted({name for name in frame.columns if list(frame.columns).count(name) > 1})
    if twice:
        raise InputError(f"The data frame names {', '.join(map(repr, twice))} more than once. Rename one.")
    return frame


def with_label(records: Records, label: Any) -> tuple[pd.DataFrame, str]:
    """Returns records with their classes, and the name of the classes' column.

    Args:
        records: See `as_frame`.
        label: The column's name; or the classes `(records,)`, which then become the column `label`.

    Raises:
        InputError: No column is called so, or there is another number of classes than of records.
    """
    frame = as_frame(records)
    if isinstance(label, str):
        if label not in frame.columns:
            raise InputError(f"label: no column is called {label!r}. Columns: {', '.join(frame.columns)}.")
        return frame, label
    classes = np.asarray(label)
    if classes.shape != (len(frame),):
        raise InputError(
            f"label: expected a column's name, or a class for each of {len(frame):,} records. Received: an array of the "
            f"shape {classes.shape}."
        )
    if LABEL in frame.columns:
        raise InputError(f"label: the data have a column {LABEL!r} already. Name it, or rename that one.")
    return frame.assign(**{LABEL: classes}), LABEL


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Writes a data frame as Parquet, without its index; leaves a file alone that holds the same.

    A file written again would count as changed, and nothing would come from cache.

    Raises:
        InputError: A column holds what no column of a table can, such as lists beside numbers.
    """
    content = io.BytesIO()
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table.replace_schema_metadata(None), content)
    except (pa.ArrowException, ValueError, TypeError) as err:
        raise InputError(
            f"The data frame cannot be written as a table: {'; '.join(map(str, err.args))}. Give each column one type."
        ) from err
    if not path.exists() or path.read_bytes() != content.getvalue():
        path.write_bytes(content.getvalue())
