"""Which class shares the served probabilities assume."""

from tests.made_documents import decision

CLASSES = ["good", "crack"]


def test_without_a_prior_asked_for_it_is_that_of_train():
    made = decision(CLASSES)
    assert made.asked_prior is None
    assert made.served_prior() == made.priors.natural == {"good": 0.5, "crack": 0.5}


def test_a_prior_that_is_asked_for_goes_before():
    shares = {"good": 0.9, "crack": 0.1}
    assert decision(CLASSES, settings={"prior": shares}).served_prior() == shares


def test_metrics_say_of_it_what_a_reader_of_figures_needs():
    made = decision(CLASSES)
    assert list(made.figures().as_dict()) == ["version", "settings", "calibration", "rule"]
    assert made.to_json()["document_version"] == 1 and made.to_json()["version"] == "0123456789ab"
