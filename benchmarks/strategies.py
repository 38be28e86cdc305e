"""Strategies against class imbalance on images, plain cross-entropy first, all in one harness.

Usage: python -m benchmarks.strategies trashnet --data DIR --weights FILE [--seeds 3] [--strategies NAME …]
       python -m benchmarks.strategies cifar --data DIR [--epochs 14] [--runs FILE.csv]

`trashnet` fine-tunes MobileNetV2 0.35 from the weights in FILE (some ten minutes a training on 2 idle cores);
`cifar` trains resnet32 from scratch on CIFAR-10 with a long tail (half a minute an epoch). DIR holds one folder
of images a class, or `train` and `test` with such folders.

Every strategy sees the same splits, epochs and batches. Eval, of the natural prior, picks the epoch; test is
read once, at the end. logit_adjusted, whose tau is 1, is balanced_softmax to the last digit and has no row of
its own. With --runs every training's figures are kept, and what is kept is not trained again:
hours may lie between the first row and the last. Many, medium and few are the recalls of the classes with over 100, 20 to 100 and
under 20 training records.
"""

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kept_runs import KeptRuns
from benchmarks.markdown_writer import Written
from pipeline.recipes import with_recipe

SCORES = ("macro_f1", "balanced_accuracy", "worst_recall")
COLUMNS = (*SCORES, "many", "medium", "few", "parameters", "seconds per epoch")
_MANY, _FEW = 100, 20

PLAIN = {"loss": {"name": "cross_entropy", "class_weights": "none"}}
TRASHNET: dict[str, dict[str, Any]] = {
    "cross_entropy": PLAIN,
    "weighted": {"loss": {"name": "cross_entropy", "class_weights": "inverse"}},
    "focal": {"loss": {"name": "focal"}},
    "balanced_softmax": {"loss": {"name": "balanced_softmax"}},
    "ldam_drw": {
        "loss": {"name": "ldam", "class_weights": "effective_number"},
        "training": {"deferred": -1},
    },
    "balanced_sampling": {**PLAIN, "training": {"sampling": "class_balanced"}},
    # The recipe image_pretrained.
    "mixup": {
        "loss": {"name": "balanced_softmax"},
        "augmentation": {"image": "mixup"},
    },
    "squeeze_excitation": {
        "loss": {"name": "balanced_softmax"},
        "model": {"attention": "squeeze_excitation"},
    },
    "cbam": {"loss": {"name": "balanced_softmax"}, "model": {"attention": "cbam"}},
    "experts": {"loss": {"name": "balanced_softmax"}, "model": {"branches": "experts"}},
    "bilateral": {**PLAIN, "model": {"branches": "bilateral"}},
    "crt": {**PLAIN, "training": {"second_stage": "crt"}},
}
CIFAR: dict[str, dict[str, Any]] = {
    "cross_entropy": PLAIN,
    "weighted": {"loss": {"name": "cross_entropy", "class_weights": "inverse"}},
    "balanced_softmax": {"loss": {"name": "balanced_softmax"}},
    "mixup_drw": {
        "loss": {"name": "cross_entropy", "class_weights": "effective_number", "beta": 0.9999},
        "training": {"deferred": -1},
        "augmentation": {"image": "mixup"},
    },
    "crt": {**PLAIN, "training": {"second_stage": "crt"}},
    "experts": {"loss": {"name": "balanced_softmax"}, "model": {"branches": "experts"}},
}


def base(arguments: argparse.Namespace) -> dict[str, Any]:
    """Returns what all strategies of a data set share: its recipe, but for the loss and what mixes images."""
    unmixed: dict[str, Any] = {"augmentation": {"image": "none"}}
    if arguments.task == "trashnet":
        image = {"weights": arguments.weights, "size": [arguments.size, arguments.size]}
        own = {**unmixed, "model": {"image": image}, "training": {"epochs": arguments.epochs or 40}}
        recipe = with_recipe({"recipe": "image_pretrained"})
    else:
        # The recipe's schedule is for more epochs.
        training = {"epochs": arguments.epochs or 14, "deferred": None, "optimizer": {"warmup_epochs": 1}}
        own = {**unmixed, "training": training}
        recipe = with_recipe({"recipe": "image_scratch"})
    return merged({name: recipe[name] for name in ("model", "training", "augmentation")}, own)


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Returns nested settings, the second's in place of the first's."""
    result = dict(first)
    for key, value in second.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if nested else value
    return result


def measure(settings: dict[str, Any], splits: Any, files: dict[str, Any], seed: int) -> dict[str, float]:
    """Trains one strategy and returns its figures on test."""
    import tensorflow as tf

    from benchmarks.image_splits import trained_on
    from components.evaluation.classification_metrics import classification_metrics

    start = time.perf_counter()
    trained = trained_on(splits, files, settings, seed)
    seconds = time.perf_counter() - start
    logits = trained.model.predict(files["test"].batches(256, len(splits.labels["test"])), verbose=0)
    labels, probabilities = splits.labels["test"], tf.nn.softmax(logits).numpy()
    result = classification_metrics(labels, probabilities, splits.classes)
    recalls = np.array([scores.recall for scores in result.per_class.values()])
    groups = {
        "many": trained.class_counts > _MANY,
        "medium": (trained.class_counts >= _FEW) & (trained.class_counts <= _MANY),
        "few": trained.class_counts < _FEW,
    }
    return {
        **{name: result.summary[name] for name in SCORES},
        **{
            name: float(recalls[mask].mean()) if mask.any() else float("nan") for name, mask in groups.items()
        },
        "parameters": trained.model.count_params(),
        "seconds per epoch": seconds / len(trained.history),
    }


def probe(splits: Any, files: dict[str, Any], settings: dict[str, Any]) -> dict[str, float]:
    """Fits a balanced logistic regression on the frozen backbone's pooled features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from components.evaluation.classification_metrics import classification_metrics
    from models.network.backbones.image_backbone import image_backbone
    from models.settings import ImageModelSettings

    image = ImageModelSettings.model_validate(settings["model"]["image"])
    backbone = image_backbone(image, (*image.size, 3))

    def features(split: str) -> np.ndarray:
        batches = files[split].batches(256, len(splits.labels[split]))
        return np.concatenate([backbone(x["image"], training=False).numpy().mean((1, 2)) for x, _ in batches])

    classifier = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000))
    classifier.fit(features("train"), splits.labels["train"])
    probabilities = classifier.predict_proba(features("test"))
    result = classification_metrics(splits.labels["test"], probabilities, splits.classes)
    return {name: result.summary[name] for name in SCORES}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=("trashnet", "cifar"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--strategies", nargs="+")
    parser.add_argument("--output", type=Path, help="Markdown file to write besides")
    parser.add_argument(
        "--runs", type=Path, help="CSV file of finished trainings, to go on from and to add to"
    )
    arguments = parser.parse_args()
    from benchmarks.image_splits import split_images

    known = TRASHNET if arguments.task == "trashnet" else CIFAR
    names = arguments.strategies or list(known)
    shared = base(arguments)
    size = tuple(shared["model"]["image"]["size"])
    figures: dict[str, list[dict[str, float]]] = {}
    runs = KeptRuns(
        arguments.runs,
        {"task": arguments.task, "size": size[0], "epochs": shared["training"]["epochs"]},
    )
    to = Written(arguments.output, f"Strategies on images: {arguments.task}")
    for seed in range(arguments.seeds):
        splits = split_images(arguments.data, seed)
        with tempfile.TemporaryDirectory() as folder:
            files = {split: splits.write(split, Path(folder), size) for split in ("train", "eval", "test")}
            if arguments.task == "trashnet":
                scores = runs.run("linear probe", seed, partial(probe, splits, files, shared))
                figures.setdefault("linear probe", []).append(scores)
                print(row("linear probe", figures["linear probe"]), flush=True)
            for name in names:
                settings = merged(shared, known[name])
                if settings["training"].get("deferred") == -1:
                    # Re-weighting sets in at four fifths, as with 160 of 200 epochs in Cao et al. (2019).
                    settings["training"]["deferred"] = settings["training"]["epochs"] * 4 // 5
                scores = runs.run(name, seed, partial(measure, settings, splits, files, seed))
                figures.setdefault(name, []).append(scores)
                print(row(name, figures[name]), flush=True)
                to.keep(table(figures, shared["training"]["epochs"], size))


def table(figures: dict[str, list[dict[str, float]]], epochs: int, size: tuple[int, int]) -> list[str]:
    """Returns the lines of the table of what is measured so far."""
    return [
        f"{epochs} epochs at {size[0]} x {size[1]} pixels, figures of test.\n",
        f"| strategy | seeds | {' | '.join(name.replace('_', ' ') for name in COLUMNS)} |",
        "|---" * (len(COLUMNS) + 2) + "|",
        *(row(name, runs) for name, runs in figures.items()),
    ]


def row(name: str, runs: list[dict[str, float]]) -> str:
    """Returns a strategy's row: means over the seeds and, from two on, standard deviations of scores."""
    cells = []
    for column in COLUMNS:
        values = [run[column] for run in runs if column in run]
        if not values or np.isnan(values).any():
            cells.append("")
        elif column == "parameters":
            cells.append(f"{values[0]:,.0f}")
        elif column == "seconds per epoch":
            cells.append(f"{statistics.mean(values):.0f}")
        else:
            spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.3f}{spread}")
    return f"| {name} | {len(runs)} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
