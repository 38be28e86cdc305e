"""Measures what folds are worth to a class of 25 records in all.

Usage: python -m benchmarks.tiny_class [--data DIR] [--seeds 10] [--folds 5]
       [--set model.tabular.trees.enabled=true …] [--runs DIR] [--output FILE]

25 records of a rare class, and thirty to forty times as many of a common one, are all there is to learn and to decide
by; they are drawn anew for each seed, and thousands of others, with the same share of the rare class, are the test
records. One table is generated; with `--data`, whose folder holds `mammography/`, the other is drawn from that. Each is
run twice by `counterpoise run` with the recipe `tabular`: with a single split, which keeps 15 % of the records for eval,
and in folds. The figures are the average precision of the rare class on test, and the recall of the rare class by the
decision rule, whose spread over seeds is what a threshold fitted on a handful of records costs.

Every result is kept as a line of JSON in DIR of --runs, and a benchmark that was stopped goes on.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.markdown_writer import Written
from benchmarks.rivals.answers import figures_of
from benchmarks.rivals.kept_lines import KeptLines, Line
from benchmarks.rivals.own_run import experiment_of, run_pipeline
from benchmarks.rivals.sources import COMMON, LABEL, RARE, load_table, write_table

RARE_RECORDS = 25
_COMMON_RECORDS = 1_000
_TEST_TIMES = 20
_COLUMNS, _TELLING = 10, 3
# Takes a seed to the records to learn from and those of test.
Draw = Callable[[int], tuple[pd.DataFrame, pd.DataFrame]]


def generated(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draws normal columns, of which three tell the classes apart, and one the more the larger another is."""
    random = np.random.default_rng(seed)

    def drawn(num_common: int, num_rare: int) -> pd.DataFrame:
        is_rare = np.repeat([False, True], [num_common, num_rare])
        columns = random.standard_normal((len(is_rare), _COLUMNS))
        columns[is_rare, :_TELLING] += 1.0
        columns[is_rare, 0] += np.maximum(columns[is_rare, 1], 0)
        table = pd.DataFrame(columns, columns=[f"c{place}" for place in range(_COLUMNS)])
        return table.assign(**{LABEL: np.where(is_rare, RARE, COMMON)})

    return drawn(_COMMON_RECORDS, RARE_RECORDS), drawn(
        _TEST_TIMES * _COMMON_RECORDS, _TEST_TIMES * RARE_RECORDS
    )


def from_mammography(data: Path) -> Draw:
    """Makes the function that draws a few records of mammography to learn from; all others are test records."""
    table = load_table("mammography", data)
    # Rows that repeat another would stand on both sides.
    table = table.drop_duplicates(ignore_index=True)

    def draw(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        order = np.random.default_rng(seed).permutation(len(table))
        is_rare = (table[LABEL] == RARE).to_numpy()[order]
        num_common = round(RARE_RECORDS * (~is_rare).sum() / is_rare.sum())
        learn = np.concatenate([order[is_rare][:RARE_RECORDS], order[~is_rare][:num_common]])
        return table.iloc[np.sort(learn)], table.drop(index=learn)

    return draw


def main() -> None:
    chosen = arguments()
    tables: dict[str, Draw] = {"generated": generated}
    if chosen.data is not None:
        tables["mammography, thinned"] = from_mammography(chosen.data)
    lines = KeptLines(chosen.runs / "tiny_class.jsonl")
    for seed in range(chosen.seeds):
        for table, draw in tables.items():
            for folds in (1, chosen.folds):
                line = measured(lines, table, draw, seed, folds, chosen)
                print(
                    f"{table}, seed {seed}, {ways(folds)}: average precision {line['average_precision']:.3f}, "
                    f"recall {line['recall']:.3f}, {line['seconds']:.0f} s",
                    flush=True,
                )
    to = Written(chosen.output, f"A class of {RARE_RECORDS} records", ["catboost"])
    for table in tables:
        write_table_of(lines, table, chosen, to)


def measured(
    lines: KeptLines, table: str, draw: Draw, seed: int, folds: int, chosen: argparse.Namespace
) -> Line:
    """Runs the pipeline once, unless its result is kept."""
    key = key_of(table, seed, folds, chosen)
    line = lines.find(**key)
    if line is not None:
        return line
    folder = chosen.runs / "tiny_class"
    learn, test = draw(seed)
    write_table(learn, folder / "learn.csv")
    write_table(test, folder / "test.csv")
    splits = {"train": "learn.csv", "test": "test.csv"}
    experiment = {**experiment_of({"splits": splits}, seed), "recipe": "tabular"}
    run = run_pipeline(experiment, [*chosen.set, f"training.folds={folds}"], None, folder)
    figures = figures_of((test[LABEL] == RARE).to_numpy(), run.answers)
    return lines.keep(**key, **figures, seconds=run.seconds)


def key_of(table: str, seed: int, folds: int, chosen: argparse.Namespace) -> dict[str, object]:
    return {"table": table, "seed": seed, "folds": folds, "settings": chosen.set}


def write_table_of(lines: KeptLines, table: str, chosen: argparse.Namespace, to: Written) -> None:
    seeds, folds = range(chosen.seeds), chosen.folds
    to.line(f"{table}: {RARE_RECORDS} records of the rare class in all; seeds: {len(seeds)}\n")
    to.line(
        "| | average precision | recall by the rule | its range | macro-F1 | seconds |\n|---|---|---|---|---|---|"
    )
    of_ways: dict[int, list[Line]] = {}
    for way in (1, folds):
        found = (lines.find(**key_of(table, seed, way, chosen)) for seed in seeds)
        of_ways[way] = [line for line in found if line is not None]
        recalls = [line["recall"] for line in of_ways[way]]
        cells = [
            shown([line["average_precision"] for line in of_ways[way]]),
            shown(recalls),
            f"{min(recalls):.3f} to {max(recalls):.3f}",
            shown([line["macro_f1"] for line in of_ways[way]]),
            f"{statistics.mean(line['seconds'] for line in of_ways[way]):.0f}",
        ]
        to.line(f"| {ways(way)} | {' | '.join(cells)} |")
    gains = [
        after["average_precision"] - before["average_precision"]
        for before, after in zip(of_ways[1], of_ways[folds], strict=True)
    ]
    ahead = sum(gain > 0 for gain in gains)
    to.line(
        f"\nFolds less the single split, average precision: {shown(gains)}, above 0 in {ahead} of {len(gains)}.\n"
    )


def ways(folds: int) -> str:
    return "single split" if folds == 1 else f"{folds} folds"


def shown(values: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder with mammography/; without it the generated table alone"
    )
    parser.add_argument("--seeds", type=int, default=10, help="number of draws")
    parser.add_argument("--folds", type=int, default=5, help="folds to hold against the single split")
    parser.add_argument("--set", nargs="*", default=[], help="settings a.b=value of both ways")
    parser.add_argument("--runs", type=Path, default=Path("runs/tiny_class"), help="folder of what is kept")
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    return parser.parse_args()


if __name__ == "__main__":
    main()
