"""Table of the formats of tables: one row each, with the reader and what is asked before records are read.

A format more takes three files: its reader, its row here, and its name in `settings.Format`.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from components.stratified_example_gen.csv.sample import sample_csv
from components.stratified_example_gen.csv.table import (
    CsvTable,
    csv_cells,
    csv_columns,
    csv_labels,
    first_csv_rows,
)
from components.stratified_example_gen.parquet_sample import sample_parquet
from components.stratified_example_gen.parquet_table import (
    ParquetTable,
    first_parquet_rows,
    names_image_files,
    parquet_columns,
    parquet_labels,
    refuse_nested_columns,
)
from components.stratified_example_gen.records import Chunk, Source
from components.stratified_example_gen.settings import Format
from components.stratified_example_gen.table_sample import TableSample
from components.stratified_example_gen.tfrecord_sample import sample_tfrecord
from components.stratified_example_gen.tfrecord_table import (
    TfRecordTable,
    first_tfrecord_rows,
    tfrecord_columns,
    tfrecord_labels,
)


@dataclass(frozen=True)
class TableFormat:
    """A format of tables. Paths are those of single files.

    Attributes:
        reader: Makes a source of records; see `Table` for its arguments.
        columns: Path to the names of the columns.
        labels: Path and column to the column's cells that can be read, as they are spelled.
        cells: The same of a column of which nearly every cell is another; none of them is kept.
        first_rows: Split, path and the most rows to a chunk of the first rows, and whether these are all.
        sample: Paths and the bytes up to which everything is read to a sample of the rows.
        file_name: Matches names, in lower case, of such files.
        signature: What such files begin with, whatever they are called; None where nothing tells.
        has_header: Whether a file names all its columns; one that has none leaves out what its records lack.
        is_columnar: Whether one column is read without the others.
        names_images: Path and column of images to whether its cells are paths, not encoded images.
        check_columns: Refuses columns that are used, by their types.
    """

    reader: Callable[..., Source]
    columns: Callable[[str], tuple[str, ...]]
    labels: Callable[[str, str], Iterator[str]]
    cells: Callable[[str, str], Iterator[str]]
    first_rows: Callable[[str | None, str, int], tuple[Chunk, bool]]
    sample: Callable[[list[str], int], TableSample]
    file_name: re.Pattern[str]
    signature: bytes | None = None
    has_header: bool = True
    is_columnar: bool = False
    names_images: Callable[[str, str], bool] = lambda path, column: False
    check_columns: Callable[[str, Collection[str | None]], None] = lambda path, used: None


TABLE_FORMATS: Mapping[Format, TableFormat] = {
    "csv": TableFormat(
        reader=CsvTable,
        columns=csv_columns,
        labels=csv_labels,
        cells=csv_cells,
        first_rows=first_csv_rows,
        sample=sample_csv,
        file_name=re.compile(r".*\.(csv|csv\.gz|tsv)", re.DOTALL),
        names_images=lambda path, column: True,
    ),
    "parquet": TableFormat(
        reader=ParquetTable,
        columns=parquet_columns,
        labels=parquet_labels,
        cells=parquet_labels,
        first_rows=first_parquet_rows,
        sample=sample_parquet,
        file_name=re.compile(r".*\.(parquet|pq)"),
        signature=b"PAR1",
        is_columnar=True,
        names_images=names_image_files,
        check_columns=refuse_nested_columns,
    ),
    "tfrecord": TableFormat(
        reader=TfRecordTable,
        columns=tfrecord_columns,
        labels=tfrecord_labels,
        cells=tfrecord_labels,
        first_rows=first_tfrecord_rows,
        sample=sample_tfrecord,
        # Often numbered, as in x.tfrecord-00000-of-00010.
        file_name=re.compile(r".*[._-]tfrecords?(-\d+-of-\d+)?(\.gz)?"),
        has_header=False,
    ),
}
