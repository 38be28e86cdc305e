import pytest

from components.imbalance_validator.settings import ValidationSettings
from components.imbalance_validator.spelling import check_spelling, same_but_for_spelling


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["Cat", "cat ", "dog"], [["Cat", "cat "]]),
        (["New York", "newyork", "NEW  YORK"], [["New York", "newyork", "NEW  YORK"]]),
        (["Straße", "STRASSE"], [["Straße", "STRASSE"]]),
        (["a\u00a0b", "a b"], [["a\u00a0b", "a b"]]),
        (["a-b", "ab"], []),
        (["0", "1", "10"], []),
        (["é", "e"], []),
        ([], []),
    ],
)
def test_names_equal_but_for_case_and_space(names, found):
    assert same_but_for_spelling(names) == found


def test_the_commonest_spelling_is_the_one_to_write(facts_of):
    [finding] = check_spelling(facts_of(classes=("Dog", "dog ")), ValidationSettings())
    assert finding.severity == "hard" and finding.subject == "dog "
    assert "'Dog' (143 examples) and 'dog ' (428 examples)" in finding.message
    assert "as 'dog '" in finding.advice
