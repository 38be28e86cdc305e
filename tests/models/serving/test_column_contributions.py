"""Contributions of columns, as a SavedModel answers them, against Shapley values by their definition in NumPy."""

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.decision_calibrator.calibration import Calibration
from components.decision_calibrator.decided_model import DecidedModel
from components.decision_calibrator.rule import Rule
from core.features import CATEGORICAL, IMAGE, MISSING, NUMERIC, FeatureSpec, categories_vocabulary
from models.network.classifier import InputShape, build_classifier
from models.preprocessing.images import decode_images
from models.serving.export import export_classifier
from models.settings import ImageModelSettings, ModelSettings

CLASSES = ["scratch", "dent", "größerer Riss"]
SIZE = (10, 8)
NUMBERS, TEXTS = ("age", "weight / kg"), ("größe", "line")
COLUMNS = [*NUMBERS, *TEXTS]
INPUTS = {"age": "age", "line": "line", "photo": "photo", "weight / kg": "weight___kg", "größe": "gr__e"}
CALIBRATION = Calibration(np.array([0.8, 1.1, 1.3]), np.array([-0.3, 0.4, 0.1]))


@dataclass(frozen=True)
class Explained:
    """A network, the model that decides by it, loaded, and its records transformed."""

    model: keras.Model
    served: Any
    records: list[dict[str, Any]]
    inputs: dict[str, np.ndarray]
    unknown: np.ndarray

    def ask(self, records: list[dict[str, Any]], signature: str = "explain") -> dict[str, np.ndarray]:
        tensors = {}
        for feature, name in INPUTS.items():
            if feature not in self.records[0]:
                continue
            cells = [record.get(feature) for record in records]
            cells = [cell[0] if isinstance(cell, list) else cell for cell in cells]
            missing = np.nan if feature in NUMBERS else ""
            cells = [missing if cell is None else cell for cell in cells]
            tensors[name] = tf.constant(cells, tf.float64 if feature in NUMBERS else tf.string)
        answers = self.served.signatures[signature](**tensors)
        return {name: values.numpy() for name, values in answers.items()}


@pytest.fixture(scope="module", params=["table", "both"])
def explained(request, data_of, tmp_path_factory) -> Explained:
    data, folder = data_of(request.param), tmp_path_factory.mktemp("explained")
    output = data.transformed.output
    unknown = np.array([output.vocabulary_size_by_name(categories_vocabulary(place)) for place in range(2)])
    image = ImageModelSettings(size=SIZE, channels=3, alpha=0.25)
    settings = ModelSettings(image=image, tabular={"hidden_units": (8,)}, embedding_units=8)
    shape = InputShape((*SIZE, 3) if data.image else None, 2, tuple((unknown + 1).tolist()))
    model = build_classifier(shape, settings, np.array([6, 3, 1]), seed=1)
    random = np.random.default_rng(1)
    # Weights of a network whose columns work together, which one fresh from the start hardly does.
    model.set_weights(
        [one + random.normal(0, 0.3, one.shape) * (one.std() + 0.1) for one in model.get_weights()]
    )
    spec = FeatureSpec("defect kind", data.image, NUMBERS, TEXTS)
    export_classifier(model, output, spec, CLASSES, image, str(folder / "plain"))
    # Weights that even out what is said of all records make the rule decide for every class.
    inputs = network_inputs(data)
    logits = model.predict(inputs, verbose=0).astype(np.float64)
    weights = 1 / CALIBRATION.apply(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).mean(axis=0)
    rule = Rule("macro_f1", np.diag(weights), weights)
    DecidedModel(str(folder / "plain"), CLASSES, CALIBRATION, rule).save(str(folder / "decided"))
    return Explained(model, tf.saved_model.load(str(folder / "decided")), data.records, inputs, unknown)


def network_inputs(data: Any) -> dict[str, np.ndarray]:
    columns = data.transformed.columns()
    inputs = {"numeric": columns[NUMERIC], "missing": columns[MISSING], "categorical": columns[CATEGORICAL]}
    if data.image:
        inputs["image"] = decode_images(tf.constant(columns[IMAGE]), SIZE, 3).numpy()
    return inputs


def median_scores(records: list[dict[str, Any]], scores: np.ndarray) -> list[float]:
    """Returns the score of the median of the values there are: that of a missing cell, which is filled with it."""
    found = []
    for place, name in enumerate(NUMBERS):
        cells = [record.get(name) for record in records]
        row = next(row for row, cell in enumerate(cells) if cell is None or np.isnan(cell))
        found.append(float(scores[row, place]))
    return found


def expected_contributions(explained: Explained, row: int, index: int) -> tuple[np.ndarray, float, float]:
    """Shapley values of one record by the Python network, over all subsets of the four columns."""
    inputs, medians = explained.inputs, median_scores(explained.records, explained.inputs["numeric"])
    subsets = [one for size in range(5) for one in combinations(range(4), size)]
    asked = {name: np.repeat(values[row : row + 1], len(subsets), axis=0) for name, values in inputs.items()}
    for place, subset in enumerate(subsets):
        for column in set(range(4)) - set(subset):
            if column < 2:
                asked["numeric"][place, column], asked["missing"][place, column] = medians[column], 0
            else:
                asked["categorical"][place, column - 2] = explained.unknown[column - 2]
    logits = explained.model({name: tf.constant(one) for name, one in asked.items()}, training=False).numpy()
    odds = np.exp(logits.astype(np.float64))
    calibrated = CALIBRATION.apply(odds / odds.sum(axis=1, keepdims=True))[:, index]
    game = dict(zip(subsets, np.log(calibrated / (1 - calibrated)), strict=True))
    shares = np.zeros(4)
    for column in range(4):
        for subset in (one for one in subsets if column not in one):
            weight = factorial(len(subset)) * factorial(3 - len(subset)) / factorial(4)
            shares[column] += weight * (game[tuple(sorted((*subset, column)))] - game[subset])
    return shares, game[()], game[0, 1, 2, 3]


def test_contributions_are_shapley_values_of_the_calibrated_log_odds(explained):
    answers = explained.ask(explained.records[:40])
    decided = explained.ask(explained.records[:40], "predict_raw")
    assert len(set(decided["decision_index"])) == 3
    for row, index in enumerate(decided["decision_index"]):
        shares, of_reference, of_record = expected_contributions(explained, row, int(index))
        np.testing.assert_allclose(answers["contributions"][row], shares, atol=2e-4)
        assert answers["reference_log_odds"][row] == pytest.approx(of_reference, abs=2e-4)
        assert answers["log_odds"][row] == pytest.approx(of_record, abs=2e-4)
    assert np.abs(answers["contributions"]).max() > 0.1


def test_they_add_up_to_the_difference_and_speak_of_the_decision(explained):
    answers, decided = explained.ask(explained.records), explained.ask(explained.records, "predict_raw")
    difference = answers["log_odds"] - answers["reference_log_odds"]
    np.testing.assert_allclose(answers["contributions"].sum(axis=1), difference, atol=1e-5)
    assert answers["decision"].tolist() == decided["decision"].tolist()
    served = decided["probabilities"][np.arange(len(difference)), decided["decision_index"]].astype(
        np.float64
    )
    np.testing.assert_allclose(answers["log_odds"], np.log(served / (1 - served)), atol=1e-3)


def test_a_row_has_the_same_bytes_in_every_batch(explained):
    together = explained.ask(explained.records[:30])
    for start, size in ((0, 1), (7, 1), (3, 5)):
        alone = explained.ask(explained.records[start : start + size])
        for name in ("contributions", "log_odds", "reference_log_odds"):
            assert alone[name].tobytes() == together[name][start : start + size].tobytes(), name
    again = explained.ask(explained.records[:30])
    assert again["contributions"].tobytes() == together["contributions"].tobytes()


def test_columns_and_cells_are_named(explained):
    record = {**explained.records[1], "age": None, "line": "never seen", "weight / kg": 3.0}
    answers = explained.ask([record, explained.records[1]])
    assert [[name.decode() for name in row] for row in answers["columns"]] == [COLUMNS] * 2
    cells = dict(zip(COLUMNS, (cell.decode() for cell in answers["cells"][0]), strict=True))
    assert (cells["age"], cells["line"], cells["weight / kg"]) == ("missing", "not seen in train", "known")


def test_a_column_as_in_the_reference_contributes_nothing_and_a_missing_one_may(explained):
    numbers = [cell for record in explained.records if (cell := record.get("weight / kg")) is not None]
    median = float(np.quantile(np.array(numbers)[np.isfinite(numbers)], 0.5, method="inverted_cdf"))
    record = {**explained.records[1], "line": "never seen"}
    of_unseen, of_missing = explained.ask([record, {**record, "weight / kg": None}])["contributions"]
    assert of_unseen[COLUMNS.index("line")] == 0
    assert of_missing[COLUMNS.index("weight / kg")] != 0
    near = [
        explained.ask([{**record, "weight / kg": one}])["contributions"][0, 1]
        for one in (median, max(numbers))
    ]
    assert abs(near[0]) < 0.1 * abs(near[1])


def test_no_record_has_no_contribution(explained):
    answers = explained.ask([])
    assert answers["contributions"].shape == answers["cells"].shape == answers["columns"].shape == (0, 4)
    assert answers["log_odds"].shape == answers["decision"].shape == (0,)
