"""Contenders: plain baselines on the same splits, so that the model's figures have something beside them."""

import json
from collections.abc import Mapping
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
from components.contenders.compete import Course, compete, refused
from components.contenders.estimators import make_contender, table_matrix
from components.contenders.reading import Split, raw_split, transformed_split
from components.decision_calibrator.settings import DecisionSettings
from core.callbacks import EmbedFn
from core.documents.contender_results import ContenderResult, ContenderResults
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
    model's are: see `compete`. What a contender cannot do with the data is a note in its result, not an error.

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
    test = raw_split(artifact_utils.get_split_uri([examples], "test"), transform)
    field = _Field(
        train=train,
        evaluation=evaluation,
        test=test,
        classes=[name.decode() for name in transform.vocabulary_by_name(CLASSES_VOCABULARY)],
        has_image=IMAGE in transform.transformed_feature_spec(),
        decision=DecisionSettings.model_validate_json(decision),
        model=json.loads(model),
        embed_fn=embed_fn,
        seed=seed,
    )
    found: dict[str, ContenderResult] = {}
    for name in json.loads(names):
        result = field.result_of(name)
        if size > len(train.labels):
            result = result.with_note(
                f"Learnt from {len(train.labels)} of {size} train records, every class thinned alike."
            )
        found[name] = result
        logging.info("%s: %s", name, result.summary.measured() or list(result.notes))
    ContenderResults(contenders=found).write(results.uri, fileio)


class _Field:
    """The splits, read into memory once, for all contenders that need them."""

    def __init__(
        self,
        train: Split,
        evaluation: Split,
        test: Split,
        classes: list[str],
        has_image: bool,
        decision: DecisionSettings,
        model: Mapping[str, Any],
        embed_fn: str,
        seed: int,
    ):
        self._splits = (train, evaluation, test)
        self._classes = classes
        self._has_image = has_image
        self._decision = decision
        self._model = model
        self._embed_fn = embed_fn
        self._seed = seed
        self._tables: list[np.ndarray] | None = None
        self._widths = (0, 0)

    def result_of(self, name: str) -> ContenderResult:
        """Lets a contender compete, or says why it cannot."""
        if name == "linear_probe":
            return self._probe()
        if name == "majority":
            return self._run(name, [np.zeros((len(split.labels), 1)) for split in self._splits])
        tables = self._read_tables()
        if not sum(self._widths):
            return refused(f"{name} takes columns of a table, and the records have none.")
        result = self._run(name, tables)
        return result.with_note("It sees the columns alone, not the image.") if self._has_image else result

    def _probe(self) -> ContenderResult:
        if not self._has_image:
            return refused("linear_probe takes the embeddings of images, and the records have none.")
        if self._model["image"]["weights"] is None:
            return refused(
                "linear_probe takes the embeddings of a pretrained backbone. Set model.image.weights to imagenet "
                "or to the path of a weights file."
            )
        embed: EmbedFn = import_utils.import_class_by_path(self._embed_fn)
        result = self._run("linear_probe", [embed(self._model, split.images()) for split in self._splits])
        has_columns = sum(self._read_widths()) > 0
        return result.with_note("It sees the image alone, not the columns.") if has_columns else result

    def _run(self, name: str, inputs: list[np.ndarray]) -> ContenderResult:
        train, evaluation, test = (
            (array[split.order], split.labels[split.order])
            for array, split in zip(inputs, self._splits, strict=True)
        )
        counts = np.bincount(train[1], minlength=len(self._classes))
        contender = make_contender(name, *self._widths, counts, self._seed)
        course = Course(train, evaluation, test, self._classes, self._decision, self._seed)
        return compete(name, contender, course)

    def _read_tables(self) -> list[np.ndarray]:
        if self._tables is None:
            columns = [split.columns() for split in self._splits]
            self._widths = (columns[0].numeric.shape[1], columns[0].categorical.shape[1])
            self._tables = [table_matrix(one.numeric, one.categorical) for one in columns]
        return self._tables

    def _read_widths(self) -> tuple[int, int]:
        self._read_tables()
        return self._widths
