"""The model card: what the model is for, what it was made of, and where it ends.

Reference:
    Mitchell et al. (2019), Model cards for model reporting, https://arxiv.org/abs/1810.03993
"""

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from components.html_report.number_format import count, counted, interval, percent, significant

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


def model_card(
    metrics: dict[str, Any],
    split_summary: dict[str, Any],
    training: dict[str, Any],
    experiment: dict[str, Any],
    imbalance: dict[str, Any] | None,
    versions: Mapping[str, str],
) -> list[tuple[str, list[str]]]:
    """Writes the card.

    Args:
        metrics: What `assemble_metrics` returns.
        split_summary: Counts of classes in splits.
        training: `seed` and `parameters`.
        experiment: The settings of the run.
        imbalance: What was found in the data, or None.
        versions: Package to version.

    Returns:
        Headings, each with its sentences.
    """
    return [
        ("Intended use", _intended_use(metrics)),
        ("Data", _data(split_summary, experiment)),
        ("Limits", _limits(metrics, imbalance)),
        ("Priors", _priors(metrics)),
        ("How it was made", _making(metrics, training, versions)),
    ]


def _intended_use(metrics: dict[str, Any]) -> list[str]:
    classes = list(metrics["per_class"])
    return [
        f"To tell {len(classes)} classes apart in records like those of {metrics['name']}: {_listed(classes)}.",
        "It answers with one of these classes whatever it is shown; a record of none of them gets one too.",
        "It is not meant for records from elsewhere, or where the classes have other shares, without being "
        "measured there first.",
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _data(split_summary: dict[str, Any], experiment: dict[str, Any]) -> list[str]:
    totals = {
        split: sum(counts.get(split, 0) for counts in split_summary["classes"].values())
        for split in split_summary["splits"]
    }
    source = experiment.get("data", {})
    sentences = [
        "Records: " + ", ".join(f"{count(total)} in {split}" for split, total in totals.items()) + ".",
        f"They come from {source.get('path', 'an unnamed place')}, as {source.get('format', 'unknown')}.",
    ]
    if source.get("group"):
        sentences.append(f"Records with the same {source['group']} stand in one split.")
    return sentences


def _limits(metrics: dict[str, Any], imbalance: dict[str, Any] | None) -> list[str]:
    few = {name: scores for name, scores in metrics["per_class"].items() if scores["support"] < FEW_RECORDS}
    sentences = [
        f"{name} has {counted(scores['support'], 'test record')}: its recall is known no better than "
        f"{interval(scores['recall_interval'])}."
        for name, scores in sorted(few.items(), key=lambda item: (item[1]["support"], item[0]))[:_NAMED]
    ]
    if len(few) > _NAMED:
        sentences.append(f"{len(few) - _NAMED} more classes have fewer than {FEW_RECORDS} test records.")
    found = [] if imbalance is None else imbalance["findings"]
    sentences += [finding["message"] for finding in found if finding["severity"] != "note"][:_NAMED]
    return sentences or [
        f"Every class has at least {FEW_RECORDS} test records, and the checks found nothing."
    ]


def _priors(metrics: dict[str, Any]) -> list[str]:
    natural, trained = metrics["priors"]["natural"], metrics["priors"]["training"]
    shares = [
        f"{name}: {percent(natural[name], 1)} of the data, {percent(trained[name], 1)} of what was trained on."
        for name in sorted(natural, key=lambda name: (natural[name], name))[:_NAMED]
    ]
    more = len(natural) - len(shares)
    return [*shares, *([f"Of {more} commoner classes the shares are in metrics.json."] if more else [])]


def _making(metrics: dict[str, Any], training: dict[str, Any], versions: Mapping[str, str]) -> list[str]:
    made_with = ", ".join(f"{name} {version}" for name, version in versions.items())
    sentences = [
        f"{counted(metrics['parameters'], 'parameter')}; seed {significant(training['seed'])}.",
        f"Version of the decision: {metrics['decision']['version']}.",
    ]
    return [*sentences, f"Made with {made_with}."] if made_with else sentences
