import pytest
from pydantic import ValidationError

from core.augmentation.settings import IMAGE, TABULAR, AugmentationSettings


@pytest.mark.parametrize("strategy", TABULAR)
def test_every_tabular_strategy_is_accepted(strategy):
    assert AugmentationSettings(tabular=strategy).row_strategy == strategy


@pytest.mark.parametrize("strategy", ["oversample", "rotate_scale", "augment"])
def test_image_strategies_copy_the_rest_of_the_record(strategy):
    assert AugmentationSettings(image=strategy).row_strategy == "copy"
    assert AugmentationSettings(image=strategy, tabular="smote").row_strategy == "smote"


@pytest.mark.parametrize("ratio", [1, 0.001, "sqrt", {"a": 5}])
def test_ratios_that_make_sense_are_accepted(ratio):
    assert AugmentationSettings(target_ratio=ratio).target_ratio == ratio


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target_ratio": 0}, r"share in \(0, 1\]"),
        ({"target_ratio": -0.5}, r"share in \(0, 1\]"),
        ({"target_ratio": 1.5}, r"share in \(0, 1\].*1.5.*counts"),
        ({"target_ratio": {"a": 0}}, "at least 1"),
        ({"tabular": "smot"}, "Did you mean 'smote'"),
        ({"tabular": "nope"}, "Strategies: none, oversample"),
        ({"image": "smote"}, "pixel by pixel.*embedding_smote.*rotate_scale"),
        ({"image": "borderline_smote"}, "pixel by pixel"),
        ({"image": "rotate"}, "Did you mean 'rotate_scale'"),
        ({"image": "embedding_smote", "crop_flip": True}, "crop_flip: true.*rotate_scale"),
        ({"image": "embedding_smote", "turn_zoom": True}, "turn_zoom: true.*rotate_scale"),
        ({"image": "embedding_smote", "tabular": "smote"}, "tabular: smote.*rotate_scale"),
        ({"neighbours": 0}, "greater than or equal to 1"),
        ({"max_factor": 0.5}, "greater than or equal to 1"),
        ({"strength": 1.5}, r"\(0, 1\]"),
        ({"tabular": "undersample", "image": "oversample"}, "Set one to none"),
        ({"tabular": "undersample", "max_factor": 2}, "Leave it out"),
        ({"operations": ["flip"]}, "image: augment"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_way_out(settings, message):
    with pytest.raises(ValidationError, match=message):
        AugmentationSettings(**settings)


def test_embeddings_are_left_to_training():
    settings = AugmentationSettings(image="embedding_smote")
    assert settings.in_training and settings.row_strategy == "none"
    assert not AugmentationSettings(image="rotate_scale").in_training


def test_names_are_told_once():
    assert len(set(IMAGE)) == len(IMAGE) and len(set(TABULAR)) == len(TABULAR)
