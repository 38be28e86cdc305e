"""Strategies of augmentation against none: on tables and on images, each in one harness.

Usage: python -m benchmarks.augmentation --data DIR [--tables mammography bank_marketing trashnet]
       [--strategies none smote …] [--seeds 3] [--epochs N] [--weights FILE] [--output FILE]

DIR holds `mammography/`, `bank_marketing/` and `trashnet/`, the last with a folder of images for each class.
mammography takes about a minute a seed on 2 cores; SVM-SMOTE and the cleaning ones are slow on bank_marketing.
trashnet trains a small network on 64 pixels or, with the weights of MobileNetV2 0.35 in FILE, a head on it, which
alone knows embedding_smote.

Every strategy makes all classes equally large and takes the same number of steps of the same size. Train alone is
changed. Eval, of the natural prior, picks the epoch by average precision, which a shifted prior leaves as it is;
test is read once. Every strategy is decided in two ways: by the largest probability under the prior it was
trained with, and with the natural prior put back, as DecisionCalibrator does. Average precision is that of the
rare class, and the mean over classes where there are more than two, with the natural prior.

*hurts*: worse than `none` on the same splits by more than the standard deviation of that difference over the
seeds.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.augmented.figures import FIGURES, Figures, Measure
from benchmarks.augmented.images import IMAGE_STRATEGIES, NONE, PRETRAINED_STRATEGIES, image_measure
from benchmarks.augmented.table_arrays import SOURCES, read_table
from benchmarks.augmented.tables import table_measure
from benchmarks.markdown_writer import Written

IMAGES = "trashnet"
TABLES = ("mammography", "bank_marketing", IMAGES)
_TABLE_EPOCHS, _IMAGE_EPOCHS = 30, 15


def main() -> None:
    from core.augmentation.settings import TABULAR

    chosen = arguments()
    known = {*TABULAR, *PRETRAINED_STRATEGIES}
    unknown = [name for name in chosen.strategies or () if name not in known]
    if unknown:
        raise SystemExit(f"Unknown strategies: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    to = Written(chosen.output, "Strategies of augmentation")
    for name in chosen.tables:
        is_images = name == IMAGES
        of_images = PRETRAINED_STRATEGIES if chosen.weights else IMAGE_STRATEGIES
        own = of_images if is_images else TABULAR
        to.line(f"{name}, {chosen.seeds} seeds\n")
        if is_images:
            measure = image_measure(chosen.data / name, chosen.weights, chosen.epochs or _IMAGE_EPOCHS)
        else:
            source = SOURCES[name]
            measure = table_measure(read_table(chosen.data, source), source, chosen.epochs or _TABLE_EPOCHS)
        strategies = [one for one in chosen.strategies or own if one in own]
        write_table(measure, strategies, range(chosen.seeds), to)
        to.line()


def write_table(measure: Measure, strategies: Sequence[str], seeds: range, to: Written) -> None:
    """Measures strategy by strategy, `none` first, and writes a row each."""
    to.line(f"| strategy | {' | '.join(FIGURES.values())} | seconds |")
    to.line("|---" * (len(FIGURES) + 2) + "|")
    without: list[Figures] = []
    for strategy in dict.fromkeys([NONE, *strategies]):
        start = time.monotonic()
        runs = [measure(strategy, seed) for seed in seeds]
        without = without or runs
        seconds = (time.monotonic() - start) / len(runs)
        cells = [cell([run[key] for run in runs], [run[key] for run in without]) for key in FIGURES]
        to.line(f"| {strategy} | {' | '.join(cells)} | {seconds:.0f} |")


def cell(runs: Sequence[float], without: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(runs):.3f}" if len(runs) > 1 else ""
    return f"{statistics.mean(runs):.3f}{spread}{' *hurts*' if hurts(runs, without) else ''}"


def hurts(runs: Sequence[float], without: Sequence[float]) -> bool:
    """Tells whether a strategy is worse by more than the standard deviation of the difference, seed by seed."""
    differences = [one - other for one, other in zip(runs, without, strict=True)]
    if len(differences) < 2:
        return False
    return statistics.mean(differences) < -statistics.stdev(differences)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with a folder for each data set")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES), help="data sets")
    parser.add_argument("--strategies", nargs="+", help="those that a data set does not know are left out")
    parser.add_argument("--seeds", type=int, default=3, help="number of splits")
    parser.add_argument("--epochs", type=int, help="epochs, of as many steps as train's own records make")
    parser.add_argument("--weights", help="MobileNetV2 0.35's, for trashnet")
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    return parser.parse_args()


if __name__ == "__main__":
    main()
