"""How uneven the classes are, in rows."""

from typing import Any

from components.html_report import number_format


def lay_out(split_summary: dict[str, Any], has_groups: bool) -> dict[str, Any]:
    """Returns the classes with their counts, largest in train first, and how far apart they are.

    With groups, which stay whole, also how many records each class misses its shares by; without them it is
    never as much as one, and where the data come split there are no shares.
    """
    classes, splits = split_summary["classes"], split_summary["splits"]
    deviation = split_summary.get("deviation", {}) if has_groups else {}
    train = {name: counts.get("train", 0) for name, counts in classes.items()}
    ordered = sorted(train, key=lambda name: (-train[name], name))
    largest, total = max(train.values()), sum(train.values())
    rows = [
        {
            "name": name,
            "counts": [classes[name].get(split, 0) for split in splits],
            "share": number_format.percent(train[name], total),
            "bar": round(100 * train[name] / largest, 2) if largest else 0.0,
            "deviation": deviation.get(name),
        }
        for name in ordered
    ]
    smallest = train[ordered[-1]]
    return {
        "splits": splits,
        "rows": rows,
        "has_deviation": any(row["deviation"] is not None for row in rows),
        "totals": [sum(row["counts"][column] for row in rows) for column in range(len(splits))],
        "largest": ordered[0],
        "smallest": ordered[-1],
        "smallest_count": smallest,
        "ratio": f"{largest / smallest:,.1f}" if smallest else number_format.MISSING,
    }
