"""What was augmented: counts before and after, in rows."""

from typing import Any

from components.html_report.number_format import percent


def lay_out(priors: dict[str, Any]) -> dict[str, Any] | None:
    """Lays out what augmentation did.

    Args:
        priors: What MinorityAugmenter's `priors.json` holds.

    Returns:
        `rows`, rarest class first, of `name`, `before`, `made`, `removed`, `after`, and the shares
        `share_before` and `share_after`; `methods`, what was asked for; `notes`; and `changed`. None where
        only the priors are known.
    """
    if "counts" not in priors:
        return None
    before, after = priors["counts"]["before"], priors["counts"]["after"]
    strategy = priors.get("strategy", {})
    rows = [
        {
            "name": name,
            "before": before[name],
            "made": priors["made"][name],
            "removed": priors["removed"][name],
            "after": after[name],
            "share_before": percent(priors["priors"]["before"][name], 1),
            "share_after": percent(priors["priors"]["after"][name], 1),
        }
        for name in sorted(before, key=lambda name: (before[name], name))
    ]
    return {
        "rows": rows,
        "methods": {
            kind: strategy[kind] for kind in ("tabular", "image") if strategy.get(kind) not in (None, "none")
        },
        "notes": priors.get("notes", []),
        "changed": any(row["made"] or row["removed"] for row in rows),
    }
