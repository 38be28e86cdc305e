import pytest

from components.decision_calibrator.check import check_class_counts, check_class_names
from components.decision_calibrator.settings import DecisionSettings
from core.errors import InputError


def test_a_class_called_as_an_abstention_is_refused():
    with pytest.raises(InputError, match=r"a class is called 'abstain'.*Give the class another name"):
        check_class_names(DecisionSettings(abstain={"max_share": 0.1}), ["abstain", "good"])
    check_class_names(DecisionSettings(), ["abstain", "good"])


def test_a_coverage_of_a_class_of_three_records_is_refused_with_its_name():
    settings = DecisionSettings(coverage=0.9)
    with pytest.raises(
        InputError, match=r"at least 5 records of every class.*coverage=0\.9 with rare \(3\)\. Bring"
    ):
        check_class_counts(settings, {"common": 500, "rare": 3})
    check_class_counts(settings, {"common": 500, "rare": 5})
    check_class_counts(DecisionSettings(), {"common": 500, "rare": 3})


def test_a_queue_of_less_than_one_record_is_refused_with_the_least_that_is_not():
    settings = DecisionSettings(rule={"capacity": {"class": "rare", "share": 0.0001}})
    with pytest.raises(InputError, match=r"0\.0001 of 2,000 records is less than one.*Set it to 0\.00053"):
        check_class_counts(settings, {"common": 1990, "rare": 10})
    check_class_counts(settings, {"common": 9990, "rare": 10})
