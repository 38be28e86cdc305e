"""The stage over what Transform made of real records."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, f1_score
from tfx.types import artifact_utils, standard_artifacts

from components.artifacts import ContenderResults
from components.contenders import component
from components.contenders.component import Contenders
from components.decision_calibrator.settings import DecisionSettings
from components.examples_io import shard_path, write_shard
from core.features import CATEGORICAL, LABEL, MISSING, NUMERIC
from models.network.backbones.small_cnn import small_cnn
from models.settings import ModelSettings

TABLE = ["majority", "logistic_regression", "gradient_boosting", "weighted_gradient_boosting"]
TRAIN, EVAL, TEST = range(0, 120), range(120, 160), range(160, 200)


@dataclass
class Stage:
    """Artifacts of one kind of records."""

    data: object
    folder: Path
    channels: dict

    def run(self, names, out="out", **model):
        results = ContenderResults()
        results.uri = str(self.folder / out)
        Contenders.test_call(
            **self.channels,
            results=results,
            names=json.dumps(names),
            decision=DecisionSettings(calibrate=False).model_dump_json(),
            model=ModelSettings(image={"size": (16, 16), **model}).model_dump_json(),
            embed_fn="models.embeddings.embed_fn",
            seed=4,
        )
        return json.loads((self.folder / out / "contenders.json").read_text())["contenders"]


@pytest.fixture(scope="module")
def stage_of(data_of, example, tmp_path_factory):
    def get(kind: str, strangers: int = 0) -> Stage:
        data, folder = data_of(kind), tmp_path_factory.mktemp(kind)
        raw = [example(data.records[place]) for place in TEST]
        raw += [example({**data.records[0], "defect kind": "a class of its own"})] * strangers
        splits = {
            ("transformed_examples", "train"): [data.transformed.examples[place] for place in TRAIN],
            ("transformed_examples", "eval"): [data.transformed.examples[place] for place in EVAL],
            ("examples", "test"): raw,
        }
        for (channel, split), serialized in splits.items():
            place = folder / channel / f"Split-{split}"
            place.mkdir(parents=True)
            for shard in range(2):
                write_shard(shard_path(str(place), shard, 2), serialized[shard::2])
        kinds = {"examples": standard_artifacts.Examples, "transformed_examples": standard_artifacts.Examples}
        channels = {"transform_graph": standard_artifacts.TransformGraph()}
        for name, artifact in kinds.items():
            channels[name] = artifact()
            channels[name].uri = str(folder / name)
            channels[name].split_names = artifact_utils.encode_split_names(["eval", "test", "train"])
        channels["transform_graph"].uri = data.transformed.folder
        return Stage(data, folder, channels)

    return get


@pytest.fixture(scope="module")
def table(stage_of):
    return stage_of("table", strangers=3)


@pytest.fixture(scope="module")
def measured(table) -> dict:
    """What the stage says of the contenders that learn from a table."""
    return table.run(TABLE)


def in_shard_order(places) -> list[int]:
    return [*list(places)[0::2], *list(places)[1::2]]


def test_every_contender_is_measured_on_test(table, measured):
    assert list(measured) == TABLE
    support = Counter(table.data.records[place]["defect kind"] for place in TEST)
    for name, result in measured.items():
        found = {of_class: row["support"] for of_class, row in result["per_class"].items()}
        assert found == dict(support), name
        assert result["notes"] == [] and result["seconds"] >= 0
    assert measured["gradient_boosting"]["summary"]["macro_f1"] > measured["majority"]["summary"]["macro_f1"]


def test_figures_are_those_of_scikit_learn_on_what_transform_wrote(table, measured):
    columns = table.data.transformed.columns()
    inputs = np.hstack([columns[NUMERIC], columns[MISSING], columns[CATEGORICAL]])
    train, test = in_shard_order(TRAIN), in_shard_order(TEST)
    labels = columns[LABEL].reshape(-1)
    model = HistGradientBoostingClassifier(categorical_features=[4, 5], random_state=4)
    probabilities = model.fit(inputs[train], labels[train]).predict_proba(inputs[test])
    result = measured["gradient_boosting"]
    decided = probabilities.argmax(axis=1)
    assert result["summary"]["macro_f1"] == pytest.approx(f1_score(labels[test], decided, average="macro"))
    for index, (name, row) in enumerate(result["per_class"].items()):
        expected = average_precision_score(labels[test] == index, probabilities[:, index])
        assert row["average_precision"] == pytest.approx(expected, abs=1e-6), name


def test_of_very_many_records_every_class_is_thinned_and_the_result_says_so(table, monkeypatch):
    monkeypatch.setattr(component, "MOST_TRAIN_RECORDS", 60)
    seen = []
    make = component.make_contender
    monkeypatch.setattr(
        component, "make_contender", lambda *words: seen.append(words[3].tolist()) or make(*words)
    )
    result = table.run(["majority"])["majority"]
    # Of 72, 36 and 12 records half are 36, 18 and 6; a class keeps ten.
    assert seen == [[36, 18, 10]]
    assert result["notes"] == ["Learnt from 64 of 120 train records, every class thinned alike."]


def test_without_an_image_the_probe_says_that_it_cannot(table):
    [note] = table.run(["linear_probe"])["linear_probe"]["notes"]
    assert "images" in note


def test_the_probe_learns_from_the_frozen_backbone(stage_of, tmp_path):
    stage = stage_of("both")
    weights = tmp_path / "backbone.weights.h5"
    settings = ModelSettings(image={"size": (16, 16)}).image
    small_cnn(settings, (16, 16, 3), seed=9).save_weights(weights)
    results = stage.run(["linear_probe", "logistic_regression"], weights=str(weights))
    # Brightness alone tells three quarters of the classes; even random filters see it.
    assert results["linear_probe"]["summary"]["macro_f1"] > 0.4
    assert results["linear_probe"]["notes"] == ["It sees the image alone, not the columns."]
    assert results["logistic_regression"]["notes"] == ["It sees the columns alone, not the image."]
    [note] = stage.run(["linear_probe"])["linear_probe"]["notes"]
    assert "Set model.image.weights" in note


def test_without_columns_the_others_say_that_they_cannot(stage_of):
    results = stage_of("image").run(["gradient_boosting", "majority"])
    assert (
        "none" in results["gradient_boosting"]["notes"][0] and results["gradient_boosting"]["summary"] == {}
    )
    assert results["majority"]["summary"]["accuracy"] > 0.5
