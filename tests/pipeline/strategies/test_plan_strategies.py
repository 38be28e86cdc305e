"""Which strategies fit which experiments, and the experiments they are one change to."""

import pytest
import yaml

from core.errors import InputError
from models.catalogue.attention import ATTENTION
from models.catalogue.branches import BRANCHES
from models.catalogue.losses import LOSSES
from models.catalogue.mixing import MIXINGS
from models.catalogue.row import names_of
from models.catalogue.sampling import SAMPLINGS
from models.catalogue.second_stages import SECOND_STAGES
from models.catalogue.strategies import STRATEGIES
from models.settings import TrainingSections
from models.strategies.combine import combined_sections
from pipeline.config import load_experiment
from pipeline.strategies.plain import plain_experiment
from pipeline.strategies.plan_strategies import plan_strategies


@pytest.fixture
def experiment_of(tmp_path):
    """Writes an experiment on a table, or on images, and reads it."""

    def make(data=None, **content):
        (tmp_path / "t.csv").write_text("a,b,kind,file\n" + "1.5,2.5,x,p.png\n" * 3 + "2.5,1.5,y,q.png\n" * 3)
        data = data or {"format": "csv", "path": "t.csv", "label": "kind", "drop": ["file"]}
        path = tmp_path / "e.yaml"
        path.write_text(yaml.safe_dump({"recipe": "none", "data": data, **content}))
        return load_experiment(str(path))

    return make


IMAGES = {"format": "image_folder", "path": "."}


def names(plan):
    return {one.name for one in plan.strategies}


def test_every_choice_for_imbalanced_data_is_a_strategy():
    settings = [set(row.settings.values()) for row in STRATEGIES if row.settings]
    offered = set().union(*settings)
    chosen = [*LOSSES, *ATTENTION, *BRANCHES, *MIXINGS, *SAMPLINGS, *SECOND_STAGES]
    plain = {"cross_entropy", "single", "natural"}
    # Class-balanced cross entropy is cross entropy with weights by effective number.
    assert set(names_of(chosen)) - plain - {"class_balanced"} <= offered
    keys = [(row.name, row.kind) for row in STRATEGIES]
    assert len(set(keys)) == len(keys)


def test_strategies_of_a_table(experiment_of):
    plan = plan_strategies(plain_experiment(experiment_of()))
    assert {"weights_inverse", "smote", "oversample", "feature_attention", "experts", "crt"} <= names(plan)
    left_out = {one.name: one.reason for one in plan.does_not_fit}
    for name in ("cbam", "rotate_scale", "cutmix", "turn_zoom", "frozen", "fusion_gating"):
        assert name not in names(plan) and left_out[name]
    assert names(plan) | set(left_out) == {row.name for row in STRATEGIES}
    assert not names(plan) & set(left_out)
    [copied] = [one for one in plan.strategies if one.name == "oversample"]
    assert copied.settings == {"augmentation.tabular": "oversample"}


def test_strategies_of_images(experiment_of):
    plan = plan_strategies(plain_experiment(experiment_of(IMAGES)))
    assert {"cbam", "rotate_scale", "cutmix", "turn_zoom", "bilateral", "ldam_deferred"} <= names(plan)
    left_out = {one.name: one.reason for one in plan.does_not_fit}
    assert {"smote", "feature_attention", "from_scratch", "embedding_smote"} <= set(left_out)
    assert "pretrained" in left_out["from_scratch"]


def test_transfer_is_for_pretrained_weights_and_other_than_the_experiments_own(experiment_of):
    image = {"backbone": "MobileNetV2", "weights": "imagenet", "fine_tune": "last_block", "frozen_epochs": 2}
    plain = plain_experiment(experiment_of(IMAGES, model={"image": image}))
    plan = plan_strategies(plain, only=["transfer", "embedding_smote"])
    assert names(plan) == {"from_scratch", "frozen", "fine_tune_all", "embedding_smote"}
    own = TrainingSections.from_config(plain.model_dump(mode="json"))
    by_name = {one.name: combined_sections(own, one.settings, True).model.image for one in plan.strategies}
    assert by_name["from_scratch"].weights is None and by_name["frozen"].fine_tune == "none"


def test_every_strategy_is_one_change_that_the_experiment_takes(experiment_of):
    """Of the settings of plain cross entropy all others stay, but for what goes with the change."""
    for data in (None, IMAGES):
        plain = plain_experiment(experiment_of(data, training={"folds": 1, "epochs": 10}))
        own = TrainingSections.from_config(plain.model_dump(mode="json"))
        before = own.model_dump(mode="json")
        for one in plan_strategies(plain).strategies:
            after = combined_sections(own, one.settings, data is not None).model_dump(mode="json")
            changed = {
                f"{section}.{key}"
                for section in ("model", "loss", "training", "augmentation")
                for key in before[section]
                if before[section][key] != after[section][key]
            }
            assert bool(changed) == (one.rule is None), one.name
            assert changed <= {".".join(key.split(".")[:2]) for key in one.settings}, one.name


def test_plain_cross_entropy_has_no_strategy_and_the_experiments_network(experiment_of):
    experiment = experiment_of(
        loss={"name": "focal", "gamma": 3, "class_weights": "inverse"},
        training={"epochs": 7, "sampling": "sqrt", "second_stage": "crt", "deferred": 5, "folds": 3},
        augmentation={"tabular": "smote", "neighbours": 3, "target_ratio": 0.5},
        model={"tabular": {"encoder": "feature_attention", "trees": {"enabled": True}}},
        decision={"rule": "macro_f1", "prior": {"x": 0.5, "y": 0.5}},
        tuner={"enabled": True},
    )
    plain = plain_experiment(experiment)
    assert (plain.loss.name, plain.loss.class_weights) == ("cross_entropy", "none")
    training = plain.training
    assert (training.sampling, training.second_stage, training.deferred) == ("natural", "none", None)
    assert (training.epochs, training.folds) == (7, 3)
    assert plain.augmentation.tabular == "none" and plain.augmentation.neighbours == 3
    assert plain.model.tabular.encoder == "mlp" and not plain.model.tabular.trees.enabled
    assert plain.decision.rule == "argmax" and plain.decision.prior == {"x": 0.5, "y": 0.5}
    assert not plain.tuner.enabled
    assert plan_strategies(plain).prior == {"x": 0.5, "y": 0.5}


def test_records_that_are_judged_out_of_fold_are_not_taken_away(experiment_of):
    for folds, fits in ((1, True), (3, False)):
        plan = plan_strategies(plain_experiment(experiment_of(training={"folds": folds})))
        assert ("undersample" in names(plan)) is fits and "smote" in names(plan)


def test_two_folds_judge_where_time_is_limited(experiment_of):
    for folds, minutes, judging in ((5, None, None), (5, 20.0, 2), (2, 20.0, None), (1, 20.0, None)):
        plain = plain_experiment(experiment_of(training={"folds": folds}))
        assert plan_strategies(plain, minutes=minutes).folds == judging
        assert plain.training.folds == folds


def test_only_takes_names_and_families_in_the_order_of_their_turns(experiment_of):
    plan = plan_strategies(plain_experiment(experiment_of()), only=["decision", "focal", "weights_inverse"])
    assert [one.name for one in plan.strategies] == [
        "rule_macro_f1",
        "rule_balanced_accuracy",
        "focal",
        "weights_inverse",
    ]
    assert plan.does_not_fit == ()


def test_an_unknown_strategy_is_refused_with_the_nearest(experiment_of):
    with pytest.raises(InputError, match=r"no strategy 'focl'. Did you mean 'focal'\?"):
        plan_strategies(plain_experiment(experiment_of()), only=["focl"])


def test_where_none_fits_each_reason_is_said(experiment_of):
    with pytest.raises(
        InputError, match=r"(?s)none of these strategies fits.*cbam: It is for images.*Leave --only out"
    ):
        plan_strategies(plain_experiment(experiment_of()), only=["cbam", "rotate_scale"])


def test_class_weights_set_in_late_only_where_there_is_time(experiment_of):
    [one] = plan_strategies(
        plain_experiment(experiment_of(training={"epochs": 30})), only=["ldam_deferred"]
    ).strategies
    assert one.settings["training.deferred"] == 24
    plan = plan_strategies(plain_experiment(experiment_of(training={"epochs": 1})))
    assert "ldam_deferred" in {left_out.name for left_out in plan.does_not_fit}
