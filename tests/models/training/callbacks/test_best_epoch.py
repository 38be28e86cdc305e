import keras
import numpy as np
import pytest

from models.training.callbacks.best_epoch import BestEpoch

NAN = float("nan")


class Script(keras.callbacks.Callback):
    """Gives epoch i the weight i and the figures `epochs[i - 1]`."""

    def __init__(self, epochs: list[dict[str, float]]):
        super().__init__()
        self.epochs = epochs
        self.seen = 0

    def on_epoch_end(self, epoch, logs=None):
        self.seen = epoch + 1
        self.model.set_weights([np.array([[float(epoch + 1)]])])
        logs.update(self.epochs[epoch])


def train(best: BestEpoch, epochs: list[dict[str, float]]) -> tuple[int, float]:
    """Runs Keras's own loop over the script; returns epochs seen and the weight that is left."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    script = Script(epochs)
    model.fit(
        np.ones((1, 1)),
        np.ones((1, 1)),
        epochs=len(epochs),
        callbacks=[script, best],
        verbose=0,
        shuffle=False,
    )
    return script.seen, model.get_weights()[0].item()


def by(monitor: str, values: list[float]) -> list[dict[str, float]]:
    return [{monitor: value} for value in values]


def test_training_to_its_end_leaves_the_weights_of_the_best_epoch():
    best = BestEpoch("val_macro_f1", patience=None)
    assert train(best, by("val_macro_f1", [0.2, 0.7, 0.5, 0.6])) == (4, 2)
    assert (best.epoch, best.value) == (2, 0.7)


def test_the_last_epoch_may_be_the_best():
    best = BestEpoch("val_accuracy", patience=2)
    assert train(best, by("val_accuracy", [0.2, 0.1, 0.3])) == (3, 3)
    assert best.epoch == 3


@pytest.mark.parametrize(("patience", "seen"), [(1, 3), (2, 4), (3, 5), (4, 6), (None, 6)])
def test_training_stops_after_as_many_epochs_without_a_better_one(patience, seen):
    best = BestEpoch("val_macro_f1", patience)
    assert train(best, by("val_macro_f1", [0.1, 0.5, 0.4, 0.4, 0.3, 0.2])) == (seen, 2)


def test_a_better_epoch_starts_the_patience_anew():
    best = BestEpoch("val_macro_f1", patience=2)
    assert train(best, by("val_macro_f1", [0.3, 0.2, 0.4, 0.2, 0.5, 0.1, 0.1, 0.9])) == (7, 5)


def test_of_equally_good_epochs_the_one_with_the_lower_loss_is_kept():
    epochs = [
        {"val_macro_f1": value, "val_loss": loss}
        for value, loss in [(0.8, 0.5), (0.8, 0.3), (0.8, 0.4), (0.7, 0.1)]
    ]
    best = BestEpoch("val_macro_f1", patience=None)
    assert train(best, epochs) == (4, 2)


def test_of_epochs_alike_in_all_the_first_is_kept():
    best = BestEpoch("val_macro_f1", patience=2)
    assert train(best, [{"val_macro_f1": 1.0, "val_loss": 0.1}] * 5) == (3, 1)


def test_a_lower_loss_of_an_equally_good_epoch_starts_the_patience_anew():
    epochs = [{"val_macro_f1": 1.0, "val_loss": loss} for loss in (0.5, 0.4, 0.3, 0.3, 0.3)]
    assert train(BestEpoch("val_macro_f1", patience=1), epochs) == (4, 3)


def test_a_loss_is_better_the_smaller_it_is():
    best = BestEpoch("val_loss", patience=2)
    assert train(best, by("val_loss", [0.9, 0.2, 0.4, 0.3, 0.1])) == (4, 2)
    assert best.value == 0.2


@pytest.mark.parametrize("monitor", ["val_loss", "val_macro_f1"])
def test_an_epoch_that_diverged_is_never_better(monitor):
    best = BestEpoch(monitor, patience=None)
    assert train(best, by(monitor, [NAN, 0.5, NAN])) == (3, 2)
    assert (best.epoch, best.value) == (2, 0.5)


def test_of_equally_good_epochs_one_with_a_loss_beats_one_that_diverged():
    epochs = [{"val_macro_f1": 0.5, "val_loss": loss} for loss in (NAN, 3.0, NAN)]
    assert train(BestEpoch("val_macro_f1", patience=None), epochs) == (3, 2)


def test_training_that_diverged_from_the_start_still_ends():
    assert train(BestEpoch("val_loss", patience=2), by("val_loss", [NAN] * 6)) == (3, 1)
