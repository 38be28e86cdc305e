"""Second stages, which learn a balanced classifier over features that stay."""

import numpy as np
import pytest

from tests.models.training.trained import UNWEIGHTED, changed_layers, eval_figures, weights_by_layer


def test_crt_changes_the_classifier_alone(job_of, trained_by, plain, keep_the_last):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="crt", second_stage_epochs=2))
    assert changed_layers(trained, plain) == {"logits"}
    assert [stage.name for stage in trained.stages] == ["training", "crt"]
    assert trained.stages[1].trained_parameters == 8 * 3 + 3
    assert [epoch["stage"] for epoch in trained.history] == ["training"] * 3 + ["crt"] * 2
    assert [epoch["epoch"] for epoch in trained.history] == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(trained.best.prior, 1 / 3)


def test_lws_learns_one_scale_per_class_and_nothing_else(job_of, trained_by, plain, keep_the_last):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="lws", second_stage_epochs=2))
    assert changed_layers(trained, plain) == {"class_scales"}
    [scales] = weights_by_layer(trained)["class_scales"]
    assert scales.shape == (3,)
    assert (scales != 1).all()
    assert trained.stages[1].trained_parameters == 3


@pytest.mark.parametrize(("second", "learnt"), [("crt", 8 * 3), ("lws", 3)])
def test_second_stages_work_on_cosines(job_of, trained_by, second, learnt, keep_the_last):
    trained = trained_by(
        job_of(model={"classifier": "cosine"}, epochs=1, second_stage=second, second_stage_epochs=1)
    )
    assert (trained.best.name, trained.best.trained_parameters) == (second, learnt)


def test_tau_normalisation_does_no_worse_by_balanced_accuracy(job_of, trained_by, plain, keep_the_last):
    monitor = "val_balanced_accuracy"
    job = job_of(loss=UNWEIGHTED, second_stage="tau_norm", monitor=monitor)
    trained = trained_by(job)
    before, after = trained.stages
    assert after.value >= before.value
    assert eval_figures(trained, job)[1] == pytest.approx(after.value, abs=1e-6)
    assert 0 <= after.chosen["tau"] <= 1
    assert (after.epochs, after.best_epoch) == (0, before.best_epoch)


def test_a_second_stage_that_is_no_better_leaves_the_first_ones_weights_and_a_warning(
    job_of, trained_by, plain, keep_the_first
):
    trained = trained_by(job_of(loss=UNWEIGHTED, second_stage="crt", second_stage_epochs=1))
    assert changed_layers(trained, plain) == set()
    assert trained.best.name == "training"
    [warning] = trained.warnings
    assert "The stage crt came to val_macro_f1" in warning
    assert "the weights of training are kept" in warning
