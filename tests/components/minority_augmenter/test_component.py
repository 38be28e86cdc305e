"""The stage over transformed examples on disk."""

import json
import math

import numpy as np
import pytest

from components.artifacts import ClassPriors
from components.minority_augmenter import image_making, units
from components.minority_augmenter.component import MinorityAugmenter
from core.augmentation.settings import TABULAR
from core.errors import InputError
from core.features import CATEGORICAL, IMAGE, LABEL, MISSING, NUMERIC

BEFORE = {"common": 160, "rare": 40, "rarest": 12}
EXACT = ("oversample", "smote", "borderline_smote", "svm_smote")


@pytest.mark.parametrize("strategy", EXACT)
@pytest.mark.parametrize("kind", ["mixed", "numbers"])
def test_every_class_reaches_its_size(stage, strategy, kind):
    result = stage.write(kind).run(tabular=strategy, target_ratio=0.5)
    assert result.train.counts == {"common": 160, "rare": 80, "rarest": 80}
    assert result.priors["counts"] == {"before": BEFORE, "after": result.train.counts}
    assert result.priors["priors"]["after"] == pytest.approx({"common": 0.5, "rare": 0.25, "rarest": 0.25})
    assert result.priors["plan"] == {"make": {"rare": 40, "rarest": 68}, "keep": {}}


def test_with_nothing_asked_all_shards_pass_byte_for_byte(stage):
    result = stage.write().run()
    given = {path.name: path.read_bytes() for path in (stage.folder / "examples" / "Split-train").iterdir()}
    passed = {path.name: path.read_bytes() for path in (result.folder / "examples" / "Split-train").iterdir()}
    assert passed == given and len(given) == 3
    assert result.priors["priors"]["before"] == result.priors["priors"]["after"]
    assert result.provenance == [] and sorted(p.name for p in (result.folder / "priors").iterdir()) == [
        "priors.json",
        "provenance.csv",
    ]


def test_what_training_makes_is_planned_as_for_smote_and_nothing_is_made(stage):
    result = stage.write("none", images=True).run(image="embedding_smote", target_ratio=0.5)
    given = {path.name: path.read_bytes() for path in (stage.folder / "examples" / "Split-train").iterdir()}
    passed = {path.name: path.read_bytes() for path in (result.folder / "examples" / "Split-train").iterdir()}
    assert passed == given
    priors = result.priors
    assert priors["plan"] == {"make": {"rare": 40, "rarest": 68}, "keep": {}}
    assert priors["counts"] == {"before": BEFORE, "after": BEFORE} and not any(priors["made"].values())
    assert priors["notes"][0].startswith("class 'rare': 40 examples are made in training, by embedding_smote")
    assert result.provenance == []


@pytest.mark.parametrize(
    ("kind", "images", "settings", "message"),
    [
        ("numbers", True, {}, "columns beside them.*rotate_scale"),
        ("numbers", False, {}, "records have none"),
        ("none", True, {"target_ratio": {"rarer": 5}}, "Did you mean 'rare"),
    ],
)
def test_embeddings_are_refused_where_there_can_be_none(stage, kind, images, settings, message):
    with pytest.raises(InputError, match=message):
        stage.write(kind, images=images).run(image="embedding_smote", **settings)


@pytest.mark.parametrize("strategy", ["smote", "undersample", "smote_enn"])
def test_eval_passes_byte_for_byte(stage, strategy):
    result = stage.write().run(tabular=strategy)
    for path in (stage.folder / "examples" / "Split-eval").iterdir():
        assert (result.folder / "examples" / "Split-eval" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("strategy", [name for name in TABULAR if name not in ("none", "undersample")])
def test_parents_are_train_records_of_the_same_class_and_nothing_else(stage, strategy):
    train = stage.write().run(tabular=strategy).train
    of_key = {record["record_key_xf"]: record for record in train.records(synthetic=False)}
    made = train.records(synthetic=True)
    assert made and len(set(train.keys)) == len(train.keys)
    for record in made:
        assert record["augmentation_parents"]
        for parent in record["augmentation_parents"]:
            assert parent.startswith("train.csv")
            assert parent not in of_key or of_key[parent][LABEL] == record[LABEL]
    assert all(record["augmentation_parents"] is None for record in of_key.values())


def test_smote_rows_lie_between_the_parents_they_name_and_have_categories_of_their_class(stage):
    train = stage.write().run(tabular="smote").train
    of_key = {record["record_key_xf"]: record for record in train.records(synthetic=False)}
    for record in train.records(synthetic=True):
        first, second = (np.array(of_key[key][NUMERIC]) for key in record["augmentation_parents"])
        point = np.array(record[NUMERIC])
        apart = np.linalg.norm(second - first)
        assert np.linalg.norm(point - first) + np.linalg.norm(second - point) == pytest.approx(
            apart, abs=1e-5
        )
        own = [one for one in of_key.values() if one[LABEL] == record[LABEL]]
        for name in (MISSING, CATEGORICAL):
            for place, value in enumerate(record[name]):
                assert value in {one[name][place] for one in own}


def test_undersampling_keeps_exactly_the_share_and_says_who_left(stage):
    result = stage.write().run(tabular="undersample", target_ratio=0.25)
    train = result.train
    assert train.counts == {"common": 48, "rare": 40, "rarest": 12} == result.priors["counts"]["after"]
    left = {row["key"] for row in result.provenance}
    assert len(left) == 112 and not left & set(train.keys)
    assert {(row["what"], row["class"], row["method"]) for row in result.provenance} == {
        ("removed", "common", "undersample")
    }


@pytest.mark.parametrize("strategy", ["smote_tomek", "smote_enn", "adasyn"])
def test_what_the_files_hold_is_what_the_priors_say(stage, strategy):
    result = stage.write("numbers").run(tabular=strategy)
    priors, train = result.priors, result.train
    assert train.counts == priors["counts"]["after"]
    assert len(train.records(synthetic=True)) == sum(priors["made"].values())
    assert 212 - len(train.records(synthetic=False)) == sum(priors["removed"].values())
    removed = [row["key"] for row in result.provenance if row["what"] == "removed"]
    assert not set(removed) & set(train.keys) and len(removed) == sum(priors["removed"].values())
    assert (len(removed) > 0) == (strategy != "adasyn")


@pytest.mark.parametrize("strategy", ["smote", "smote_enn", "undersample"])
def test_equal_seeds_give_equal_bytes_and_others_do_not(stage, strategy):
    stage.write()
    first = stage.run("first", tabular=strategy, target_ratio=0.5).files
    again = stage.run("again", tabular=strategy, target_ratio=0.5).files
    other = stage.run("other", seed=1, tabular=strategy, target_ratio=0.5).files
    assert first == again
    assert first["priors/provenance.csv"] != other["priors/provenance.csv"]
    assert {name for name in first if "Split-train" in name and first[name] != other.get(name)}


@pytest.mark.parametrize("workers", [1, 2])
def test_beam_gives_the_same_bytes(stage, workers):
    settings = {"tabular": "smote_tomek", "target_ratio": 0.5}
    here = stage.write().run("here", **settings).files
    assert stage.run("beam", beam_args=(f"--direct_num_workers={workers}",), **settings).files == here


def test_provenance_names_every_new_record_with_its_parents(stage):
    result = stage.write().run(tabular="smote", target_ratio="sqrt")
    made = {row["key"]: row for row in result.provenance}
    records = result.train.records(synthetic=True)
    assert (
        len(made) == len(records) == math.ceil(math.sqrt(40 * 160)) - 40 + math.ceil(math.sqrt(12 * 160)) - 12
    )
    for record in records:
        row = made[record["record_key_xf"]]
        assert json.loads(row["parents"]) == record["augmentation_parents"]
        assert row["method"] == record["augmentation_method"] == "smote" and row["what"] == "made"


def test_large_classes_are_done_in_parts(stage, monkeypatch):
    monkeypatch.setattr(units, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(units, "_MOST_ROWS", 60)
    stage.write()
    for strategy in ("smote", "svm_smote", "smote_tomek"):
        result = stage.run(strategy, tabular=strategy, target_ratio={"rare": 240, "rarest": 30})
        shards = [name for name in result.files if "synthetic" in name]
        assert len(shards) > 2
        after = result.train.counts
        assert after == result.priors["counts"]["after"]
        if strategy != "smote_tomek":
            assert after == {"common": 160, "rare": 240, "rarest": 30}


def test_a_class_too_small_for_its_neighbours_is_noted(stage):
    notes = stage.write().run(tabular="smote", neighbours=30).priors["notes"]
    assert notes == ["class 'rarest': 12 examples, neighbours lowered to 11"]


def test_images_are_copied_with_all_else_of_their_record(stage):
    train = stage.write("none", images=True).run(image="oversample").train
    assert train.counts == {"common": 160, "rare": 160, "rarest": 160}
    for record in train.records(synthetic=True):
        (parent,) = record["augmentation_parents"]
        assert train.record(parent)[IMAGE] == record[IMAGE] and record["augmentation_method"] == "oversample"
    used = [
        record["augmentation_parents"][0] for record in train.records(synthetic=True) if record[LABEL] == 1
    ]
    # 120 of 40: every image three times.
    assert {used.count(key) for key in used} == {3}


def test_new_images_are_made_of_the_first_parent_and_go_further_the_rarer_its_class(stage, monkeypatch):
    asked = []

    def make_image(encoded, operations, strength, random):
        asked.append((operations, strength, random.bytes(8)))
        return encoded + b" turned"

    monkeypatch.setattr(image_making, "make_image", make_image)
    settings = {"tabular": "smote", "image": "rotate_scale", "preset": "light"}
    train = stage.write("mixed", images=True).run(seed=3, **settings).train
    for record in train.records(synthetic=True):
        first, _ = record["augmentation_parents"]
        assert record[IMAGE] == f"picture of {first} turned".encode()
        assert record["augmentation_method"] == "smote+rotate_scale"
    draws = [draw for _, _, draw in asked]
    assert len(set(draws)) == len(draws) == 120 + 148
    # 40 and 12 of 160 images, and light goes 0.4 as far.
    strengths = {strength for _, strength, _ in asked}
    assert sorted(strengths) == pytest.approx([0.4 * (1 - 0.5 * 40 / 160), 0.4 * (1 - 0.5 * 12 / 160)])
    assert {operations for operations, _, _ in asked} == {("rotate", "zoom")}
    again = list(asked)
    asked.clear()
    stage.run("again", seed=3, **settings)
    assert asked == again


@pytest.mark.parametrize(
    ("kind", "images", "settings", "message"),
    [
        (
            "numbers",
            False,
            {"tabular": "smote", "target_ratio": {"comon": 5}},
            "'comon'.*Did you mean 'common'",
        ),
        ("none", True, {"tabular": "smote"}, "columns of a table.*rotate_scale"),
        ("numbers", False, {"image": "oversample"}, "the records have none"),
        ("categories", False, {"tabular": "adasyn"}, "no numeric column.*SMOTE-N"),
    ],
)
def test_settings_that_do_not_fit_the_data_are_refused(stage, kind, images, settings, message):
    with pytest.raises(InputError, match=message):
        stage.write(kind, images).run(**settings)


def test_smote_works_on_categories_alone(stage):
    train = stage.write("categories").run(tabular="smote").train
    assert train.counts == {"common": 160, "rare": 160, "rarest": 160}


@pytest.mark.slow
def test_workers_in_other_processes_give_the_same_bytes(stage):
    stage.write()
    settings = {"tabular": "smote", "target_ratio": 0.5}
    alone = stage.run("alone", **settings).files
    workers = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
    assert stage.run("workers", beam_args=workers, **settings).files == alone


def test_the_signature_is_the_contract():
    specification = MinorityAugmenter.SPEC_CLASS
    assert set(specification.INPUTS) == {"examples", "transform_graph"}
    assert set(specification.OUTPUTS) == {"augmented_examples", "class_priors"}
    assert set(specification.PARAMETERS) == {"augmentation", "seed", "beam_pipeline"}
    assert ClassPriors.TYPE_NAME == "counterpoise.ClassPriors"
