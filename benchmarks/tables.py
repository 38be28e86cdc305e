"""Measures whole runs on tables against the classifiers their users would take instead, on the same test rows.

Usage: python -m benchmarks.tables [--data DIR] [--tables mammography …] [--recipes auto tabular …]
       [--rivals CatBoost …] [--seeds 5] [--runs DIR] [--autogluon-python PATH] [--output FILE]
       [--readme README.md]

DIR of --data holds a folder for each table that no package brings. Ours are runs of `counterpoise run` on a bare
experiment, `auto`, or one that names a recipe; further settings may stand behind a recipe, as in
`tabular+training.folds=1`. What a run decided is taken whether its model was pushed or not. The splits are those of the
pipeline, decided by the seed. The rivals, with their defaults, are fitted on train and eval together and judged on the
same test rows. AutoGluon's medium preset takes part where `--autogluon-python` names the Python of an environment that
has it.

Every result is kept in DIR of --runs as a line of JSON, with the answers beside it: a benchmark that was stopped goes
on, one that was done is only written anew, and more seeds, tables and contenders can be added to it.

Macro-F1 is that of the decisions: by our rule, and by the more probable class of the rivals. Differences are ours less
the rival's. Their intervals over the seeds are t intervals with Nadeau and Bengio's correction for splits that share
records; "ahead / behind" counts the seeds whose own interval, by paired bootstrap over the test rows, leaves out 0.
"""

import argparse
import statistics
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.markdown_writer import Written
from benchmarks.readme_block import replace_block
from benchmarks.rivals.autogluon import autogluon, version_of
from benchmarks.rivals.classifiers import CLASSIFIERS, Fit
from benchmarks.rivals.contest import OURS, Place, answers_by_seed, own_name, rare_in_test, run_own, run_rival
from benchmarks.rivals.kept_lines import KeptLines, Line
from benchmarks.rivals.paired import FIGURES, ahead_and_behind, over_records, over_seeds
from benchmarks.rivals.sources import LABEL, RARE, SOURCES, load_table

_LIBRARIES = ("lightgbm", "xgboost-cpu", "catboost")
_AUTOGLUON = "AutoGluon, medium preset"


def main() -> None:
    chosen = arguments()
    place = Place(KeptLines(chosen.runs / "tables.jsonl"), chosen.runs, chosen.data)
    rivals, missing = rivals_of(chosen)
    contenders = [*map(own_name, chosen.recipes), *rivals]
    for table in chosen.tables:
        for seed in range(chosen.seeds):
            for recipe in chosen.recipes:
                show(run_own(place, table, seed, recipe))
            for name, fit in rivals.items():
                try:
                    show(run_rival(place, table, seed, name, fit))
                except RuntimeError as error:
                    print(f"{table}, seed {seed}: {name} failed and is left out. {error}", flush=True)
    installed = [name for name in _LIBRARIES if name not in missing]
    to = Written(chosen.output, "Whole runs on tables", installed)
    for sentence in missing.values():
        to.line(f"{sentence}\n")
    for table in chosen.tables:
        write_table_of(place, table, range(chosen.seeds), contenders, to)
    if chosen.readme is not None:
        replace_block(chosen.readme, "benchmarks.tables", summary(place, chosen, contenders))


def rivals_of(chosen: argparse.Namespace) -> tuple[dict[str, Fit], dict[str, str]]:
    """Returns the rivals that are here, and a sentence on each that is not."""
    found = {name: fit for name, fit in CLASSIFIERS.items() if name in (chosen.rivals or CLASSIFIERS)}
    missing = {}
    for library, name in zip(_LIBRARIES, ("LightGBM", "XGBoost", "CatBoost"), strict=True):
        try:
            metadata.version(library)
        except metadata.PackageNotFoundError:
            missing[library] = f"{name} is not installed and left out."
            found.pop(name, None)
    version = version_of(chosen.autogluon_python) if chosen.autogluon_python else None
    if version is None:
        missing["autogluon"] = "AutoGluon is left out: --autogluon-python names no Python that has it."
    else:
        found[f"{_AUTOGLUON} ({version})"] = autogluon(chosen.autogluon_python, chosen.autogluon_seconds)
    return found, missing


def show(line: Line) -> None:
    figures = "  ".join(f"{name} {line[name]:.4f}" for name in FIGURES)
    print(
        f"{line['table']}, seed {line['seed']}, {line['contender']}: {figures}  {line['seconds']:.0f} s",
        flush=True,
    )


def write_table_of(place: Place, table: str, seeds: range, contenders: Sequence[str], to: Written) -> None:
    """Writes the figures of every contender on a table, and our differences to the rivals."""
    records = load_table(table, place.data)
    count = int((records[LABEL] == RARE).sum())
    to.line(f"## {table}\n\n{len(records):,} rows, {count:,} of the rare class; seeds: {len(seeds)}\n")
    to.line("| classifier | average precision | macro-F1 | log loss | seconds |\n|---|---|---|---|---|")
    for name in contenders:
        lines = lines_of(place, table, seeds, name)
        if lines:
            cells = [shown([line[figure] for line in lines]) for figure in FIGURES]
            seconds = statistics.mean(line["seconds"] for line in lines)
            to.line(f"| {name} | {' | '.join(cells)} | {seconds:.0f} |")
    to.line()
    for own in (name for name in contenders if name.startswith(OURS)):
        to.line(
            f"| {own} less | average precision | ahead / behind | macro-F1 | log loss |\n|---|---|---|---|---|"
        )
        for name in (name for name in contenders if not name.startswith(OURS)):
            write_difference(place, table, seeds, (own, name), to)
        to.line()


def write_difference(place: Place, table: str, seeds: range, pair: tuple[str, str], to: Written) -> None:
    ours, others = (answers_by_seed(place, table, seeds, name) for name in pair)
    both = [seed for seed in seeds if seed in ours and seed in others]
    if not both:
        return
    records = load_table(table, place.data)
    found = [
        over_records(rare_in_test(place, records, table, seed), ours[seed], others[seed], seed)
        for seed in both
    ]
    test_share = SOURCES[table].splits[2]
    cells = {
        figure: over_seeds(
            [one[figure].second for one in found], [one[figure].first for one in found], test_share
        ).shown()
        for figure in FIGURES
    }
    counts = ahead_and_behind([one["average_precision"] for one in found])
    to.line(
        f"| {pair[1]} | {cells['average_precision']} | {counts} | {cells['macro_f1']} | {cells['log_loss']} |"
    )


def summary(place: Place, chosen: argparse.Namespace, contenders: Sequence[str]) -> list[str]:
    """Returns the lines of the README's table: average precision of our first run and of the three best rivals."""
    own, *_ = contenders
    lines = [
        f"| average precision of the rare class, seeds: {chosen.seeds} | {own} | first rival | ours less it | second | third |",
        "|---|---|---|---|---|---|",
    ]
    for table in chosen.tables:
        values = {
            name: [line["average_precision"] for line in found]
            for name in contenders
            if (found := lines_of(place, table, range(chosen.seeds), name))
        }
        # One that failed on a split is not compared by its mean over the others.
        whole = [name for name in values if len(values[name]) == chosen.seeds and not name.startswith(OURS)]
        best = sorted(whole, key=lambda name: -statistics.mean(values[name]))[:3]
        cells = [f"{statistics.mean(values[name]):.3f} {name.partition(' (')[0]}" for name in best]
        less = [over_seeds(values[own], values[name], SOURCES[table].splits[2]).shown() for name in best[:1]]
        lines.append(
            f"| {table} | {statistics.mean(values[own]):.3f} | {' | '.join([*cells[:1], *less, *cells[1:]])} |"
        )
    return lines


def lines_of(place: Place, table: str, seeds: range, contender: str) -> list[Line]:
    found = (place.lines.find(table=table, seed=seed, contender=contender) for seed in seeds)
    return [line for line in found if line is not None]


def shown(values: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder with a folder for each table that no package brings"
    )
    parser.add_argument("--tables", nargs="+", choices=SOURCES, help="default: all that can be read")
    parser.add_argument("--recipes", nargs="+", default=["auto"], help="ours; the first stands in the README")
    parser.add_argument("--rivals", nargs="*", choices=CLASSIFIERS, help="default: all that are installed")
    parser.add_argument("--seeds", type=int, default=5, help="number of splits")
    parser.add_argument("--runs", type=Path, default=Path("runs/tables"), help="folder of what is kept")
    parser.add_argument("--autogluon-python", help="Python of an environment with autogluon.tabular")
    parser.add_argument("--autogluon-seconds", type=int, default=600, help="seconds it may take for a fit")
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    parser.add_argument("--readme", type=Path, help="file whose table between the marks is written anew")
    chosen = parser.parse_args()
    chosen.tables = chosen.tables or [
        name for name, source in SOURCES.items() if source.is_packaged or chosen.data is not None
    ]
    return chosen


if __name__ == "__main__":
    main()
