"""What an experiment without a recipe becomes by its data."""

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from pipeline.config import Experiment, load_experiment
from pipeline.configuration.auto_recipe import with_auto_recipe, with_auto_recipe_of_local_data
from pipeline.configuration.check_with_data import check_with_data
from pipeline.proposal.propose import propose

BARE = "data:\n  format: csv\n  path: parts.csv\n  label: defect\n"


@pytest.fixture
def resolve(tmp_path):
    random = np.random.default_rng(0)
    kinds = ["True" if number % 10 == 0 else "good" for number in range(400)]
    rows = [f"{value:.3f},{kind}" for value, kind in zip(random.normal(size=400), kinds, strict=True)]
    (tmp_path / "parts.csv").write_text("\n".join(["width,defect", *rows]))

    def resolved(text="", *overrides):
        path = tmp_path / "parts.yaml"
        path.write_text(BARE + text)
        return with_auto_recipe(*check_with_data(load_experiment(str(path), overrides)))

    return resolved


def test_a_bare_experiment_is_what_init_proposes(resolve, tmp_path):
    bare, sentence = resolve()
    proposed = load_experiment(
        propose(str(tmp_path / "parts.csv"), str(tmp_path / "parts.yaml"), force=True).output
    )
    assert bare.recipe == "tabular" and bare.training.folds > 1
    assert bare.model.tabular.trees.enabled and bare.model.blend == "fitted"
    assert all(part in sentence for part in ("recipe: tabular", "400 rows", "minute", "recipe: none"))
    ours, theirs = (one.model_dump(exclude={"data", "validation"}) for one in (bare, proposed))
    assert ours == theirs
    assert bare.training.batch_size != Experiment.model_fields["training"].default_factory().batch_size


def test_eval_that_the_data_give_is_not_joined_with_train(resolve, tmp_path):
    parts = ("train", "train", "eval", "test")
    rows = [f"{row % 17 + 0.5},{parts[row % 4]},{'good' if row % 5 else 'scratch'}" for row in range(200)]
    (tmp_path / "parts.csv").write_text("\n".join(["width,split,defect", *rows]))
    own, _ = resolve("  splits: {column: split}\n")
    assert own.training.folds == 1 and own.model.tabular.trees.enabled
    proposed = propose(str(tmp_path / "parts.csv"), str(tmp_path / "parts.yaml"), "defect", force=True)
    assert load_experiment(proposed.output).training.folds == 1
    # Without one it is cut from train, and may be joined.
    for split in ("train", "test"):
        kept = [row for row in rows if f",{split}," in row]
        (tmp_path / f"{split}.csv").write_text("\n".join(["width,split,defect", *kept]))
    cut, _ = resolve("  splits: {train: train.csv, test: test.csv}\n  drop: [split]\n", "data.path=null")
    assert cut.training.folds > 1


def test_a_resolved_experiment_is_resolved_for_good(resolve):
    bare, _ = resolve()
    assert with_auto_recipe(Experiment.model_validate_json(bare.model_dump_json(by_alias=True)), {}) == (
        bare,
        None,
    )


def test_what_the_experiment_says_itself_goes_over_the_recipe(resolve):
    experiment, _ = resolve(
        "training: {epochs: 7}\nloss: {name: cross_entropy}\ndecision: {prior: {true: 0.5, good: 0.5}}\n"
    )
    assert experiment.training.epochs == 7 and experiment.training.batch_size == 32
    # A default that the loss brings with it is nothing that was said.
    assert experiment.loss.class_weights == "none"
    assert experiment.decision.prior == {"True": 0.5, "good": 0.5} and experiment.decision.rule == "macro_f1"
    assert resolve("loss: {name: focal}\n")[0].loss.class_weights == "sqrt_inverse"


@pytest.mark.parametrize("text", ["recipe: none\n", "recipe: null\n"])
def test_without_a_recipe_the_defaults_stay(resolve, text):
    experiment, sentence = resolve(text)
    assert sentence is None and experiment.model.tabular.encoder == "mlp" and experiment.recipe == "none"


def test_settings_that_contradict_the_recipe_keep_the_defaults_and_that_is_said(resolve):
    # Nor do they with the few epochs of an answer in a minute.
    experiment, sentence = resolve("training: {deferred: 20}\nquality: fast\n")
    assert experiment.recipe == "none" and experiment.training.deferred == 20
    assert "do not go with tabular" in sentence


def test_quality_takes_more_time_or_less(resolve):
    fast, balanced, best = (resolve("", f"quality={quality}")[0] for quality in ("fast", "balanced", "best"))
    assert fast.training.epochs < balanced.training.epochs < best.training.epochs
    assert (
        fast.model.tabular.encoder == "mlp" and best.model.tabular.encoder == balanced.model.tabular.encoder
    )


def test_images_are_taken_at_their_own_size(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for name, size in (("cat", 8), ("dog", 4)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(size):
            Image.new("L", (40, 24), number).save(tmp_path / "pets" / name / f"{number}.png")
    path = tmp_path / "pets.yaml"
    path.write_text("data: {format: image_folder, path: pets}")
    experiment, sentence = with_auto_recipe(*check_with_data(load_experiment(str(path))))
    assert (experiment.recipe, experiment.model.image.size) == ("image_scratch", (24, 40))
    assert experiment.model.image.channels == 1 and "no pretrained" not in sentence


def test_a_weights_file_that_is_named_is_weights_enough(tmp_path):
    (tmp_path / "mine.h5").touch()
    (tmp_path / "table.csv").write_text("file,label\na.png,a\n")
    path = tmp_path / "x.yaml"
    path.write_text("data: {format: csv, path: table.csv, image: file}\nmodel: {image: {weights: mine.h5}}")
    experiment, _ = with_auto_recipe(load_experiment(str(path)), {"a": 90, "b": 10})
    assert experiment.recipe == "image_pretrained" and experiment.model.image.weights == str(
        tmp_path / "mine.h5"
    )


def test_what_is_compiled_for_elsewhere_needs_the_data_or_a_recipe(tmp_path, resolve):
    assert resolve()[0] == with_auto_recipe_of_local_data(load_experiment(str(tmp_path / "parts.yaml")))[0]
    (tmp_path / "parts.csv").unlink()
    elsewhere = load_experiment(str(tmp_path / "parts.yaml"))
    with pytest.raises(InputError, match=r"is not on this machine\. Set recipe to one of: none, "):
        with_auto_recipe_of_local_data(elsewhere)
