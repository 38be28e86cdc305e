"""What ImbalanceValidator found, laid out for the report."""

from typing import Any

from components.html_report import number_format

FEATURES_SHOWN = 60
FINDINGS_SHOWN = 100
_CATEGORIES_SHOWN = 3
_SEVERITIES = {"hard": "must be mended", "soft": "look into this", "note": "for the record"}


def lay_out(imbalance: dict[str, Any]) -> dict[str, Any]:
    """Lays the findings and the features out in rows.

    Args:
        imbalance: What ImbalanceValidator's `report.json` holds.

    Returns:
        `findings` with `severity` in words, `subject`, `message`, `advice`, `value` and `limit`; `more`, how
        many others there are; `effective`, the effective number of classes, and `num_classes`; `tables`: for
        numbers and for categories `title`, `classes`, and `rows` of `name`, `auc` and a list of lines for each
        class; `hidden`, how many features are left out.
    """
    tables = [
        _table(imbalance, "numeric", "Numbers by class", _number_lines),
        _table(imbalance, "categorical", "Categories by class", _category_lines),
    ]
    return {
        "findings": [
            {
                **finding,
                "is_note": finding["severity"] == "note",
                "severity": _SEVERITIES[finding["severity"]],
            }
            for finding in imbalance["findings"][:FINDINGS_SHOWN]
        ],
        "more": max(0, len(imbalance["findings"]) - FINDINGS_SHOWN),
        "ratio": imbalance["balance"]["imbalance_ratio"],
        "effective": imbalance["balance"]["effective_number_of_classes"],
        "num_classes": len(imbalance["classes"]),
        "skipped": [name for name, was_run in imbalance["checks"].items() if not was_run],
        "tables": [table for table in tables if table["rows"]],
        "sampled": imbalance["sampled"],
    }


def _table(imbalance: dict[str, Any], kind: str, title: str, lines_of: Any) -> dict[str, Any]:
    """Returns one row for each feature, those that tell the classes apart best first."""
    features, aucs = imbalance["features"][kind], imbalance["feature_auc"]
    ordered = sorted(features, key=lambda name: (-(aucs.get(name) or 0.0), name))
    classes = list(dict.fromkeys(name for by_class in features.values() for name in by_class))
    return {
        "title": title,
        "classes": classes,
        "rows": [
            {
                "name": name,
                "auc": aucs.get(name),
                "cells": [
                    lines_of(features[name][one]) if one in features[name] else [number_format.MISSING]
                    for one in classes
                ],
            }
            for name in ordered[:FEATURES_SHOWN]
        ],
        "hidden": max(0, len(ordered) - FEATURES_SHOWN),
    }


def _number_lines(stats: dict[str, Any]) -> list[str]:
    return [
        f"mean {number_format.significant(stats['mean'])}",
        f"median {number_format.significant(stats['median'])}",
        *_missing(stats),
    ]


def _category_lines(stats: dict[str, Any]) -> list[str]:
    shown = [
        f"{value} {number_format.percent(share, 1)}" for value, share in stats["top"][:_CATEGORIES_SHOWN]
    ]
    return [*shown, *_missing(stats)] or [number_format.MISSING]


def _missing(stats: dict[str, Any]) -> list[str]:
    return [f"{number_format.percent(stats['missing'], 1)} missing"] if stats["missing"] else []
