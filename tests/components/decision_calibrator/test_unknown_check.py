import pytest
from pydantic import ValidationError

from components.decision_calibrator.check import check_class_names
from components.decision_calibrator.settings import DecisionSettings
from components.decision_calibrator.unknown_check import check_held_out, fewest_held_out
from components.decision_calibrator.unknown_settings import UnknownSettings
from core.errors import InputError


def test_a_class_called_as_what_is_unknown_is_refused():
    settings = DecisionSettings(unknown={"max_false_alarm": 0.1})
    with pytest.raises(InputError, match=r"a class is called 'unknown'.*Give the class another name"):
        check_class_names(settings, ["good", "unknown"])
    check_class_names(DecisionSettings(), ["good", "unknown"])


@pytest.mark.parametrize(("share", "fewest"), [(0.01, 99), (0.05, 19), (0.1, 9), (0.3, 3), (0.5, 1)])
def test_so_many_held_out_records_are_needed(share, fewest):
    settings = UnknownSettings(max_false_alarm=share)
    assert fewest_held_out(share) == fewest
    check_held_out(settings, fewest)
    with pytest.raises(
        InputError, match=rf"takes {fewest} held-out.*with {fewest - 1} held-out records\. Set it to "
    ):
        check_held_out(settings, fewest - 1)
    # What is advised is enough.
    least = UnknownSettings(max_false_alarm=min(0.5, -(-1e4 // fewest) / 1e4))
    check_held_out(least, fewest - 1) if fewest > 1 else None


@pytest.mark.parametrize("value", [0, 0.6, -1, None, "x"])
def test_a_share_out_of_range_is_refused(value):
    with pytest.raises(ValidationError):
        DecisionSettings(unknown={"max_false_alarm": value})
