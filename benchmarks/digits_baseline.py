"""Measures what each strategy of the demo gives alone, and all together, over several seeds.

Usage: python -m benchmarks.digits_baseline [--seeds 5] [--readme docs/benchmarks.md] (about half an hour on 2 cores). Every run is
kept in `runs/benchmarks`, and one that was finished is not run again. The figures are those of the even test digits; the
demo's settings were chosen on the digits that `make_digits` keeps apart for that, before any of these.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.readme_block import replace_block
from pipeline.experiments.make_digits import write_digits

EXPERIMENT = Path("pipeline/experiments/digits.yaml")
FIGURES = ("macro_f1", "balanced_accuracy", "worst_recall")
# Sections of the demo's experiment that say how it is trained.
_PRETRAINED = (
    "weights",
    "frozen_epochs",
    "last_block_epochs",
    "frozen_batch_norm",
    "fine_tune_learning_rate_scale",
)


def contenders(demo: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns experiments: plain cross entropy, it with one of the demo's strategies each, and the demo itself."""
    image = demo["model"]["image"]
    from_scratch = {name: value for name, value in image.items() if name not in _PRETRAINED}
    plain = {
        **{name: value for name, value in demo.items() if name not in ("augmentation", "loss")},
        "model": {"image": from_scratch},
        "decision": {"calibrate": False},
    }
    return {
        "plain cross entropy": plain,
        "the even prior and calibration alone": {**plain, "decision": demo["decision"]},
        "`rotate_scale` alone": {**plain, "augmentation": demo["augmentation"]},
        "`balanced_softmax` alone": {**plain, "loss": demo["loss"]},
        "`squeeze_excitation` alone": {**plain, "model": {**demo["model"], "image": from_scratch}},
        "pretrained on letters alone": {**plain, "model": {"image": image}},
        "the demo: all of them": demo,
    }


def measure(experiment: dict[str, Any], name: str, seed: int) -> dict[str, float]:
    """Runs the pipeline, unless that was done before, and returns the summary of its metrics.json."""
    # Beside the demo's own, whose paths are relative.
    path = EXPERIMENT.with_name(f".{name}.yaml")
    output = Path("runs", "benchmarks", f"{name}-{seed}")
    if not (output / "metrics.json").exists():
        path.write_text(yaml.safe_dump({**experiment, "name": name}))
        command = [Path(sys.executable).parent / "counterpoise", "run", path, "--output", output]
        done = subprocess.run([*command, "--set", f"seed={seed}"], stdout=subprocess.DEVNULL)
        path.unlink()
        # 3 says that the model was not blessed, for which all stages have run.
        if done.returncode not in (0, 3):
            raise SystemExit(f"{name}, seed {seed}: ended with {done.returncode}")
    return json.loads((output / "metrics.json").read_text())["summary"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--readme", type=Path, help="document with a block of this benchmark")
    chosen = parser.parse_args()
    write_digits(Path("data/digits"))
    lines = [f"| {chosen.seeds} seeds | " + " | ".join(FIGURES) + " |", "|---" * (1 + len(FIGURES)) + "|"]
    print("\n".join(lines), flush=True)
    demo = yaml.safe_load(EXPERIMENT.read_text())
    for place, (name, experiment) in enumerate(contenders(demo).items()):
        summaries = [measure(experiment, f"digits-{place}", seed) for seed in range(chosen.seeds)]
        cells = []
        for figure in FIGURES:
            values = [summary[figure] for summary in summaries]
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            cells.append(f"{statistics.mean(values):.3f} ± {spread:.3f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    if chosen.readme is not None:
        replace_block(chosen.readme, "benchmarks.digits_baseline", lines)


if __name__ == "__main__":
    main()
