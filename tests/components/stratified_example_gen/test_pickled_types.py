import os
import pickle
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

from components.stratified_example_gen.parquet_table import open_parquet, parquet_columns


def test_nothing_that_a_parquet_file_holds_pickled_is_run(tmp_path):
    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    # As Arrow notes down a type of a Python program's own.
    metadata = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Harmful()),
    }
    field = pa.field("width", pa.int64(), metadata=metadata)
    pq.write_table(pa.table([pa.array([1, 2])], schema=pa.schema([field])), tmp_path / "table.parquet")
    assert parquet_columns(str(tmp_path / "table.parquet")) == ("width",)
    table = open_parquet(str(tmp_path / "table.parquet")).read()
    assert table.column("width").to_pylist() == [1, 2]
    assert not (tmp_path / "run").exists()


def test_a_process_that_read_parquet_ends_without_a_word(tmp_path):
    pq.write_table(pa.table({"width": [1]}), tmp_path / "table.parquet")
    program = (
        "import sys; from components.stratified_example_gen.parquet_table import parquet_columns; "
        "parquet_columns(sys.argv[1])"
    )
    command = [sys.executable, "-c", program, tmp_path / "table.parquet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
