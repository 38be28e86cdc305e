import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import models.settings
from core.serving_settings import ServingSettings
from models.catalogue.backbones import BACKBONES
from models.catalogue.row import names_of
from models.settings import (
    ImageModelSettings,
    LossSettings,
    ModelSettings,
    OptimizerSettings,
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


def test_a_typo_in_a_backbone_names_the_nearest_one():
    assert "'mobilnetv2' is not a known name. Did you mean 'MobileNetV2'?" in error_of(
        ImageModelSettings, backbone="mobilnetv2"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"backbone": "ResNet50", "alpha": 0.5}, "Received: alpha=0.5 with backbone='ResNet50'. Set it to 1"),
        ({"backbone": "resnet32", "alpha": 2}, "`alpha` works with small_cnn, MobileNet, MobileNetV2"),
        ({"backbone": "small_cnn", "weights": "imagenet"}, "does not exist for small_cnn. Set `weights` to"),
        ({"backbone": "resnet32", "weights": "imagenet"}, "does not exist for resnet32"),
        (
            {"backbone": "MobileNetV2", "alpha": 0.25, "weights": "imagenet"},
            "with alpha 0.35, 0.5, 0.75, 1, 1.3, 1.4 alone. Received: alpha=0.25",
        ),
        (
            {"backbone": "Xception", "size": [96, 64]},
            "`size` must be at least [71, 71] for Xception. Received: size=[96, 64]. Raise it",
        ),
        ({"backbone": "MobileNetV2", "size": [31, 64]}, "at least [32, 32] for MobileNetV2"),
        ({"frozen_epochs": 3}, "Received: frozen_epochs=3 with weights=null, fine_tune=all"),
        ({"last_block_epochs": 3}, "Received: last_block_epochs=3 with weights=null, fine_tune=all"),
        (
            {"backbone": "VGG16", "weights": "imagenet", "fine_tune": "last_block", "last_block_epochs": 3},
            "Received: last_block_epochs=3 with weights=imagenet, fine_tune=last_block",
        ),
        (
            {"backbone": "VGG16", "weights": "imagenet", "fine_tune": "none", "frozen_epochs": 3},
            "Received: frozen_epochs=3 with weights=imagenet, fine_tune=none",
        ),
        ({"backbone": "keras_hub:"}, "'keras_hub:' names no preset. Expected keras_hub:PRESET"),
    ],
)
def test_image_settings_that_do_not_go_together_are_refused(values, message):
    assert message in error_of(ImageModelSettings, **values)


@pytest.mark.parametrize(
    "values",
    [
        {"backbone": "small_cnn", "alpha": 0.5, "size": (8, 8)},
        {"backbone": "MobileNetV2", "alpha": 0.35, "weights": "imagenet", "fine_tune": "last_block"},
        {"backbone": "MobileNetV2", "alpha": 0.2},
        {"backbone": "resnet32", "weights": "resnet32.weights.h5", "frozen_epochs": 0},
        {"backbone": "keras_hub:resnet_18_imagenet", "weights": "imagenet"},
    ],
)
def test_image_settings_that_go_together_are_accepted(values):
    assert ImageModelSettings(**values).backbone == values["backbone"]


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
        (ImageModelSettings, "frozen_epochs", -1),
        (ImageModelSettings, "fine_tune_learning_rate_scale", 0),
        (ImageModelSettings, "weights", ""),
        (ImageModelSettings, "dropout", 1),
        (TabularModelSettings, "hidden_units", []),
        (TabularModelSettings, "hidden_units", [64, 0]),
        (TabularModelSettings, "embedding_dim", 0),
        (TabularModelSettings, "encoder", "transformer"),
        (TabularModelSettings, "numeric_embedding", "fourier"),
        (TabularModelSettings, "numeric_dim", 0),
        (TabularModelSettings, "num_bins", 1),
        (TabularModelSettings, "members", 1),
        (TabularModelSettings, "token_units", 0),
        (TabularModelSettings, "num_blocks", 0),
        (TabularModelSettings, "num_heads", 0),
        (ModelSettings, "attention", "senet"),
        (ModelSettings, "pooling", "max"),
        (ModelSettings, "fusion", "sum"),
        (ModelSettings, "branches", "double"),
        (ModelSettings, "num_experts", 1),
        (ModelSettings, "num_experts", 5),
        (ModelSettings, "diversity", -0.1),
        (ModelSettings, "diversity", 1.1),
        (ModelSettings, "cosine_scale", 0),
        (ModelSettings, "embedding_units", -1),
        (ModelSettings, "embedding_units", 8193),
        (LossSettings, "gamma", -0.1),
        (LossSettings, "beta", 1),
        (LossSettings, "beta", -0.1),
        (LossSettings, "label_smoothing", 1),
        (LossSettings, "tau", -0.1),
        (LossSettings, "scale", 0),
        (LossSettings, "margin", 1),
        (LossSettings, "head_smoothing", 1),
        (OptimizerSettings, "warmup_epochs", -1),
        (OptimizerSettings, "clip_norm", 0),
        (OptimizerSettings, "backbone_rate", -0.1),
        (OptimizerSettings, "learning_rate", 0),
        (OptimizerSettings, "learning_rate", float("nan")),
        (OptimizerSettings, "weight_decay", -1e-3),
        (TrainingSettings, "epochs", 0),
        (TrainingSettings, "deferred", 0),
        (TrainingSettings, "second_stage", "ncm"),
        (TrainingSettings, "second_stage_epochs", 0),
        (TrainingSettings, "ema", 0),
        (TrainingSettings, "ema", 1),
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


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("cross_entropy", "sqrt_inverse"),
        ("focal", "sqrt_inverse"),
        ("class_balanced", "effective_number"),
        ("ldam", "none"),
        ("balanced_softmax", "none"),
        ("logit_adjusted", "none"),
        ("asymmetric_focal", "sqrt_inverse"),
        ("label_aware_smoothing", "sqrt_inverse"),
        ("CategoricalHinge", "none"),
    ],
)
def test_a_loss_that_reckons_with_the_counts_is_not_weighed_besides_by_default(name, scheme):
    assert LossSettings(name=name).class_weights == scheme
    assert LossSettings(name=name, class_weights="effective_number").class_weights == "effective_number"


def test_a_loss_of_keras_may_carry_the_name_of_its_package():
    assert LossSettings(name="keras>CategoricalHinge") == LossSettings(name="CategoricalHinge")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("categorical_hinge", "CategoricalHinge"),
        ("Addons>SigmoidFocalCrossEntropi", "Addons>SigmoidFocalCrossEntropy"),
        ("balanced-softmax", "balanced_softmax"),
    ],
)
def test_a_wrong_name_of_a_loss_names_the_nearest_of_all_libraries(name, nearest):
    assert f"Did you mean {nearest!r}?" in error_of(LossSettings, name=name)


def test_a_wrong_name_of_an_optimizer_names_the_nearest_of_all_libraries():
    assert "Did you mean 'Addons>Lookahead'?" in error_of(OptimizerSettings, name="lookahead")


@pytest.mark.parametrize(
    ("settings", "values", "message"),
    [
        (LossSettings, {"gamma": 1}, "`gamma` works with focal and class_balanced alone. Received: gamma=1"),
        (LossSettings, {"name": "ldam", "tau": 0.5}, "Set it to 1, or name logit_adjusted."),
        (LossSettings, {"base": "focal"}, "Set it to 'cross_entropy', or name class_balanced."),
        (LossSettings, {"config": {"a": 1}}, "Set the keys of `loss` instead."),
        (
            LossSettings,
            {"name": "class_balanced", "class_weights": "inverse"},
            "class_balanced weighs classes by effective_number. Received: class_weights='inverse'",
        ),
        (
            LossSettings,
            {"name": "label_aware_smoothing", "tail_smoothing": 0.2},
            "Received: head_smoothing=0.1, tail_smoothing=0.2",
        ),
        (
            LossSettings,
            {"name": "Huber", "config": {"dleta": 1}},
            "`loss.config` of Huber holds 'dleta', which it does not take. Did you mean 'delta'?",
        ),
        (LossSettings, {"name": "Poisson", "config": {"a": 1}}, "It takes: none."),
        (
            LossSettings,
            {"name": "Addons>WeightedKappaLoss", "class_weights": "inverse"},
            "one value for a whole batch",
        ),
        (
            LossSettings,
            {"contrastive_temperature": 0.2},
            "`contrastive` above 0 alone. Received: contrastive_temperature=0.2",
        ),
        (OptimizerSettings, {"config": {"a": 1}}, "alone. Received: config={'a': 1} with name='adam'"),
        (
            OptimizerSettings,
            {"name": "Addons>SWA", "config": {"average_periods": 1}},
            "`training.optimizer.config` of Addons>SWA holds 'average_periods'",
        ),
        (
            OptimizerSettings,
            {"name": "Addons>LAMB", "backbone_rate": 0.1},
            "Set it to 1, or name one of them.",
        ),
        (
            OptimizerSettings,
            {"name": "Addons>COCOB", "warmup_epochs": 1},
            "Addons>COCOB follows no schedule.",
        ),
    ],
)
def test_a_key_of_loss_or_optimizer_without_effect_is_refused(settings, values, message, monkeypatch):
    monkeypatch.setattr("models.named_classes.find_spec", lambda module: object())
    assert message in error_of(settings, **values)


@pytest.mark.parametrize(
    ("settings", "name"),
    [(LossSettings, "Addons>SigmoidFocalCrossEntropy"), (OptimizerSettings, "Addons>Lookahead")],
)
def test_a_name_of_addons_is_refused_where_they_are_not_installed(settings, name, monkeypatch):
    monkeypatch.setattr("models.named_classes.find_spec", lambda module: None)
    error = error_of(settings, name=name)
    assert f"{name!r} needs TensorFlow Addons, which runs on Python 3.10 alone" in error


@pytest.mark.parametrize("deferred", [30, 31])
def test_class_weights_that_would_never_set_in_are_refused(deferred):
    error = error_of(TrainingSettings, epochs=30, deferred=deferred)
    assert f"deferred={deferred} with epochs=30. Set it to about 0.8 of `epochs`, or to null." in error


def test_a_warm_up_that_outlasts_training_is_refused():
    error = error_of(TrainingSettings, epochs=3, optimizer={"warmup_epochs": 3})
    assert "optimizer.warmup_epochs=3 with epochs=3. Set it to" in error


@pytest.mark.parametrize("monitor", ["val_loss", "val_refined_loss"])
@pytest.mark.parametrize("change", [{"deferred": 3}, {"second_stage": "crt"}])
def test_losses_before_and_after_a_change_are_not_compared(change, monitor):
    [(key, value)] = change.items()
    error = error_of(TrainingSettings, monitor=monitor, **change)
    assert (
        f"cannot be {monitor} where the loss changes on the way, by {key}={value}: values before and after do not compare. Set it to val_macro_f1."
        in error
    )


def test_early_stopping_can_be_switched_off():
    assert TrainingSettings(patience=None).patience is None


def test_every_backbone_but_our_own_is_a_keras_application():
    import keras

    own = {"small_cnn", "resnet32"}
    names = set(names_of(BACKBONES))
    assert own < names
    assert names - own <= set(dir(keras.applications))


def test_settings_import_without_tensorflow():
    code = "import sys, models.settings; sys.exit(bool({'tensorflow', 'keras', 'numpy'} & set(sys.modules)))"
    root = Path(models.settings.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
