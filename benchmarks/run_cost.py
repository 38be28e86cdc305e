"""Processor time of a whole run of the command, in units of what importing TensorFlow takes.

Usage: python -m benchmarks.run_cost (about five minutes on 2 cores). The aims, for 3,000 rows of 10 numeric columns and 3
epochs: at most 4.5 imports a run, and at most 0.005 for every further numeric column.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

ROWS, EPOCHS = 3000, 3
COLUMNS = (10, 100)
CLASS_SHARES = {"common": 0.9, "rare": 0.1}
IMPORTS = 3


@dataclass(frozen=True)
class Cost:
    """What a command took, the processes that it started among it.

    Attributes:
        wall: Seconds from its start to its end.
        processor: Seconds of any core, in user mode and in the kernel.
    """

    wall: float
    processor: float


def cost_of(command: Sequence[str | Path]) -> Cost:
    """Runs a command to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    # 3 says that the model was not blessed, for which all stages have run.
    if done.returncode not in (0, 3):
        raise SystemExit(
            f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr}{done.stdout}"
        )
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used)


def write_experiment(folder: Path, num_columns: int) -> Path:
    """Writes a table of numbers, some of them missing, and an experiment with small settings."""
    random = np.random.default_rng(0)
    names = list(CLASS_SHARES)
    labels = random.choice(len(names), ROWS, p=list(CLASS_SHARES.values()))
    numbers = random.normal(labels[:, np.newaxis], 1.5, (ROWS, num_columns))
    missing = random.random(numbers.shape) < 0.02
    header = ",".join(["label", *(f"column_{place}" for place in range(num_columns))])
    rows = [
        ",".join(
            [names[label], *("" if gap else f"{number:.4f}" for number, gap in zip(row, gaps, strict=True))]
        )
        for label, row, gaps in zip(labels, numbers, missing, strict=True)
    ]
    (folder / "table.csv").write_text("\n".join([header, *rows]) + "\n")
    experiment = {
        "name": f"columns_{num_columns}",
        "recipe": "none",
        "data": {"format": "csv", "path": "table.csv", "label": "label"},
        "training": {"epochs": EPOCHS, "patience": None},
    }
    path = folder / "experiment.yaml"
    path.write_text(yaml.safe_dump(experiment))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--columns", type=int, nargs="+", default=COLUMNS, help="numeric columns of each table"
    )
    columns = parser.parse_args().columns
    command = Path(sys.executable).parent / "counterpoise"
    imported = [cost_of([sys.executable, "-c", "import tensorflow"]) for _ in range(IMPORTS + 1)]
    # The first reads the files from disk.
    unit = statistics.median(one.processor for one in imported[1:])
    print(f"import of TensorFlow: {unit:.2f} s of a core", flush=True)
    used = {}
    for number in columns:
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "run")
            cost = cost_of([command, "run", write_experiment(Path(folder), number), "--output", output])
            seconds = json.loads(Path(output, "metrics.json").read_text())["seconds"]
        used[number] = cost.processor / unit
        print(
            f"{number} columns: {cost.processor:.1f} s of a core, {used[number]:.2f} imports; {cost.wall:.1f} s wall"
        )
        for stage, taken in sorted(seconds["stages"].items(), key=lambda one: -one[1]):
            print(f"  {stage:24}{taken:7.1f} s wall{taken / seconds['total']:6.0%}")
        sys.stdout.flush()
    fewest, most = min(used), max(used)
    if most > fewest:
        print(f"a further column: {(used[most] - used[fewest]) / (most - fewest):.4f} imports")


if __name__ == "__main__":
    main()
