"""Measures how new data, and the pushed model's predictions for them, differ from what it was trained and tested on."""

import dataclasses
import functools
import os
from collections import Counter

import numpy as np
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2

from components.drift_watch.confidence import compare_confidence
from components.drift_watch.drift_report import Column, DriftReport, Limits
from components.drift_watch.prior_estimate import (
    black_box_estimate,
    counted_prior,
    em_estimate,
)
from components.drift_watch.recall_change import recall_changes
from components.drift_watch.work_change import WorkChange, compare_work
from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.confusion import confusion_counts
from components.stratified_example_gen.class_names import class_place
from components.stratified_example_gen.columns import Role
from components.stratified_example_gen.settings import DataSettings
from components.unlabelled_example_gen.amounts import with_amounts
from core.documents.decision import Decision
from core.errors import InputError
from core.features import BOOKKEEPING
from core.file_names import TEST_RECORDS
from pipeline.drift.column_distance import compare_columns
from pipeline.drift.new_records import UNLABELLED, files_left_out, read_new_records
from pipeline.drift.predict_records import Predictions, predict_records
from pipeline.drift.unknown_values import ValueCounts, Vocabularies
from pipeline.output.scratch_folder import scratch_folder
from pipeline.pushed_run import PushedRun, find_pushed_run

# The prior is estimated from so many records at most; more would not make its interval matter.
_MOST_RECORDS = 100_000
_ROLES: dict[int, Role] = {
    schema_pb2.INT: "integer",
    schema_pb2.FLOAT: "number",
    schema_pb2.BYTES: "category",
}


def measure_drift(output: str, new_data: str, limits: Limits) -> DriftReport:
    """Measures drift.

    Args:
        output: Output folder of the run that pushed the model.
        new_data: A table in any format, several by a pattern, or a folder of images; labelled or not.
        limits: What counts as drift.

    Raises:
        InputError: There is no pushed model, or the new data cannot be read.
    """
    run = find_pushed_run(output)
    data = DataSettings.model_validate(run.experiment["data"])
    image = data.image_feature
    roles = _roles(run, data.label, image)
    test = _test_records(output, run)
    decision = Decision.read(run.model)
    amounts = () if decision.rule.costs is None else decision.rule.costs.columns
    records = with_amounts(
        read_new_records(new_data, roles, image, data.label, test.classes, data.max_image_pixels), amounts
    )
    vocabularies = Vocabularies(run.model, [name for name, role in roles.items() if role == "category"])
    seen: dict[str, ValueCounts] = {}
    with scratch_folder() as folder:
        table = os.path.join(folder, "new.gz")
        answers = predict_records(
            vocabularies.watch(records, seen), run.model, roles, image, table, test.classes, new_data
        )
        columns = compare_columns(run, table, roles, limits) if roles else ()
    return dataclasses.replace(
        _report(run, test, answers, columns, limits),
        files_left_out=files_left_out(new_data, data.max_image_pixels),
        mostly_unknown=tuple(vocabularies.mostly_unknown(seen)),
        work=_work(decision, test, answers),
    )


def _work(decision: Decision, test: AnsweredRecords, answers: Predictions) -> tuple[WorkChange, ...]:
    """Compares what people get of the records, where the model gives them any."""
    changes = []
    if decision.rule.queue is not None:
        name = decision.rule.queue.class_name
        index = test.classes.index(name)
        changes.append(
            compare_work(f"The queue of {name!r}", test.decisions == index, answers.decisions == index)
        )
    if decision.rule.costs is not None:
        name = decision.rule.costs.class_name
        index = test.classes.index(name)
        changes.append(
            compare_work(
                f"What is decided to be {name!r}", test.decisions == index, answers.decisions == index
            )
        )
    if test.abstained is not None and answers.abstained is not None:
        changes.append(compare_work("What is left to a person", test.abstained, answers.abstained))
    if test.unknown is not None and answers.unknown is not None:
        changes.append(compare_work("What is called unknown", test.unknown, answers.unknown))
    return tuple(changes)


def _test_records(output: str, run: PushedRun) -> AnsweredRecords:
    path = os.path.join(output, TEST_RECORDS)
    if run.is_last and os.path.isfile(path):
        with open(path, "rb") as handle:
            return AnsweredRecords.from_bytes(handle.read())
    # TFMA, which this imports, takes longer to import than all else.
    from components.evaluation.result import read_test_records

    records = read_test_records(run.evaluation)
    if records is None:
        raise InputError(f"{output}: the run has no answers to test records. Run the experiment again.")
    return records


def _report(
    run: PushedRun, test: AnsweredRecords, answers: Predictions, columns: tuple[Column, ...], limits: Limits
) -> DriftReport:
    names, num_classes = test.classes, len(test.classes)
    place = functools.cache(functools.partial(class_place, tuple(names)))
    labels = np.array([place(name) for name in answers.labels])
    known = labels >= 0
    unknown = Counter(name for name in answers.labels if place(name) < 0 and name != UNLABELLED)
    test_counts = confusion_counts(test.labels, test.decisions, num_classes)
    assumed = _assumed_prior(run, names)
    rows = np.arange(len(labels))
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_RECORDS)).astype(np.int64)
    recalls, labelled = None, None
    if known.any():
        counts = confusion_counts(labels[known], answers.decisions[known], num_classes)
        recalls = tuple(recall_changes(counts, test_counts))
        labelled = counted_prior(counts.sum(axis=1)) if known.all() else None
    return DriftReport(
        run.version,
        names,
        len(rows),
        answers.unreadable,
        columns,
        assumed,
        em_estimate(answers.probabilities[chosen].astype(np.float64), assumed),
        black_box_estimate(test_counts, np.bincount(answers.decisions, minlength=num_classes)),
        labelled,
        compare_confidence(
            test.probabilities[np.arange(len(test.labels)), test.decisions],
            answers.probabilities[rows, answers.decisions],
        ),
        recalls,
        dict(unknown),
        limits,
    )


def _roles(run: PushedRun, label: str, image: str | None) -> dict[str, Role]:
    """Returns the model's columns and what they hold, as the schema has them."""
    schema = tfdv.load_schema_text(os.path.join(run.schema, "schema.pbtxt"))
    others = (label, image, *BOOKKEEPING)
    return {feature.name: _ROLES[feature.type] for feature in schema.feature if feature.name not in others}


def _assumed_prior(run: PushedRun, classes: tuple[str, ...]) -> np.ndarray:
    """Returns the class shares that the served probabilities assume."""
    shares = Decision.read(run.model).served_prior()
    return np.array([shares[name] for name in classes])
