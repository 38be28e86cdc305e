"""What was found in the data and not used."""

from typing import Any

from components.stratified_example_gen.account_text import class_rows, losses, sentences

FILES_SHOWN = 50


def lay_out(split_summary: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the classes' `rows`, `losses` and `sentences`, the `columns`, and the first `files` of `num_files`.

    None where the data were read by a generator that keeps no account.
    """
    if "account" not in split_summary:
        return None
    return {
        "rows": class_rows(split_summary),
        "losses": losses(split_summary),
        "sentences": sentences(split_summary),
        "columns": split_summary.get("columns"),
        "files": split_summary["files_left_out"][:FILES_SHOWN],
        "num_files": split_summary["files_left_out_count"],
    }
