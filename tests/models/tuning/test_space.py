"""What a search space may be, and what becomes of a trial's values. Without TensorFlow."""

import itertools

import pytest

from models.catalogue.losses import LOSSES
from models.catalogue.row import names_of
from models.settings import TrainingSections, TrainingSettings
from models.tuning.brackets import bracket_sizes
from models.tuning.conditions import CONDITIONS, in_order
from models.tuning.default_space import default_space
from models.tuning.dimension import Dimension
from models.tuning.importance import importance
from models.tuning.short_training import shortened
from models.tuning.space import checked_space, first_values, space_problems
from models.tuning.trial_settings import plain_values, setting, trial_settings
from models.tuning.tunable import tunable


def own_settings(**sections):
    return TrainingSections(**sections, seed=5)


def refusal_of(key, **content):
    with pytest.raises(ValueError) as refused:
        checked_space({key: Dimension(**content)})
    return str(refused.value)


def test_dimension_is_refused_where_no_value_is_in_it():
    for content in (
        {},
        {"choice": []},
        {"choice": ["a", "a"]},
        {"float": [2, 1]},
        {"float": [0, 1], "log": True},
        {"float": [1, 2], "log": True, "step": 1},
        {"int": [1, 9], "step": 0.5},
        {"int": [1, 2.5]},
        {"float": [1, 2], "choice": [1]},
        {"choice": [1, 2], "log": True},
        {"float": [1, 2], "default": 3},
        {"float": [1, float("inf")]},
    ):
        with pytest.raises(ValueError):
            Dimension(**content)


def test_unknown_key_is_refused_with_the_nearest():
    assert "Did you mean 'loss.gamma'?" in refusal_of("loss.gama", choice=[1])
    assert "holds others" in refusal_of("model.image", choice=[1])
    assert "tuner.epochs" in refusal_of("training.epochs", int=[1, 2])


def test_values_are_those_that_the_setting_takes():
    assert "'focall' is not a known name" in refusal_of("loss.name", choice=["focal", "focall"])
    assert "greater than 0" in refusal_of("training.optimizer.learning_rate", float=[0, 1])
    assert "int: [16, 128]" in refusal_of("model.embedding_units", float=[16, 128])
    assert "less than 1" in refusal_of("model.image.dropout", float=[0, 1])
    assert "number" in refusal_of("training.optimizer.learning_rate", choice=["fast"])


def test_numbers_that_yaml_reads_as_text_become_numbers():
    space = {"training.optimizer.learning_rate": Dimension(choice=["1e-3", 0.01])}
    assert checked_space(space)["training.optimizer.learning_rate"].choice == (0.001, 0.01)


def test_setting_without_an_effect_is_refused():
    gamma = {"loss.gamma": Dimension(float=[1, 2])}
    assert "focal" in space_problems(gamma, own_settings(), True, True)[0]
    assert not space_problems(gamma, own_settings(loss={"name": "focal"}), True, True)
    names = {"loss.name": Dimension(choice=["cross_entropy", "focal"])}
    assert not space_problems(gamma | names, own_settings(), True, True)


def test_setting_without_its_input_is_refused():
    assert space_problems({"model.image.dropout": Dimension(float=[0, 0.5])}, own_settings(), False, True)
    assert space_problems({"model.tabular.dropout": Dimension(float=[0, 0.5])}, own_settings(), True, False)


def test_every_condition_is_about_keys_that_exist():
    keys = set(tunable())
    for key, condition in CONDITIONS.items():
        assert {key, condition.parent} <= keys
        for value in condition.values:
            tunable()[condition.parent].validate_python(value)
    ordered = in_order([*sorted(CONDITIONS), "loss.name", "loss.class_weights"])
    assert ordered.index("loss.name") < ordered.index("loss.class_weights") < ordered.index("loss.beta")


def test_first_trial_is_the_experiment_itself():
    own = own_settings(loss={"name": "focal", "gamma": 1.5})
    space = {
        "loss.gamma": Dimension(float=[1, 3]),
        "loss.name": Dimension(choice=["cross_entropy", "focal"]),
        "training.batch_size": Dimension(int=[8, 32]),
    }
    assert first_values(space, own) == {"loss.gamma": 1.5, "loss.name": "focal", "training.batch_size": 32}


def test_first_trial_leaves_out_what_has_no_effect():
    space = {"loss.gamma": Dimension(float=[1, 3]), "loss.name": Dimension(choice=["cross_entropy", "focal"])}
    assert first_values(space, own_settings()) == {"loss.name": "cross_entropy"}


@pytest.mark.parametrize("before, after", list(itertools.product(names_of(LOSSES), repeat=2)))
def test_every_loss_can_take_the_place_of_every_other(before, after):
    changed = {
        "cross_entropy": {"label_smoothing": 0.1, "class_weights": "inverse"},
        "focal": {"gamma": 1.0},
        "class_balanced": {"gamma": 1.0, "base": "focal"},
        "ldam": {"max_margin": 1.0},
        "logit_adjusted": {"tau": 2.0},
        "asymmetric_focal": {"margin": 0.1},
        "label_aware_smoothing": {"head_smoothing": 0.3},
    }
    own = own_settings(loss={"name": before, **changed.get(before, {})}, training={"epochs": 30})
    settings = trial_settings(own, {"loss.name": after}, True)
    assert settings.loss.name == after
    if before == after:
        assert settings.loss == own.loss
    # Weights on top of a loss that reckons with the counts itself would count them twice.
    if after in ("balanced_softmax", "logit_adjusted", "ldam"):
        assert settings.loss.class_weights == "none"


def test_weights_that_were_asked_for_stay_with_a_loss_that_takes_them():
    own = own_settings(loss={"class_weights": "inverse"})
    assert trial_settings(own, {"loss.name": "focal"}, True).loss.class_weights == "inverse"


def test_deferred_weights_go_with_the_weights():
    own = own_settings(training={"deferred": 20})
    assert trial_settings(own, {"loss.name": "ldam"}, True).training.deferred is None
    assert trial_settings(own, {"loss.name": "focal"}, True).training.deferred == 20


def test_values_that_do_not_go_together_are_refused():
    values = {"training.second_stage": "crt", "model.branches": "experts"}
    with pytest.raises(ValueError, match="second_stage"):
        trial_settings(own_settings(), values, True)


def test_what_is_no_setting_of_a_trial_is_left_as_it_is():
    own = own_settings()
    settings = trial_settings(own, {"model.image.dropout": 0.5}, True)
    assert settings.seed == 5 and own == own_settings()
    assert setting(settings, "model.image.dropout") == 0.5


def test_hyperbands_own_values_are_no_settings():
    values = {"tuner/epochs": 3, "loss.name": "focal", "model.tabular.hidden_units": "json:[64]"}
    assert plain_values(values) == {"loss.name": "focal", "model.tabular.hidden_units": [64]}


@pytest.mark.parametrize("loss", names_of(LOSSES))
@pytest.mark.parametrize("has_image, has_table", [(True, False), (False, True), (True, True)])
def test_default_space_begins_with_the_experiment_and_is_valid(loss, has_image, has_table):
    for training in (
        {},
        {"deferred": 5} if loss in ("cross_entropy", "focal") else {},
        {"second_stage": "crt"},
    ):
        own = own_settings(
            model={"image": {"backbone": "MobileNetV2", "weights": "imagenet"}},
            loss={"name": loss},
            training=training,
        )
        space = checked_space(default_space(own, has_image, has_table, "val_macro_f1"))
        assert not space_problems(space, own, has_image, has_table)
        assert trial_settings(own, first_values(space, own), has_image) == own
        assert ("model.image.fine_tune" in space) == has_image
        by_loss = default_space(own, has_image, has_table, "val_loss")
        assert not space_problems(by_loss, own, has_image, has_table, "val_loss")
        assert "training.sampling" in by_loss and "loss.name" not in by_loss


# What a search over the rare class is to reach, by the kind of data.
REACH = {
    "images from scratch": (
        {"image": {"backbone": "small_cnn"}},
        (True, False),
        {
            "model.attention",
            "model.branches",
            "model.image.alpha",
            "model.image.dropout",
            "model.embedding_units",
        }
        | {f"augmentation.{name}" for name in ("image", "alpha", "crop_flip", "turn_zoom", "strength")},
    ),
    "pretrained images": (
        {"image": {"backbone": "MobileNetV2", "weights": "imagenet"}},
        (True, False),
        {"model.image.fine_tune", "model.image.fine_tune_learning_rate_scale", "model.embedding_units"},
    ),
    "tables": (
        {},
        (False, True),
        {"model.tabular.encoder", "model.tabular.hidden_units", "model.tabular.dropout", "model.branches"},
    ),
}
ALWAYS = {"loss.name", "loss.gamma", "loss.tau", "loss.class_weights", "training.sampling"}


@pytest.mark.parametrize("kind", REACH)
def test_default_space_reaches_what_a_rare_class_depends_on(kind):
    model, inputs, keys = REACH[kind]
    own = own_settings(model=model)
    space = checked_space(default_space(own, *inputs, "val_macro_f1"))
    assert set(space) >= keys | ALWAYS | {"training.optimizer.learning_rate"}
    assert not space_problems(space, own, *inputs)


def test_embeddings_that_training_makes_leave_the_rest_of_the_space_valid():
    own = own_settings(
        model={"image": {"backbone": "MobileNetV2", "weights": "imagenet"}},
        augmentation={"image": "embedding_smote"},
    )
    space = default_space(own, True, False, "val_macro_f1")
    assert not space_problems(checked_space(space), own, True, False)
    assert not {"model.attention", "model.branches", "augmentation.crop_flip"} & set(space)


@pytest.mark.parametrize("key", ["loss.gamma", "loss.class_weights", "model.branches"])
def test_losses_that_are_not_the_same_figure_rank_no_trials(key):
    own = own_settings(loss={"name": "focal"})
    values = {
        "loss.gamma": [1.0, 2.0],
        "loss.class_weights": ["none", "inverse"],
        "model.branches": ["single"],
    }
    space = {key: Dimension(choice=values[key])}
    [problem] = space_problems(space, own, True, True, "val_loss")
    assert key in problem and "val_macro_f1" in problem
    assert not space_problems(space, own, True, True, "val_macro_f1")


def test_settings_counted_in_epochs_keep_their_place_in_a_shorter_training():
    own = own_settings(
        training={"epochs": 30, "deferred": 24, "optimizer": {"warmup_epochs": 3}, "second_stage_epochs": 9}
    )
    training = shortened(own, 10).training
    assert (training.epochs, training.deferred, training.second_stage_epochs) == (10, 8, 3)
    assert training.optimizer.warmup_epochs == 1
    for epochs in range(1, 40):
        TrainingSettings.model_validate(shortened(own, epochs).training.model_dump())
    assert shortened(own, 1).training.deferred is None
    assert shortened(own, 30) is own


@pytest.mark.parametrize("max_trials", [1, 2, 5, 11, 19, 69, 200])
@pytest.mark.parametrize("max_epochs", [1, 3, 10, 30, 100])
def test_brackets_keep_to_the_number_of_trials(max_trials, max_epochs):
    sizes = bracket_sizes(max_trials, max_epochs)
    assert 1 <= sum(map(sum, sizes)) <= max_trials
    for number, rounds in enumerate(sizes):
        assert len(rounds) == number + 1 and rounds == sorted(rounds, reverse=True)
        assert 3**number <= max_epochs


def test_brackets_of_enough_trials_are_those_of_the_paper():
    # R = 27, eta = 3: (S + 1) / (s + 1) * 3**s trials begin in bracket s = 3 ... 0.
    sizes = bracket_sizes(69, 27)
    assert [rounds[0] for rounds in sizes] == [4, 6, 12, 27]
    assert sizes[3] == [27, 9, 3, 1]


def test_setting_that_decides_the_score_is_the_most_important():
    trials = [
        {"rate": rate, "name": name, "other": other}
        for rate in (1, 2, 3)
        for name in "ab"
        for other in (0, 1)
    ]
    scores = [trial["rate"] + 10.0 * (trial["name"] == "a") for trial in trials]
    shares = importance(trials, scores)
    assert list(shares) == ["name", "rate", "other"]
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["name"] > 0.8 and shares["other"] < 0.02


def test_importance_of_few_or_equal_trials_is_unknown():
    assert importance([{"a": 1}] * 3, [1.0, 2.0, 3.0]) == {}
    assert importance([{"a": 1}] * 9, [1.0] * 9) == {}


def test_images_made_before_training_are_not_blended_by_some_trials_alone():
    space = {"augmentation.image": Dimension(choice=["none", "mixup"])}
    [problem] = space_problems(space, own_settings(augmentation={"image": "rotate_scale"}), True, False)
    assert "rotate_scale" in problem and "out of tuner.space" in problem
    assert not space_problems(space, own_settings(), True, False)


def test_strength_is_searched_over_where_training_moves_images():
    strength = {"augmentation.strength": Dimension(float=[0.2, 1])}
    moved = {"augmentation.turn_zoom": Dimension(choice=[False, True])}
    own = own_settings()
    [problem] = space_problems(checked_space(strength), own, True, False)
    assert "augmentation.turn_zoom" in problem
    space = checked_space(strength | moved)
    assert not space_problems(space, own, True, False)
    assert first_values(space, own) == {"augmentation.turn_zoom": False}
