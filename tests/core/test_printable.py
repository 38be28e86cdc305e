"""Text of others cannot steer what shows it."""

import pytest

from core.printable import listed, printable


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "a\u2028b", "a\u202eb", "\x00"])
def test_what_steers_or_breaks_a_line_is_replaced(text):
    shown = printable(text)
    assert shown.isprintable() and len(shown) == len(text) and "\N{REPLACEMENT CHARACTER}" in shown


def test_letters_of_every_script_stay():
    assert printable("größe 重さ [bold]") == "größe 重さ [bold]"


def test_long_lists_are_cut_and_say_by_how_much():
    assert listed(["a", "b\n"]) == "a, b\N{REPLACEMENT CHARACTER}"
    assert listed([str(number) for number in range(1500)], most=2) == "0, 1 and 1,498 more"
