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
import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tables import SOURCES, Source, Splits, Table, read_table, split, transformed
from benchmarks.written import Written

IMAGES = "trashnet"
TABLES = ("mammography", "bank_marketing", IMAGES)
FIGURES = {
    "macro_f1": "macro-F1",
    "corrected_macro_f1": "macro-F1, prior put back",
    "average_precision": "average precision",
}
NONE = "none"
_MADE_BEFORE = (NONE, "oversample", "rotate_scale", "augment")
IMAGE_STRATEGIES = (*_MADE_BEFORE, "mixup", "cutmix", "remix")
PRETRAINED_STRATEGIES = (*IMAGE_STRATEGIES, "embedding_smote")
_TABLE_EPOCHS, _IMAGE_EPOCHS = 30, 15
_NEIGHBOURS = 5

Figures = dict[str, float]
Measure = Callable[[str, int], Figures]


def figures_of(
    probabilities: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    trained: np.ndarray,
    natural: np.ndarray,
) -> Figures:
    """Scores probabilities under the prior they were trained with, and with the natural one put back.

    Args:
        probabilities: float `(n, classes)`.
        labels: int64 `(n,)`.
        classes: Names by index; of two the second is the rare one.
        trained: Shares of the classes in training, `(classes,)`.
        natural: Shares of the classes in the data, `(classes,)`.
    """
    from components.classification_metrics import classification_metrics
    from components.decision_calibrator.calibration import correct_prior

    corrected = correct_prior(trained, natural).apply(probabilities)
    before = classification_metrics(labels, probabilities, classes)
    after = classification_metrics(labels, corrected, classes)
    precision = (
        after["per_class"][classes[1]]["average_precision"]
        if len(classes) == 2
        else after["summary"]["macro_average_precision"]
    )
    return {
        "macro_f1": before["summary"]["macro_f1"],
        "corrected_macro_f1": after["summary"]["macro_f1"],
        "average_precision": precision,
    }


def resampled(
    columns: dict[str, np.ndarray], labels: np.ndarray, strategy: str, seed: int
) -> tuple[Any, np.ndarray]:
    """Returns the rows and labels that a strategy makes of transformed columns."""
    from components.minority_augmenter.plan import plan_counts
    from components.minority_augmenter.resample import resample
    from components.minority_augmenter.rows import Rows
    from components.minority_augmenter.settings import AugmentationSettings

    categories = columns.get("categorical", np.zeros((len(labels), 0), np.int64))
    rows = Rows(columns["numeric"].astype(np.float32), columns["missing"], categories)
    counts = {str(label): int(count) for label, count in enumerate(np.bincount(labels))}
    plan = plan_counts(counts, AugmentationSettings(tabular=strategy))
    if plan.keep:
        random = np.random.default_rng(seed)
        kept = [
            random.permutation(np.flatnonzero(labels == int(name)))[: plan.keep.get(name, count)]
            for name, count in counts.items()
        ]
        positions = np.sort(np.concatenate(kept))
        return rows.take(positions), labels[positions]
    if not plan.make:
        return rows, labels
    make = {int(name): size for name, size in plan.make.items()}
    made = resample(rows, labels, make, strategy, _NEIGHBOURS, seed)
    all_rows = Rows.concatenate([rows.take(made.kept), made.rows])
    return all_rows, np.concatenate([labels[made.kept], made.labels])


def table_measure(table: Table, source: Source, epochs: int) -> Measure:
    """Makes the function that trains and scores a strategy on a table."""
    prepared: dict[int, tuple[Splits, dict[str, np.ndarray], tuple[int, ...]]] = {}

    def measure(strategy: str, seed: int) -> Figures:
        if seed not in prepared:
            splits = split(table.labels, seed)
            prepared[seed] = (splits, *transformed(table, splits.train))
        splits, columns, sizes = prepared[seed]
        natural = table.labels[splits.train]
        train = {name: values[splits.train] for name, values in columns.items()}
        rows, labels = resampled(train, natural, strategy, seed)
        inputs = {"numeric": rows.numeric, "missing": rows.flags, "categorical": rows.categories}
        probabilities = fitted(
            ({name: inputs[name] for name in columns}, labels),
            (
                {name: values[splits.evaluation] for name, values in columns.items()},
                table.labels[splits.evaluation],
            ),
            {name: values[splits.test] for name, values in columns.items()},
            sizes,
            source.batch_size,
            -(-len(natural) // source.batch_size),
            epochs,
            seed,
        )
        return figures_of(
            probabilities,
            table.labels[splits.test],
            ("common", "rare"),
            np.bincount(labels) / len(labels),
            np.bincount(natural) / len(natural),
        )

    return measure


def fitted(
    train: tuple[dict[str, np.ndarray], np.ndarray],
    evaluation: tuple[dict[str, np.ndarray], np.ndarray],
    test: dict[str, np.ndarray],
    sizes: tuple[int, ...],
    batch_size: int,
    steps: int,
    epochs: int,
    seed: int,
) -> np.ndarray:
    """Trains our classifier on columns and returns its probabilities on test, float64 `(n, classes)`.

    Args:
        train: The network's inputs and the labels.
        evaluation: The same of eval.
        test: Inputs of test.
        sizes: Number of categories of each categorical column.
        batch_size: Records per step.
        steps: Steps of an epoch, however many records there are.
        epochs: Epochs.
        seed: Decides everything random.
    """
    import keras
    import tensorflow as tf
    from sklearn.metrics import average_precision_score

    from models.network.branches.training_loss import training_loss
    from models.network.classifier import InputShape, build_classifier
    from models.network.losses import make_loss
    from models.network.optimizers import make_optimizer
    from models.settings import LossSettings, ModelSettings, OptimizerSettings
    from models.training.best_epoch import BestEpoch

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    counts = np.bincount(train[1])
    settings = ModelSettings.model_validate(
        {"tabular": {"encoder": "mlp", "hidden_units": (128, 128)}, "embedding_units": None}
    )
    model = build_classifier(InputShape(None, train[0]["numeric"].shape[1], sizes), settings, counts, seed)
    loss = make_loss(LossSettings(name="cross_entropy", class_weights="none"), counts)
    model.compile(
        make_optimizer(OptimizerSettings(learning_rate=0.002)), training_loss(loss, settings, counts)
    )

    def probabilities(inputs: dict[str, np.ndarray]) -> np.ndarray:
        # At once: `predict` has a start of its own, in every epoch.
        logits = model({name: tf.constant(values) for name, values in inputs.items()}, training=False)
        return np.asarray(tf.nn.softmax(tf.cast(logits, tf.float64)))

    def taken(rows: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        return {name: tf.gather(values, rows) for name, values in train[0].items()}, tf.gather(train[1], rows)

    class Precision(keras.callbacks.Callback):
        """Adds the average precision on eval to the figures of the epoch, for the callback after it."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_average_precision"] = average_precision_score(
                evaluation[1], probabilities(evaluation[0])[:, 1]
            )

    rows = tf.data.Dataset.range(len(train[1])).shuffle(len(train[1]), seed).repeat()
    model.fit(
        rows.batch(batch_size).map(taken).prefetch(2),
        steps_per_epoch=steps,
        epochs=epochs,
        callbacks=[Precision(), BestEpoch("val_average_precision", None)],
        verbose=0,
    )
    return probabilities(test)


def with_new_images(splits: Any, strategy: str, seed: int, folder: Path) -> Any:
    """Returns splits whose train has as many files of every class, new ones written below `folder`."""
    from components.minority_augmenter.new_images import class_strengths, new_image, operations_asked
    from components.minority_augmenter.plan import plan_counts
    from components.minority_augmenter.resample import resample
    from components.minority_augmenter.rows import Rows
    from components.minority_augmenter.settings import AugmentationSettings

    files, labels = splits.files["train"], splits.labels["train"]
    settings = AugmentationSettings(image=strategy)
    counts = np.bincount(labels, minlength=len(splits.classes))
    plan = plan_counts(dict(zip(splits.classes, counts.tolist(), strict=True)), settings)
    make = {splits.classes.index(name): size for name, size in plan.make.items()}
    empty = Rows(
        np.zeros((len(labels), 0), np.float32), np.zeros((len(labels), 0), np.float32), labels[:, None]
    )
    made = resample(empty, labels, make, "copy", _NEIGHBOURS, seed)
    operations, strengths = operations_asked(settings), class_strengths(settings, counts.tolist())
    new = []
    for number, (parent, label) in enumerate(zip(made.parents[:, 0], made.labels, strict=True)):
        source = files[parent]
        path = folder / f"{number}{source.suffix}"
        path.write_bytes(
            new_image(source.read_bytes(), source.name.encode(), operations, strengths[label], number, seed)
        )
        new.append(path)
    return dataclasses.replace(
        splits,
        files={**splits.files, "train": [*files, *new]},
        labels={**splits.labels, "train": np.concatenate([labels, made.labels])},
    )


def image_settings(weights: str | None, epochs: int) -> dict[str, Any]:
    """Returns model and training: a small network, or, with weights, a head on a frozen MobileNetV2."""
    image = (
        {"backbone": "small_cnn", "size": [64, 64]}
        if weights is None
        else {
            "backbone": "MobileNetV2",
            "alpha": 0.35,
            "weights": weights,
            "size": [96, 96],
            "fine_tune": "none",
        }
    )
    return {
        "model": {"image": image},
        "training": {
            "epochs": epochs,
            "batch_size": 32,
            "patience": None,
            "monitor": "val_macro_average_precision",
        },
    }


def image_measure(folder: Path, weights: str | None, epochs: int) -> Measure:
    """Makes the function that trains and scores a strategy on a folder of images."""
    import tensorflow as tf

    from benchmarks.image_splits import split_images
    from models.network.classifier import InputShape
    from models.settings import LossSettings, ModelSettings, TrainingSettings
    from models.training.job import TrainingJob
    from models.training.train import train

    def measure(strategy: str, seed: int) -> Figures:
        natural = split_images(folder, seed)
        with tempfile.TemporaryDirectory() as scratch:
            is_made_before = strategy in _MADE_BEFORE and strategy != NONE
            splits = with_new_images(natural, strategy, seed, Path(scratch)) if is_made_before else natural
            share = len(natural.labels["train"]) / len(splits.labels["train"])
            settings = image_settings(weights, max(round(epochs * share), 1))
            model = ModelSettings.model_validate(settings["model"])
            files = {
                name: splits.write(name, Path(scratch), tuple(model.image.size))
                for name in ("train", "eval", "test")
            }
            tf.keras.backend.clear_session()
            trained = train(
                TrainingJob(
                    InputShape(image=(*model.image.size, model.image.channels)),
                    splits.classes,
                    files["train"],
                    files["eval"],
                    model,
                    LossSettings(name="cross_entropy", class_weights="none"),
                    TrainingSettings.model_validate(settings["training"]),
                    {} if strategy in _MADE_BEFORE else {"image": strategy},
                    seed,
                )
            )
            logits = trained.model.predict(files["test"].batches(256, len(splits.labels["test"])), verbose=0)
        return figures_of(
            np.asarray(tf.nn.softmax(tf.cast(logits, tf.float64))),
            splits.labels["test"],
            splits.classes,
            np.asarray(trained.best.prior),
            np.bincount(natural.labels["train"]) / len(natural.labels["train"]),
        )

    return measure


def hurts(runs: Sequence[float], without: Sequence[float]) -> bool:
    """Tells whether a strategy is worse by more than the standard deviation of the difference, seed by seed."""
    differences = [one - other for one, other in zip(runs, without, strict=True)]
    if len(differences) < 2:
        return False
    return statistics.mean(differences) < -statistics.stdev(differences)


def cell(runs: Sequence[float], without: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(runs):.3f}" if len(runs) > 1 else ""
    return f"{statistics.mean(runs):.3f}{spread}{' *hurts*' if hurts(runs, without) else ''}"


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


def main() -> None:
    from components.minority_augmenter.settings import TABULAR

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


if __name__ == "__main__":
    main()
