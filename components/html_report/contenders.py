"""Plain baselines beside the model, as part of metrics.json."""

from typing import Any

from components.html_report.number_format import is_number, score
from components.html_report.sections.headline import rarest_first


def with_contenders(metrics: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    """Adds what the contenders reached, and says plainly which of them are ahead of the model.

    Of two classes the average precision of the rarer one counts, of more macro-F1.

    Args:
        metrics: What `assemble_metrics` returns.
        results: Name to what the stage Contenders wrote of it.

    Returns:
        `metrics` with `contenders`, the results as they are, and `contenders_ahead`, a sentence for each that
        is ahead, the best first.
    """
    names = list(metrics["per_class"])
    rarer = rarest_first(metrics)[0] if len(names) == 2 else None
    measure = "macro-F1" if rarer is None else f"average precision of {rarer}"

    def value(of: dict[str, Any]) -> float | None:
        if rarer is None:
            return of["summary"].get("macro_f1")
        return of["per_class"].get(rarer, {}).get("average_precision")

    model = value(metrics)
    reached = {name: value(result) for name, result in results.items()}
    ahead = {
        name: own
        for name, own in reached.items()
        if own is not None and is_number(own) and (model is None or own > model)
    }
    sentences = [
        f"The contender {name} is ahead of the model: {measure} {score(ahead[name])} against {score(model)}."
        for name in sorted(ahead, key=lambda name: (-ahead[name], name))
    ]
    return {**metrics, "contenders": results, "contenders_ahead": sentences}
