"""ServingValidator: tries the exported model as a server would run it, before it is pushed."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from absl import logging
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import import_utils, io_utils, path_utils

from components.decision_calibrator.described_unknown import read_unlikeness
from components.serving_validator.fresh_process import Replay, ReplayFailedError, replay_in_fresh_process
from components.serving_validator.hostile_records import Columns, hostile_requests, record_name
from components.serving_validator.judge import Reference, judge
from components.serving_validator.request import Request
from components.serving_validator.selection import choose_records
from components.serving_validator.settings import ServingValidationSettings
from core.callbacks import NetworkAnswers, PredictFn
from core.documents.decision import Decision
from core.documents.serving_report import RequestOutcome, ServingReport
from core.documents.values import without_infinities

# As TFX's InfraValidator names them.
BLESSED_FILE, NOT_BLESSED_FILE, BLESSED_PROPERTY = "INFRA_BLESSED", "INFRA_NOT_BLESSED", "blessed"
_MOST_SENTENCES = 3


@component
def ServingValidator(
    model: InputArtifact[standard_artifacts.Model],
    model_run: InputArtifact[standard_artifacts.ModelRun],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    examples: InputArtifact[standard_artifacts.Examples],
    schema: InputArtifact[standard_artifacts.Schema],
    blessing: OutputArtifact[standard_artifacts.InfraBlessing],
    predict_fn: Parameter[str],
    settings: Parameter[str],
    label: Parameter[str],
    image: Parameter[str],
) -> None:
    """Blesses a model that, in a fresh process, answers raw records as the Python model does, and hostile ones at all.

    Every signature that answers probabilities is asked test records, in a batch, alone and none at all, and
    what `hostile_requests` makes of them. What it says is held against the Python model, calibrated and decided in NumPy by
    `assets.extra/decision.json`, its embedding measured by `assets.extra/unlikeness.npz` where there is one. A crash, an
    answer that takes too long or is no finite number, or one that differs, is told in `report.json`, and the model is not
    blessed; the run goes on.

    Args:
        model: What DecisionCalibrator made.
        model_run: The Trainer's log, which holds the Keras model.
        transform_graph: Turns raw records into the Python model's inputs.
        examples: The raw split examples; some of the split test are asked.
        schema: Of the raw examples.
        blessing: Gets the property `blessed`, 1 or 0, the file `INFRA_BLESSED` or `INFRA_NOT_BLESSED`, and
            `report.json`: see ServingReport.
        predict_fn: Dotted path of the Python model's function; see `core.callbacks.PredictFn`.
        settings: `ServingValidationSettings` as one JSON string.
        label: Feature of the class's name.
        image: Feature of the encoded image; empty where there is none.
    """
    asked = ServingValidationSettings.model_validate_json(settings)
    start = time.monotonic()
    folder = path_utils.serving_model_path(model.uri)
    records = choose_records(artifact_utils.get_split_uri([examples], "test"), label, asked.records)
    decision = Decision.read(folder, fileio)
    costs = decision.rule.costs
    columns = Columns.of(
        io_utils.SchemaReader().read(os.path.join(schema.uri, "schema.pbtxt")),
        label,
        image or None,
        () if costs is None else costs.columns,
    )
    requests = all_requests(records, columns)
    predict: PredictFn = import_utils.import_class_by_path(predict_fn)
    said = _reference_answers(requests, lambda batch: predict(model_run.uri, transform_graph.uri, batch))
    raw = [None if one is None else one.probabilities for one in said]
    reference = Reference.of(decision, asked.tolerance)
    unlikeness: list[np.ndarray | None] = [None for _ in said]
    if reference.unknown_above is not None:
        measure = read_unlikeness(folder, fileio)
        unlikeness = [None if one is None else measure.of(one.embedding) for one in said]

    def seconds() -> float:
        return round(time.monotonic() - start, 1)

    try:
        replay = replay_in_fresh_process(folder, requests, asked.time_limit)
        tried = report(requests, replay, raw, reference, len(records), seconds(), unlikeness)
    except ReplayFailedError as error:
        tried = failed_report(str(error), len(records), seconds())
    _bless(blessing, tried)


def all_requests(records: Sequence[bytes], columns: Columns) -> list[Request]:
    """Makes the requests: real records, hostile ones, and real ones once more, to see that errors left no trace.

    Args:
        records: Serialised test records.
        columns: Their features.
    """
    names = tuple(record_name(record) for record in records)
    real = [
        Request("test records are asked together", "answer", tuple(records), names),
        Request("a test record is asked alone", "answer", tuple(records[:1]), names[:1]),
        Request("no record is asked", "answer", (), ()),
    ]
    if not records:
        return real
    again = Request("a test record is asked after the others", "answer", tuple(records[-1:]), names[-1:])
    return [*real, *hostile_requests(records, columns), again]


def report(
    requests: Sequence[Request],
    replay: Replay,
    raw: Sequence[np.ndarray | None],
    reference: Reference,
    num_records: int,
    seconds: float,
    unlikeness: Sequence[np.ndarray | None] | None = None,
) -> ServingReport:
    """Judges all answers.

    Args:
        requests: What was asked.
        replay: What the served model said.
        raw: What the Python model said to each request; None for what is to be refused.
        reference: Turns that into the answers that are due.
        num_records: Test records that the requests are made of.
        seconds: Time that the trial took.
        unlikeness: That of each request's records by the Python model's embedding, float `(n,)`; None where none is due.
    """
    asked = [name for name, reason in replay.signatures.items() if reason is None]
    problems: dict[str, list[str]] = {name: [] for name in asked}
    rows = []
    for number, request in enumerate(requests):
        for name in asked:
            answers = replay.answers[number, name]
            unlike = None if unlikeness is None else unlikeness[number]
            verdict = judge(request, name, answers, raw[number], reference, unlike)
            problems[name] += verdict.problems
            rows.append(
                RequestOutcome(
                    kind=request.kind,
                    signature=name,
                    expected=request.expected,
                    records=len(request.examples),
                    answered=len(answers.rows),
                    refused=len(answers.errors),
                    error=next(iter(answers.errors.values()), None),
                    largest_difference=without_infinities(verdict.largest_difference),
                    problems=tuple(verdict.problems),
                )
            )
    sentences = [sentence for name in asked for sentence in _shortened(name, problems[name])]
    if not asked:
        sentences.append("The exported model has no signature that answers raw records with probabilities.")
    if not requests[0].examples:
        sentences.append("The split test holds no record to try the exported model with.")
    return ServingReport(
        blessed=not sentences,
        not_blessed_because=tuple(sentences),
        signatures=replay.signatures,
        tolerance=reference.tolerance,
        requests=tuple(rows),
        records=num_records,
        seconds=seconds,
    )


def failed_report(sentence: str, num_records: int, seconds: float) -> ServingReport:
    """Says of a model that did not come to answer why, in a sentence; see `report`."""
    return ServingReport(
        blessed=False,
        not_blessed_because=(sentence,),
        signatures={},
        requests=(),
        records=num_records,
        seconds=seconds,
    )


def _shortened(signature: str, problems: list[str]) -> list[str]:
    """Leaves out what most likely has the same cause."""
    more = len(problems) - _MOST_SENTENCES
    if more <= 0:
        return problems
    return [
        *problems[:_MOST_SENTENCES],
        f"{signature}: {more} more such findings are in the stage's report.json.",
    ]


def _reference_answers(
    requests: Sequence[Request], predict: Callable[[Sequence[bytes]], NetworkAnswers]
) -> list[NetworkAnswers | None]:
    """Asks the Python model for everything that is to be answered, at once."""
    answered = [request.examples for request in requests if request.expected == "answer"]
    examples = list(dict.fromkeys(example for batch in answered for example in batch))
    if not examples:
        return [None for _ in requests]
    place = {example: row for row, example in enumerate(examples)}
    said = predict(examples)

    def to(request: Request) -> NetworkAnswers | None:
        if request.expected != "answer" or not request.examples:
            return None
        rows = [place[example] for example in request.examples]
        return NetworkAnswers(said.probabilities[rows], said.embedding[rows])

    return [to(request) for request in requests]


def _bless(blessing: standard_artifacts.InfraBlessing, tried: ServingReport) -> None:
    for sentence in tried.not_blessed_because:
        logging.warning("Not fit for serving: %s", sentence)
    logging.info("Requests by what came of them: %s", _tally(tried.requests))
    tried.write(blessing.uri, fileio)
    name = BLESSED_FILE if tried.blessed else NOT_BLESSED_FILE
    io_utils.write_string_file(os.path.join(blessing.uri, name), "")
    blessing.set_int_custom_property(BLESSED_PROPERTY, int(tried.blessed))


def _tally(rows: Sequence[RequestOutcome]) -> dict[str, int]:
    tally: Counter[str] = Counter()
    for row in rows:
        tally.update({"answered": row.answered, "refused": row.refused})
    return dict(tally)
