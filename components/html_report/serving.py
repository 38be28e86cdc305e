"""What trying the exported model came to, as part of metrics.json."""

from typing import Any


def with_serving(metrics: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Adds whether the exported model is fit for serving.

    Args:
        metrics: What `assemble_metrics` returns.
        report: What ServingValidator's `report.json` holds.

    Returns:
        `metrics` with `serving`: `blessed`, the number of test `records` asked, `tolerance`, the
        `signatures` and the `requests` of every kind; `blessed` only where both the evaluation and the exported
        model are, and `not_blessed_because` with the sentences of both.
    """
    kept = ("blessed", "records", "tolerance", "signatures", "requests")
    return {
        **metrics,
        "blessed": metrics["blessed"] and report["blessed"],
        "not_blessed_because": [*metrics["not_blessed_because"], *report["not_blessed_because"]],
        "serving": {key: report[key] for key in kept if key in report},
    }
