"""Peak memory of StratifiedExampleGen on tables of 200,000 and 2,000,000 rows, Beam workers out of process.

Usage: python -m benchmarks.example_gen_memory (about five minutes on 2 cores).
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZES = (200_000, 2_000_000)
COLUMNS = 10
RARE_SHARE = 0.01
_ROWS_AT_ONCE = 100_000
BEAM_ARGS = ["--direct_running_mode=multi_processing", "--direct_num_workers=2"]


def write_table(path: Path, rows: int) -> None:
    """Writes a CSV of normal numbers and a class that holds one row in a hundred."""
    random = np.random.default_rng(0)
    with path.open("w") as handle:
        handle.write(",".join([*(f"x{column}" for column in range(COLUMNS)), "kind"]) + "\n")
        for _ in range(rows // _ROWS_AT_ONCE):
            numbers = random.normal(size=(_ROWS_AT_ONCE, COLUMNS))
            kinds = np.where(random.random(_ROWS_AT_ONCE) < RARE_SHARE, "rare", "common")
            handle.writelines(
                ",".join(f"{number:.6f}" for number in row) + f",{kind}\n"
                for row, kind in zip(numbers, kinds, strict=True)
            )


def generate(table: str, folder: str) -> None:
    """Runs the executor on a table, and prints this process's and its largest worker's peak memory."""
    from tfx.types import standard_artifacts

    from components.stratified_example_gen.component import Executor, StratifiedExampleGen
    from components.stratified_example_gen.settings import DataSettings

    settings = DataSettings(format="csv", path=table, label="kind")
    examples = standard_artifacts.Examples()
    examples.uri = folder
    executor = Executor(Executor.Context(beam_pipeline_args=BEAM_ARGS, tmp_dir=folder))
    start = time.monotonic()
    executor.Do({}, {"examples": [examples]}, StratifiedExampleGen(settings, seed=0).exec_properties)
    peaks = {
        name: resource.getrusage(who).ru_maxrss / 1024
        for name, who in (("main", resource.RUSAGE_SELF), ("worker", resource.RUSAGE_CHILDREN))
    }
    print(json.dumps({"seconds": time.monotonic() - start, **peaks}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--table")
    parser.add_argument("--folder")
    words = parser.parse_args()
    if words.table:
        generate(words.table, words.folder)
        return
    results = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder, "table.csv")
            write_table(table, size)
            command = [sys.executable, "-m", "benchmarks.example_gen_memory", "--table", str(table)]
            done = subprocess.run(
                [*command, "--folder", f"{folder}/examples"],
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            results[size] = json.loads(done.stdout.decode().splitlines()[-1])
        print(
            f"{size:>9} rows: main {results[size]['main']:.0f} MiB, largest worker {results[size]['worker']:.0f} MiB, "
            f"{results[size]['seconds']:.0f} s",
            flush=True,
        )
    small, large = (results[size] for size in SIZES)
    print(f"ratio: main {large['main'] / small['main']:.2f}, worker {large['worker'] / small['worker']:.2f}")


if __name__ == "__main__":
    main()
