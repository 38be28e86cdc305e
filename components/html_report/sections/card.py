"""Section with the model card: what the model is for, what it was made of, and where it ends.

Reference:
    Mitchell et al. (2019), Model cards for model reporting, https://arxiv.org/abs/1810.03993
"""

from collections.abc import Mapping
from importlib import metadata

from components.html_report.experiment import Experiment
from components.html_report.number_format import count, counted, interval, percent, significant
from components.html_report.report_inputs import ReportInputs
from core.documents.imbalance_report import ImbalanceReport
from core.documents.metrics import Metrics
from core.documents.split_summary import SplitSummary
from core.documents.training import Training

FEW_RECORDS = 30
_NAMED = 12
_PACKAGES = ("counterpoise", "tensorflow", "keras", "tfx")


def package_versions() -> dict[str, str]:
    """Returns the versions of the packages a model depends on, as far as they are installed."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def model_card(inputs: ReportInputs) -> list[tuple[str, list[str]]]:
    """Returns headings, each with its sentences."""
    metrics = inputs.metrics
    return [
        ("Intended use", _intended_use(metrics)),
        ("Data", _data(inputs.split_summary, inputs.experiment)),
        ("Limits", _limits(metrics, inputs.imbalance)),
        ("Priors", _priors(metrics)),
        ("How it was made", _making(metrics, inputs.training, inputs.versions)),
    ]


def _intended_use(metrics: Metrics) -> list[str]:
    classes = list(metrics.per_class)
    return [
        f"To tell {len(classes)} classes apart in records like those of {metrics.name}: {_listed(classes)}.",
        _answers(metrics),
        "It is not meant for records from elsewhere, or where the classes have other shares, without being "
        "measured there first.",
    ]


def _answers(metrics: Metrics) -> str:
    if metrics.abstention is None and metrics.unknown is None:
        return "It answers with one of these classes whatever it is shown; a record of none of them gets one too."
    left = (
        ""
        if metrics.abstention is None
        else ", or leaves the record to a person where the classes are hard to tell apart"
    )
    if metrics.unknown is None:
        return f"It answers with one of these classes{left}; a record of none of them may get one too."
    return (
        f"It answers with one of these classes{left}, or calls the record unknown where it is unlike all that was trained on; "
        "a record of none of them that looks much like one may get it all the same."
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _data(split_summary: SplitSummary, experiment: Experiment) -> list[str]:
    totals = {
        split: sum(counts.get(split, 0) for counts in split_summary.classes.values())
        for split in split_summary.splits
    }
    sentences = [
        "Records: " + ", ".join(f"{count(total)} in {split}" for split, total in totals.items()) + ".",
        f"They come from {experiment.path or 'an unnamed place'}, as {experiment.format or 'unknown'}.",
    ]
    if experiment.group:
        sentences.append(f"Records with the same {experiment.group} stand in one split.")
    return sentences


def _limits(metrics: Metrics, imbalance: ImbalanceReport | None) -> list[str]:
    few = {name: scores for name, scores in metrics.per_class.items() if scores.support < FEW_RECORDS}
    sentences = [
        f"{name} has {counted(scores.support, 'test record')}: its recall is known no better than "
        f"{interval(scores.recall_interval)}."
        for name, scores in sorted(few.items(), key=lambda item: (item[1].support, item[0]))[:_NAMED]
    ]
    if len(few) > _NAMED:
        sentences.append(f"{len(few) - _NAMED} more classes have fewer than {FEW_RECORDS} test records.")
    found = () if imbalance is None else imbalance.findings
    sentences += [finding.message for finding in found if finding.severity != "note"][:_NAMED]
    return sentences or [
        f"Every class has at least {FEW_RECORDS} test records, and the checks found nothing."
    ]


def _priors(metrics: Metrics) -> list[str]:
    natural, trained = metrics.priors.natural, metrics.priors.training
    shares = [
        f"{name}: {percent(natural[name], 1)} of the data, {percent(trained[name], 1)} of what was trained on."
        for name in sorted(natural, key=lambda name: (natural[name], name))[:_NAMED]
    ]
    more = len(natural) - len(shares)
    return [*shares, *([f"Of {more} commoner classes the shares are in metrics.json."] if more else [])]


def _making(metrics: Metrics, training: Training, versions: Mapping[str, str]) -> list[str]:
    made_with = ", ".join(f"{name} {version}" for name, version in versions.items())
    sentences = [
        f"{counted(metrics.parameters, 'parameter')}; seed {significant(training.seed)}.",
        f"Version of the decision: {metrics.decision.version}.",
    ]
    return [*sentences, f"Made with {made_with}."] if made_with else sentences
