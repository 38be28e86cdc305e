from components.imbalance_validator.settings import ValidationSettings
from components.imbalance_validator.spelling import check_spelling


def test_the_commonest_spelling_is_the_one_to_write(facts_of):
    [finding] = check_spelling(facts_of(classes=("Dog", "dog ")), ValidationSettings())
    assert finding.severity == "hard" and finding.subject == "dog "
    assert "'dog ' (428 examples) and 'Dog' (143 examples) differ by case or space only" in finding.message
    assert "as 'dog '" in finding.advice and "validation.skip to [label_spelling]" in finding.advice


def test_two_spellings_of_a_number_are_found(facts_of):
    [finding] = check_spelling(facts_of(classes=("1", "01")), ValidationSettings())
    assert "are one number" in finding.message
