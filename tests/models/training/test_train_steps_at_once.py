"""Steps that are taken several at once, and those that must not be."""

import keras
import pytest

from models.training import steps_at_once as steps_module
from models.training.callbacks.finite_loss import DivergedError
from models.training.job import Trained
from tests.models.training.trained import NO_DROPOUT, changed_layers, figures, head_only, step_ends


@pytest.fixture
def both_ways(trained_by, monkeypatch):
    """Trains a job twice: with several steps at once, and with one at a time."""

    def train(job) -> tuple[Trained, Trained]:
        runs = []
        ends = step_ends(lambda callbacks: runs.append(trained_by(job, callbacks)))
        assert ends[0] > 0
        monkeypatch.setattr(steps_module, "AT_ONCE", 1)
        runs.append(trained_by(job))
        looped, single = runs
        return looped, single

    return train


def test_steps_on_columns_taken_at_once_are_the_same_steps(job_of, both_ways):
    # The class weights set in between two epochs: the graph must not hold on to what it was traced with.
    job = job_of(model=NO_DROPOUT, loss={"class_weights": "inverse"}, deferred=1, batch_size=8, epochs=2)
    looped, single = both_ways(job)
    assert figures(looped) == figures(single)
    assert changed_layers(looped, single) == set()


def test_steps_on_kept_features_taken_at_once_are_the_same_steps(job_of, both_ways, pretrained):
    job = head_only(job_of, pretrained, dropout=0.0, batch_size=8, epochs=1)
    looped, single = both_ways(job)
    assert figures(looped) == figures(single)
    assert changed_layers(looped, single) == set()


def test_an_average_over_the_steps_sees_each_of_them(job_of, trained_by):
    job = job_of(ema=0.9, epochs=1, batch_size=8)
    ends = step_ends(lambda callbacks: trained_by(job, callbacks))
    assert len(ends) > 1 and ends == list(range(len(ends)))


def test_steps_through_images_are_taken_one_by_one(job_of, trained_by):
    job = job_of("image", epochs=1, batch_size=8)
    ends = step_ends(lambda callbacks: trained_by(job, callbacks))
    assert len(ends) > 1 and ends == list(range(len(ends)))


def test_training_that_diverges_among_several_steps_names_the_one(job_of, trained_by):
    class Diverge(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.get_layer("logits").bias.assign([float("nan")] * 3)

    with pytest.raises(DivergedError, match="nan in epoch 2, step 1, "):
        trained_by(job_of(epochs=5, batch_size=8), [Diverge()])
