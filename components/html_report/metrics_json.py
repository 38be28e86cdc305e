"""Assembles the document `metrics.json`: what a run measured, for programs."""

import numpy as np

from components.decision_calibrator.described_decision import rule_of
from components.decision_calibrator.record_cost_rule import RecordCostRule
from components.decision_calibrator.rule import Rule
from components.evaluation.abstention_scores import abstention_scores
from components.evaluation.answered_records import AnsweredRecords
from components.evaluation.coverage_scores import coverage_scores
from components.evaluation.money_scores import money_scores
from components.evaluation.queue_scores import queue_scores
from components.evaluation.result import Evaluation
from components.evaluation.unknown_scores import unknown_scores
from components.html_report.headline import rarest_first
from components.html_report.number_format import score
from core.documents.contender_results import ContenderResult, ContenderResults
from core.documents.decision import Decision
from core.documents.metrics import ClassPriors, Metrics
from core.documents.priors import Priors
from core.documents.serving_report import ServingReport
from core.documents.training import Training
from core.documents.tuning import SearchResult


def assemble_metrics(
    name: str,
    evaluation: Evaluation,
    training: Training,
    priors: Priors,
    decision: Decision,
    serving: ServingReport | None = None,
    contenders: ContenderResults | None = None,
    search: SearchResult | None = None,
    records: AnsweredRecords | None = None,
) -> Metrics:
    """Assembles what a run measured.

    The model is blessed only where both the evaluation and the exported model are, and it is said plainly which
    contenders are ahead of it. The time each stage took is not part of the result: only the runner knows it, once
    the run is over.

    Args:
        name: Name of the experiment.
        evaluation: What the Evaluator measured on the test split.
        training: What was trained.
        priors: What augmentation did to the shares of train's classes.
        decision: How the model decides.
        serving: How the exported model answered; None where it was not tried.
        contenders: What plain baselines reached; None where none were asked for.
        search: What a search found; None without one.
        records: The test records with the model's answers, of which the figures of queue, money, abstention and prediction sets are counted; None where
            test held one class only.
    """
    metrics = Metrics(
        name=name,
        split="test",
        n=evaluation.n,
        blessed=evaluation.blessed,
        not_blessed_because=evaluation.not_blessed_because,
        summary=evaluation.summary,
        per_class=evaluation.per_class,
        confusion=evaluation.confusion,
        slices=evaluation.slices,
        gate=evaluation.conditions,
        decision=decision.figures(),
        uncalibrated=evaluation.uncalibrated,
        contenders={},
        priors=ClassPriors(natural=priors.priors.before, training=priors.priors.after),
        parameters=training.parameters,
    )
    if serving is not None:
        metrics = _with_serving(metrics, serving)
    if contenders is not None:
        metrics = _with_contenders(metrics, contenders)
    if search is not None:
        metrics = metrics.model_copy(update={"hyperparameters": training.hyperparameters, "tuning": search})
    return metrics if records is None else _with_decision_scores(metrics, decision, records)


def _with_decision_scores(metrics: Metrics, decision: Decision, records: AnsweredRecords) -> Metrics:
    queue = decision.rule.queue
    if queue is not None:
        metrics = metrics.model_copy(update={"queue": queue_scores(records, queue)})
    rule = rule_of(decision.rule, decision.classes)
    if isinstance(rule, RecordCostRule):
        stakes = rule.record_costs.stakes(records.amounts, len(records.labels))
        money = money_scores(records, rule.record_costs.figures.class_name, stakes)
        metrics = metrics.model_copy(update={"money": money})
    if decision.abstention is not None:
        abstention = abstention_scores(records, _decision_costs(rule, records), decision.person_costs)
        metrics = metrics.model_copy(update={"abstention": abstention})
    if decision.coverage is not None:
        metrics = metrics.model_copy(update={"coverage": coverage_scores(records, decision.coverage)})
    if decision.unknown is not None:
        metrics = metrics.model_copy(update={"unknown": unknown_scores(records, decision.unknown)})
    return metrics


def _decision_costs(rule: Rule, records: AnsweredRecords) -> np.ndarray | None:
    """Returns what each test record's decision costs, float `(n,)`; None where the rule knows no costs."""
    if isinstance(rule, RecordCostRule):
        index, stakes = (
            rule.record_costs.index,
            rule.record_costs.stakes(records.amounts, len(records.labels)),
        )
        return stakes.incurred(records.labels == index, records.decisions == index)
    return None if rule.costs is None else np.asarray(rule.costs[records.labels, records.decisions])


def _with_serving(metrics: Metrics, serving: ServingReport) -> Metrics:
    return metrics.model_copy(
        update={
            "blessed": metrics.blessed and serving.blessed,
            "not_blessed_because": (*metrics.not_blessed_because, *serving.not_blessed_because),
            "serving": serving.figures(),
        }
    )


def _with_contenders(metrics: Metrics, results: ContenderResults) -> Metrics:
    sentences = tuple(contenders_ahead(metrics, results.contenders))
    return metrics.model_copy(update={"contenders": results.contenders, "contenders_ahead": sentences})


def contenders_ahead(metrics: Metrics, results: dict[str, ContenderResult]) -> list[str]:
    """Says of each contender that is ahead of the model by how much, the best first.

    Of two classes the average precision of the rarer one counts, of more macro-F1.

    Args:
        metrics: What the model reached.
        results: What the contenders did, by name.
    """
    rarer = rarest_first(metrics)[0] if len(metrics.per_class) == 2 else None
    measure = "macro-F1" if rarer is None else f"average precision of {rarer}"

    def value(of: Metrics | ContenderResult) -> float | None:
        if rarer is None:
            return of.summary.macro_f1
        return of.per_class[rarer].average_precision if rarer in of.per_class else None

    model = value(metrics)
    reached = {name: value(result) for name, result in results.items()}
    ahead = {name: own for name, own in reached.items() if own is not None and (model is None or own > model)}
    return [
        f"The contender {name} is ahead of the model: {measure} {score(ahead[name])} against {score(model)}."
        for name in sorted(ahead, key=lambda name: (-ahead[name], name))
    ]
