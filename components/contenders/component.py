"""Contenders: fits plain baselines on the same splits, for figures beside the model's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow_transform as tft
from absl import logging
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import import_utils

from components import artifacts
from components.amounts import split_amounts
from components.contenders.estimators import make_contender, table_matrix
from components.contenders.fit_contender import ContenderData, fit_contender, not_fitted
from components.contenders.reading import Split, raw_split, transformed_split
from components.contenders.settings import ContenderName
from components.decision_calibrator.daily_queue import with_share_of_day
from components.decision_calibrator.settings import DecisionSettings
from core.callbacks import EmbedFn
from core.documents.contender_results import ContenderResult, ContenderResults
from core.documents.split_summary import SplitSummary
from core.features import CLASSES_VOCABULARY, IMAGE

MOST_TRAIN_RECORDS = 200_000


@component
def Contenders(
    examples: InputArtifact[standard_artifacts.Examples],
    transformed_examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    results: OutputArtifact[artifacts.ContenderResults],
    names: Parameter[str],
    decision: Parameter[str],
    model: Parameter[str],
    embed_fn: Parameter[str],
    seed: Parameter[int],
) -> None:
    """Fits every contender on train, tunes its decision on eval, measures it on test, and writes `contenders.json`.

    All see what Transform made of the records: normal scores, flags of what was missing, indices of
    categories; none sees augmented records. Their probabilities are calibrated and decided as the
    model's are: see `fit_contender`. What a contender cannot do with the data is a note in its result, not an error.

    Unlike training, this keeps records in memory: 4 bytes a column and record for train, of which 200,000
    records are taken at most, every class thinned alike by the digest of the record's key, and for eval and test; and of images, one
    after the other, 4 bytes a unit of the embedding.

    Args:
        examples: The raw split examples, of which test is read.
        transformed_examples: What Transform made of train and eval.
        transform_graph: Makes the same of test.
        results: Gets `contenders.json`: see ContenderResults.
        names: A JSON list of the contenders.
        decision: `DecisionSettings` as one JSON string.
        model: The experiment's `model` as one JSON string.
        embed_fn: Dotted path of the function that embeds images; see `core.callbacks.EmbedFn`.
        seed: Decides everything random.
    """
    transform = tft.TFTransformOutput(transform_graph.uri)
    train, size = transformed_split(
        artifact_utils.get_split_uri([transformed_examples], "train"), transform, MOST_TRAIN_RECORDS, seed
    )
    # Rule and figures are of all records: none is left out.
    evaluation, _ = transformed_split(
        artifact_utils.get_split_uri([transformed_examples], "eval"), transform, int(1e15), seed
    )
    test_uri = artifact_utils.get_split_uri([examples], "test")
    test = raw_split(test_uri, transform)
    settings = with_share_of_day(
        DecisionSettings.model_validate_json(decision), SplitSummary.records_per_day_of(examples.uri, fileio)
    )
    inputs = _Inputs(
        splits=(train, evaluation, test),
        classes=[name.decode() for name in transform.vocabulary_by_name(CLASSES_VOCABULARY)],
        has_image=IMAGE in transform.transformed_feature_spec(),
        decision=settings,
        model=json.loads(model),
        embed_fn=embed_fn,
        seed=seed,
        test_amounts=_amounts(settings, test_uri, test),
    )
    found: dict[str, ContenderResult] = {}
    for name in json.loads(names):
        result = inputs.result_of(name)
        if size > len(train.labels):
            result = result.with_note(
                f"Learnt from {len(train.labels)} of {size} train records, every class thinned alike."
            )
        found[name] = result
        logging.info("%s: %s", name, result.summary.measured() or list(result.notes))
    ContenderResults(contenders=found).write(results.uri, fileio)


def _amounts(settings: DecisionSettings, uri: str, split: Split) -> np.ndarray | None:
    """Returns what the costs of a split's records are made of; None where they depend on no column."""
    if settings.costs is None or not settings.costs.columns:
        return None
    _, _, amounts = split_amounts([uri], settings.costs.columns)
    return amounts if split.kept is None else amounts[split.kept]


@dataclass(frozen=True)
class _Tables:
    """The splits' columns, numbers first, and how many there are of either kind."""

    matrices: list[np.ndarray]
    num_numeric: int
    num_categorical: int

    @property
    def is_empty(self) -> bool:
        return self.num_numeric + self.num_categorical == 0


@dataclass(frozen=True)
class _Inputs:
    """The splits, read into memory once, for all contenders that need them.

    Attributes:
        splits: Train, eval and test.
        classes: Names in index order.
        has_image: Whether the records have one.
        decision: The experiment's.
        model: The experiment's `model`.
        embed_fn: Dotted path of an EmbedFn.
        seed: Decides everything random.
        test_amounts: See ContenderData.
    """

    splits: tuple[Split, Split, Split]
    classes: list[str]
    has_image: bool
    decision: DecisionSettings
    model: Mapping[str, Any]
    embed_fn: str
    seed: int
    test_amounts: np.ndarray | None = None

    def result_of(self, name: ContenderName) -> ContenderResult:
        """Fits a contender, or says why it cannot take part."""
        if name == "linear_probe":
            return self._probe()
        if name == "majority":
            return self._fitted(name, [np.zeros((len(split.labels), 1)) for split in self.splits])
        table = self._tables
        if table.is_empty:
            return not_fitted(f"{name} takes columns of a table, and the records have none.")
        result = self._fitted(name, table.matrices, table.num_numeric, table.num_categorical)
        return result.with_note("It sees the columns alone, not the image.") if self.has_image else result

    def _probe(self) -> ContenderResult:
        if not self.has_image:
            return not_fitted("linear_probe takes the embeddings of images, and the records have none.")
        if self.model["image"]["weights"] is None:
            return not_fitted(
                "linear_probe takes the embeddings of a pretrained backbone. Set model.image.weights to imagenet "
                "or to the path of a weights file."
            )
        embed: EmbedFn = import_utils.import_class_by_path(self.embed_fn)
        result = self._fitted("linear_probe", [embed(self.model, split.images()) for split in self.splits])
        only_image = self._tables.is_empty
        return result if only_image else result.with_note("It sees the image alone, not the columns.")

    def _fitted(
        self, name: ContenderName, inputs: list[np.ndarray], num_numeric: int = 0, num_categorical: int = 0
    ) -> ContenderResult:
        train, evaluation, test = (
            (array[split.order], split.labels[split.order])
            for array, split in zip(inputs, self.splits, strict=True)
        )
        counts = np.bincount(train[1], minlength=len(self.classes))
        contender = make_contender(name, num_numeric, num_categorical, counts, self.seed)
        data = ContenderData(
            train, evaluation, test, self.classes, self.decision, self.seed, self.test_amounts
        )
        return fit_contender(name, contender, data)

    @cached_property
    def _tables(self) -> _Tables:
        columns = [split.columns() for split in self.splits]
        matrices = [table_matrix(one.numeric, one.categorical) for one in columns]
        return _Tables(matrices, columns[0].numeric.shape[1], columns[0].categorical.shape[1])
