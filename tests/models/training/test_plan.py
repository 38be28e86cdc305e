import pytest

from models.settings import ModelSettings, TrainingSettings
from models.training.plan import Stage, plan_stages


def plan(image: dict | None = None, has_image: bool = True, **training) -> tuple[Stage, ...]:
    return plan_stages(ModelSettings(image=image or {}), TrainingSettings(**training), has_image)


PRETRAINED = {"backbone": "MobileNetV2", "weights": "imagenet"}


def test_without_more_ado_there_is_one_stage_in_which_all_learns():
    [stage] = plan(epochs=7, optimizer={"learning_rate": 0.25})
    assert (stage.epochs, stage.part, stage.sampling, stage.learning_rate) == (7, "all", "natural", 0.25)
    assert (stage.class_weights_from, stage.balanced) == (0, False)


def test_deferred_re_weighting_is_one_stage_whose_weights_set_in_on_the_way():
    [stage] = plan(epochs=10, deferred=8)
    assert (stage.epochs, stage.class_weights_from) == (10, 8)


@pytest.mark.parametrize("second", ["crt", "lws"])
def test_a_second_stage_learns_little_from_balanced_records_without_class_weights(second):
    first, last = plan(epochs=10, second_stage=second, second_stage_epochs=4)
    assert (first.epochs, first.part) == (10, "all")
    assert (last.name, last.epochs, last.part, last.trains_backbone) == (second, 4, None, False)
    assert (last.sampling, last.class_weights_from, last.balanced) == ("class_balanced", None, True)


def test_tau_normalisation_takes_no_epochs():
    _, last = plan(second_stage="tau_norm")
    assert (last.name, last.epochs, last.part) == ("tau_norm", 0, None)


def test_a_pretrained_backbone_is_trained_in_three_stages():
    stages = plan(PRETRAINED, epochs=9, optimizer={"learning_rate": 0.5})
    assert [(stage.name, stage.part, stage.epochs) for stage in stages] == [
        ("head", "head", 3),
        ("last_block", "last_block", 3),
        ("all", "all", 3),
    ]
    assert [stage.learning_rate for stage in stages] == pytest.approx([0.5, 0.05, 0.05])


def test_a_table_has_no_backbone_to_freeze():
    [stage] = plan(PRETRAINED, has_image=False, epochs=9)
    assert (stage.part, stage.epochs) == ("all", 9)


@pytest.mark.parametrize(
    ("deferred", "expected"), [(None, [0, 0, 0]), (2, [2, 0, 0]), (3, [None, 0, 0]), (7, [None, None, 1])]
)
def test_class_weights_set_in_at_their_epoch_whatever_the_stage(deferred, expected):
    stages = plan(PRETRAINED, epochs=9, deferred=deferred)
    assert [stage.class_weights_from for stage in stages] == expected


def test_sampling_progresses_over_all_stages():
    stages = plan(PRETRAINED, epochs=9, sampling="progressive")
    assert [(stage.start, stage.span) for stage in stages] == [(0, 9), (3, 9), (6, 9)]
