from components.imbalance_validator.anomalies import check_anomalies
from components.imbalance_validator.facts import Anomaly
from components.imbalance_validator.settings import ValidationSettings


def test_the_same_anomaly_in_two_splits_is_one_finding(facts_of):
    text = "Examples contain values missing from the schema: pink (~1%). "
    facts = facts_of(
        anomalies=(
            Anomaly("train", "colour", "hard", text),
            Anomaly("test", "colour", "hard", text),
            Anomaly("test", "", "soft", "Few examples."),
        )
    )
    colour, whole = check_anomalies(facts, ValidationSettings())
    assert (colour.severity, colour.subject) == ("hard", "colour")
    assert colour.message.startswith("Feature 'colour' breaks the schema in train and test: Examples contain")
    assert (whole.severity, whole.subject) == ("soft", "the whole split")
