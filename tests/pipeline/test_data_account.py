"""The account of the data on the terminal."""

import io

from rich.console import Console

from pipeline.data_account import append_losses, show_account
from tests.components.stratified_example_gen.test_account_text import summary_of


def shown(summary):
    console = Console(file=io.StringIO(), width=100, color_system=None)
    show_account(summary, console)
    return console.file.getvalue()


def test_every_class_is_shown_with_what_was_found_used_and_left_out():
    page = shown(summary_of(15))
    [row] = [line for line in page.splitlines() if "claim " in line and "│" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["claim", "20", "5", "15", "5", "0", "0"]
    assert "Warning: Class 'claim' keeps 5 of 20 records" in page


def test_a_later_failure_names_what_was_left_out():
    message = append_losses("Class 'claim' is missing in test.", summary_of(15))
    assert message.startswith("Class 'claim' is missing in test.\nClass 'claim' keeps 5 of 20 records")
    assert append_losses("Full disk.", None) == append_losses("Full disk.", summary_of(0)) == "Full disk."
