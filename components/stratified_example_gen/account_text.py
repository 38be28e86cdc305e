"""Writes the account of the data in sentences, for the terminal and the report."""

from collections.abc import Mapping
from typing import Any

from core.printable import listed, printable

# Of a class; less is what any data lose.
_NOTABLE_LOSS = 0.02
_SHOWN = 5
_COLUMNS_SHOWN = 12


def _counted(count: int, singular: str) -> str:
    return f"{count:,} {singular}{'' if count == 1 else 's'}"


def class_rows(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns every class's `name`, `found`, `used`, `left_out`, `why` and records in each split, rarest first.

    Args:
        summary: What `split_summary` returns.
    """
    rows = []
    for name, counts in summary["account"]["classes"].items():
        in_splits = summary["classes"].get(name, {})
        rows.append(
            {
                "name": name,
                "found": counts["found"],
                "used": counts["used"],
                "left_out": counts["found"] - counts["used"],
                "why": _reasons(counts),
                "splits": [in_splits.get(split, 0) for split in summary["splits"]],
            }
        )
    return sorted(rows, key=lambda row: (row["found"], row["name"]))


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """Says what was found, what is used, and what is left out and why; one sentence or more a line.

    Args:
        summary: What `split_summary` returns, with its `columns` and `notes`.
    """
    total, duplicates = summary["account"]["records"], summary["duplicates"]
    left_out = total["found"] - total["used"]
    why = f" ({_reasons(total)})" if left_out else ""
    said = [f"Records: {total['found']:,} found, {total['used']:,} used, {left_out:,} left out{why}."]
    if total["repeats"] and duplicates["policy"] != "drop":
        said.append(
            f"{_counted(total['repeats'], 'repeat')} of another record, class included: used with their weight, equal "
            "ones in one split (data.duplicates: keep_together)."
        )
    if total["moved"]:
        said.append(
            f"{_counted(total['moved'], 'record')} put into another split than the data ask for, as an equal one is "
            f"held out there: {_by_class(summary, 'moved')}."
        )
    said += _listed_things("bad record", summary["skipped"], summary["skipped_count"])
    said += _listed_things("file", summary["files_left_out"], summary["files_left_out_count"])
    said += _columns(summary.get("columns"))
    return [*said, *map(printable, summary.get("notes", ()))]


def losses(summary: Mapping[str, Any]) -> list[str]:
    """Says of every class that loses more than 2 % of its records how many, and why; the hardest hit first.

    Args:
        summary: What `split_summary` returns.
    """
    hit = [row for row in class_rows(summary) if row["left_out"] > _NOTABLE_LOSS * row["found"]]
    hit.sort(key=lambda row: -row["left_out"] / row["found"])
    policy = summary["duplicates"]["policy"]
    way_out = " To keep repeats, set data.duplicates to keep_together." if policy == "drop" else ""
    total = summary["account"]["records"]
    said = [
        f"Class {printable(row['name'])!r} keeps {row['used']:,} of {row['found']:,} records: {row['why']}. Its share "
        f"of the data becomes {row['used'] / max(total['used'], 1):.3f} instead of {row['found'] / total['found']:.3f}."
        for row in hit[:_SHOWN]
    ]
    if len(hit) > _SHOWN:
        said.append(
            f"{len(hit) - _SHOWN:,} more classes lose more than {_NOTABLE_LOSS:.0%} of their records."
        )
    if said and summary["account"]["records"]["duplicates"]:
        said[-1] += way_out
    return said


def _reasons(counts: Mapping[str, int]) -> str:
    reasons = [
        (counts["duplicates"], "repeat another and are dropped"),
        (counts["bad"], "cannot be used"),
    ]
    return ", ".join(f"{count:,} {reason}" for count, reason in reasons if count)


def _by_class(summary: Mapping[str, Any], key: str) -> str:
    classes = summary["account"]["classes"]
    hit = sorted(
        (name for name in classes if classes[name][key]),
        key=lambda name: -classes[name][key] / classes[name]["found"],
    )
    return listed([f"{name}: {classes[name][key]:,} of {classes[name]['found']:,}" for name in hit], _SHOWN)


def _listed_things(what: str, things: list[dict[str, str]], count: int) -> list[str]:
    if not count:
        return []
    shown = "; ".join(printable(f"{one['where']} {one['why']}") for one in things[:_SHOWN])
    more = f"; and {count - _SHOWN:,} more, in splits.csv" if count > _SHOWN else ""
    return [f"{_counted(count, what)} left out: {shown}{more}."]


def _columns(columns: Mapping[str, Any] | None) -> list[str]:
    if not columns or not any(columns.values()):  # A folder of images has none.
        return []
    used = [f"{name} ({role})" for name, role in columns["used"].items()]
    said = [f"{_counted(len(used), 'column')} used: {listed(used, _COLUMNS_SHOWN)}."]
    if columns["left_out"]:
        left = [f"{name} ({why})" for name, why in columns["left_out"].items()]
        said.append(f"{_counted(len(left), 'column')} left out: {listed(left, _COLUMNS_SHOWN)}.")
    return said
