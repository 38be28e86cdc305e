"""Names that YAML reads alike."""

import pytest

from core.errors import InputError
from core.named_in_data import Mention
from pipeline.configuration.spelling_in_data import spelling_in_data


def spelling(written, *known):
    return spelling_in_data(Mention("decision.prior", "class", written), known, "in the data")


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("true", "True"),
        ("yes", "TRUE"),
        ("no", "False"),
        ("1", "1.0"),
        ("1.0", "1"),
        ("1", "01"),
        ("~", "null"),
    ],
)
def test_the_one_that_is_read_alike_is_meant(written, spelled):
    assert spelling(written, "other", "0", spelled) == spelled


@pytest.mark.parametrize(("written", "known"), [("yes", ("True", "true")), ("1.0", ("1", "01", "x"))])
def test_of_two_that_are_read_alike_one_is_to_be_quoted(written, known):
    with pytest.raises(InputError) as caught:
        spelling(written, *known)
    message = str(caught.value)
    assert message.startswith(f"decision.prior: {written} may be {known[0]!r} or {known[1]!r}")
    assert "Quote it" in message and "\n" not in message


@pytest.mark.parametrize("known", [("true", "x"), ("1.5", "x"), ("one", "x")])
def test_a_number_is_neither_a_boolean_nor_text(known):
    with pytest.raises(InputError, match="there is no class '1' in the data"):
        spelling("1", *known)


def test_a_name_of_five_thousand_digits_is_one_like_any_other():
    with pytest.raises(InputError, match="there is no class") as caught:
        spelling("9" * 5_000, "1")
    assert len(str(caught.value)) < 500
