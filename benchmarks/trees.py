"""Trees in the graph against CatBoost itself: seconds of a call, sizes, and average precision on tables.

Usage: python -m benchmarks.trees [--rows 10000] [--trees 1000] [--depth 6] [--classes 2] [--rounds 30]
       python -m benchmarks.trees --data DIR [--tables mammography …] [--seeds 1] [--output FILE]

The first answers generated rows of ten numbers by the layer, in a function as it is served, and by CatBoost's
`predict_proba`, in turns: with one thread, in seconds of the processor, and with as many as there are, in seconds of
the clock. The second fits both on the tables of `benchmarks.tables`: ours on normal scores and encoded categories of
train, eval choosing the number of trees; CatBoost with its defaults on the raw columns of train.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.markdown_writer import Written
from benchmarks.tables import SOURCES, Splits, Table, catboost, measure, on_train_alone, read_table, shown
from benchmarks.tables import transformed as transformed_columns


def compared_speed(chosen: Any) -> None:
    """Prints the time of a call by both."""
    import tensorflow as tf

    if chosen.threads:
        tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
        tf.config.threading.set_inter_op_parallelism_threads(chosen.threads)
    clock = time.process_time if chosen.threads == 1 else time.perf_counter
    from models.network.classifier import InputShape
    from models.network.trees.trees_model import trees_model
    from models.settings import TreesSettings
    from models.training.trees import fit_trees as fitting
    from models.training.trees.tree_records import TreeRecords

    random = np.random.default_rng(0)
    numeric = random.normal(size=(20_000, 10)).astype(np.float32)
    scores = numeric.sum(axis=1) + numeric[:, 0] * numeric[:, 1] + random.normal(size=len(numeric))
    labels = np.searchsorted(np.quantile(scores, np.arange(1, chosen.classes) / chosen.classes), scores)
    train = TreeRecords(numeric, np.zeros_like(numeric), np.zeros((len(numeric), 0), int), labels)
    settings = TreesSettings(iterations=chosen.trees, depth=chosen.depth, learning_rate=0.05)
    # The classifier itself, which the fit does not hand out.
    kept: list[Any] = []
    take = fitting.boosted_trees
    fitting.boosted_trees = lambda model: kept.append(model) or take(model)  # type: ignore[func-returns-value]
    fitted = fitting.fit_trees(train, None, chosen.classes, (), settings, 0)
    model = trees_model(InputShape(None, 10), fitted)
    serve = tf.function(
        lambda numeric, missing: tf.nn.softmax(model({"numeric": numeric, "missing": missing}))
    )
    rows = random.normal(size=(chosen.rows, 10)).astype(np.float32)
    threads = chosen.threads or -1
    ours: list[float] = []
    theirs: list[float] = []
    difference = 0.0
    for _ in range(chosen.rounds):
        seconds, found = _timed(lambda: serve(rows, np.zeros_like(rows)).numpy(), clock)
        ours.append(seconds)
        seconds, expected = _timed(lambda: kept[0].predict_proba(rows, thread_count=threads), clock)
        theirs.append(seconds)
        difference = max(difference, float(np.abs(found - expected).max()))
    # The first call of each is not like the others.
    mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    size = sum(values.nbytes for values in fitted.to_arrays().values())
    print(
        f"| {chosen.threads or os.cpu_count()} | {1000 * mine:.1f} ms | {1000 * other:.1f} ms | {mine / other:.1f} | "
        f"{difference:.0e} | {size / 1024:.0f} KiB |",
        flush=True,
    )


def _timed(call: Callable[[], Any], clock: Callable[[], float]) -> tuple[float, Any]:
    start = clock()
    answer = call()
    return clock() - start, answer


def trees(table: Table, splits: Splits, seed: int) -> np.ndarray:
    """Fits ours as training does, and answers with the probability of the rare class."""
    import tensorflow as tf

    from models.network.classifier import InputShape
    from models.network.trees.trees_model import trees_model
    from models.settings import TreesSettings
    from models.training.trees.fit_trees import fit_trees
    from models.training.trees.tree_records import TreeRecords

    columns, sizes = transformed_columns(table, splits.train)
    none = np.zeros((len(table.labels), 0), np.int64)

    def records(rows: np.ndarray) -> TreeRecords:
        categorical = columns.get("categorical", none)[rows]
        return TreeRecords(
            columns["numeric"][rows], columns["missing"][rows], categorical, table.labels[rows]
        )

    fitted = fit_trees(records(splits.train), records(splits.evaluation), 2, sizes, TreesSettings(), seed)
    model = trees_model(InputShape(None, table.numeric.shape[1], sizes), fitted)
    size = sum(values.nbytes for values in fitted.to_arrays().values())
    print(f"{fitted.num_trees} trees, {size / 1024:.0f} KiB", flush=True)
    logits = model.predict(
        {name: values[splits.test] for name, values in columns.items()}, batch_size=8192, verbose=0
    )
    return np.asarray(tf.nn.softmax(logits))[:, 1]


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--trees", type=int, default=1000)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=30, help="calls of each")
    parser.add_argument("--threads", type=int, help="one measurement; 0 is one thread for each core")
    parser.add_argument("--data", type=Path, help="folder with a folder for each table")
    parser.add_argument("--tables", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--seeds", type=int, default=1, help="number of splits")
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    if chosen.threads is not None:
        compared_speed(chosen)
    elif chosen.data is None:
        print(
            "| threads | in the graph | CatBoost | ratio | largest difference | arrays |\n|---|---|---|---|---|---|",
            flush=True,
        )
        for threads in ("1", "0"):
            # TensorFlow takes its threads once in a process.
            command = [sys.executable, "-m", "benchmarks.trees", *sys.argv[1:], "--threads", threads]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    else:
        to = Written(chosen.output, "Trees on transformed columns", ["catboost"])
        for name in chosen.tables:
            table = read_table(chosen.data, SOURCES[name])
            to.line(f"{name}: {len(table.labels)} rows, {table.labels.sum()} of the rare class\n")
            to.line("| classifier | average precision | log loss | seconds |\n|---|---|---|---|")
            for label, fit in {"trees in the graph": trees, "CatBoost": on_train_alone(catboost)}.items():
                precisions, losses, seconds = measure(fit, table, range(chosen.seeds))
                to.line(f"| {label} | {shown(precisions)} | {shown(losses)} | {seconds:.0f} |")
            to.line()


if __name__ == "__main__":
    main()
