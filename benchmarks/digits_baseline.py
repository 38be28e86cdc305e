"""Measures the demo against itself without any help: the same experiment, plain cross entropy and argmax, three seeds.

Usage: python -m benchmarks.digits_baseline (about five minutes on 2 cores). Prints the table of the README.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from pipeline.experiments.make_digits import write_digits

EXPERIMENT = "pipeline/experiments/digits.yaml"
SEEDS = (0, 1, 2)
RECIPES: dict[str, list[str]] = {
    "plain cross entropy": ["loss.class_weights=none", "decision={calibrate: false}"],
    "the demo's recipe": [],
}
FIGURES = ("macro_f1", "balanced_accuracy", "worst_recall")


def measure(recipe: str, seed: int) -> dict[str, float]:
    """Runs the pipeline and returns the summary of its metrics.json."""
    output = Path("runs", "benchmarks", f"digits-{recipe.replace(' ', '-')}-{seed}")
    settings = [word for setting in (*RECIPES[recipe], f"seed={seed}") for word in ("--set", setting)]
    command = [str(Path(sys.executable).parent / "counterpoise"), "run", EXPERIMENT, "--output", str(output)]
    subprocess.run([*command, *settings], check=True, stdout=subprocess.DEVNULL)
    return json.loads((output / "metrics.json").read_text())["summary"]


def main() -> None:
    write_digits(Path("data/digits"))
    print("| recipe | " + " | ".join(FIGURES) + " |")
    print("|---" * (1 + len(FIGURES)) + "|")
    for recipe in RECIPES:
        summaries = [measure(recipe, seed) for seed in SEEDS]
        cells = []
        for figure in FIGURES:
            values = [summary[figure] for summary in summaries]
            cells.append(f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}")
        print(f"| {recipe} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
