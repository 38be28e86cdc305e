"""Strategies of augmentation on a table."""

from typing import Any

import numpy as np

from benchmarks.augmented.figures import Figures, Measure, figures_of
from benchmarks.augmented.table_arrays import Source, Splits, Table, split, transformed

_NEIGHBOURS = 5


def table_measure(table: Table, source: Source, epochs: int) -> Measure:
    """Makes the function that trains and scores a strategy on a table."""
    prepared: dict[int, tuple[Splits, dict[str, np.ndarray], tuple[int, ...]]] = {}

    def measure(strategy: str, seed: int) -> Figures:
        if seed not in prepared:
            splits = split(table, seed)
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


def resampled(
    columns: dict[str, np.ndarray], labels: np.ndarray, strategy: str, seed: int
) -> tuple[Any, np.ndarray]:
    """Returns the rows and labels that a strategy makes of transformed columns."""
    from components.minority_augmenter.resample import resample
    from components.minority_augmenter.rows import Rows
    from core.augmentation.growth_plan import plan_counts
    from core.augmentation.settings import AugmentationSettings

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
    from models.network.losses.factory import make_loss
    from models.settings import LossSettings, ModelSettings, OptimizerSettings
    from models.training.callbacks.best_epoch import BestEpoch
    from models.training.optimizers.factory import make_optimizer

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
