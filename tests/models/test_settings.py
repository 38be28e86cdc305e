import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import models.settings
from models.settings import (
    IMAGE_BACKBONES,
    ImageModelSettings,
    LossSettings,
    ModelSettings,
    OptimizerSettings,
    ServingSettings,
    TabularModelSettings,
    TrainingSettings,
    TunerSettings,
)

ALL_SETTINGS = (
    ImageModelSettings,
    TabularModelSettings,
    ModelSettings,
    LossSettings,
    OptimizerSettings,
    TrainingSettings,
    TunerSettings,
    ServingSettings,
)


def error_of(settings: type[BaseModel], **values) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**values)
    return str(caught.value)


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_every_default_is_itself_valid(settings):
    assert settings.model_validate(settings().model_dump()) == settings()


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_every_field_is_described(settings):
    assert all(field.description for field in settings.model_fields.values())


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_settings_are_frozen(settings):
    name = next(iter(settings.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings(), name, None)


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_an_unknown_key_is_refused(settings):
    assert "Extra inputs are not permitted" in error_of(settings, no_such_key=1)


@pytest.mark.parametrize(
    ("settings", "key", "value", "message"),
    [
        (
            ImageModelSettings,
            "backbone",
            "MobileNetV2",
            "'MobileNetV2' is not available yet. Available: small_cnn.",
        ),
        (
            ImageModelSettings,
            "backbone",
            "resnet32",
            "'resnet32' is not available yet. Available: small_cnn.",
        ),
        (ImageModelSettings, "weights", "imagenet", "'imagenet' is not available yet. Available: null."),
        (ImageModelSettings, "weights", "weights.h5", "'weights.h5' is not available yet. Available: null."),
        (ImageModelSettings, "fine_tune", "last_block", "'last_block' is not available yet. Available: all."),
        (TabularModelSettings, "encoder", "feature_attention", "Available: mlp."),
        (ModelSettings, "attention", "squeeze_excitation", "Available: none."),
        (ModelSettings, "attention", "cbam", "'cbam' is not available yet. Available: none."),
        (ModelSettings, "attention", "self_attention", "Available: none."),
        (ModelSettings, "branches", "bilateral", "Available: single."),
        (ModelSettings, "branches", "experts", "Available: single."),
        (ModelSettings, "branches", "class_groups", "Available: single."),
        (LossSettings, "name", "class_balanced", "Available: cross_entropy, focal."),
        (LossSettings, "name", "ldam", "'ldam' is not available yet. Available: cross_entropy, focal."),
        (LossSettings, "name", "balanced_softmax", "Available: cross_entropy, focal."),
        (LossSettings, "name", "logit_adjusted", "Available: cross_entropy, focal."),
        (TrainingSettings, "sampling", "class_balanced", "Available: natural."),
        (TrainingSettings, "sampling", "sqrt", "Available: natural."),
        (TrainingSettings, "sampling", "progressive", "Available: natural."),
        (TrainingSettings, "deferred", 10, "10 is not available yet. Available: null."),
        (TrainingSettings, "second_stage", "crt", "Available: none."),
        (TrainingSettings, "second_stage", "tau_norm", "Available: none."),
        (TrainingSettings, "second_stage", "lws", "Available: none."),
        (TrainingSettings, "mixed_precision", True, "true is not available yet. Available: false."),
        (TunerSettings, "enabled", True, "true is not available yet. Available: false."),
    ],
)
def test_a_known_name_without_its_feature_is_refused_with_what_there_is(settings, key, value, message):
    error = error_of(settings, **{key: value})
    assert "is not available yet" in error
    assert message in error


def test_a_typo_in_a_backbone_names_the_nearest_one():
    assert "'mobilnetv2' is not a known name. Did you mean 'MobileNetV2'?" in error_of(
        ImageModelSettings, backbone="mobilnetv2"
    )


def test_a_typo_in_a_loss_names_the_nearest_one():
    assert "'crossentropy' is not a known name. Did you mean 'cross_entropy'?" in error_of(
        LossSettings, name="crossentropy"
    )


def test_a_name_near_to_none_lists_them_all():
    assert "Known: cross_entropy, focal, class_balanced" in error_of(LossSettings, name="zzz")


def test_a_typo_in_a_fixed_choice_lists_the_choices():
    assert "'natural', 'class_balanced', 'sqrt' or 'progressive'" in error_of(
        TrainingSettings, sampling="naturel"
    )


@pytest.mark.parametrize(
    ("settings", "key", "value"),
    [
        (ImageModelSettings, "alpha", 0),
        (ImageModelSettings, "size", [7, 64]),
        (ImageModelSettings, "size", [64, 1025]),
        (ImageModelSettings, "size", [64]),
        (ImageModelSettings, "channels", 2),
        (ImageModelSettings, "dropout", 1),
        (TabularModelSettings, "hidden_units", []),
        (TabularModelSettings, "hidden_units", [64, 0]),
        (TabularModelSettings, "embedding_dim", 0),
        (LossSettings, "gamma", -0.1),
        (LossSettings, "beta", 1),
        (LossSettings, "beta", -0.1),
        (LossSettings, "label_smoothing", 1),
        (OptimizerSettings, "learning_rate", 0),
        (OptimizerSettings, "learning_rate", float("nan")),
        (OptimizerSettings, "weight_decay", -1e-3),
        (TrainingSettings, "epochs", 0),
        (TrainingSettings, "batch_size", 0),
        (TrainingSettings, "patience", 0),
        (TrainingSettings, "monitor", "val_f2"),
        (TunerSettings, "max_trials", 0),
        (ServingSettings, "max_batch", 0),
        (ServingSettings, "batch_timeout_ms", -1),
    ],
)
def test_a_value_out_of_range_is_refused(settings, key, value):
    assert key in error_of(settings, **{key: value})


def test_label_smoothing_that_would_have_no_effect_is_refused():
    error = error_of(LossSettings, name="focal", label_smoothing=0.1)
    assert "label_smoothing=0.1 with name='focal'. Set it to 0, or name cross_entropy." in error


def test_early_stopping_can_be_switched_off():
    assert TrainingSettings(patience=None).patience is None


def test_every_backbone_but_our_own_is_a_keras_application():
    import keras

    own = {"small_cnn", "resnet32"}
    assert own < set(IMAGE_BACKBONES)
    assert set(IMAGE_BACKBONES) - own <= set(dir(keras.applications))


def test_settings_import_without_tensorflow():
    code = "import sys, models.settings; sys.exit(bool({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    root = Path(models.settings.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
