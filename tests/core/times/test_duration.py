"""Durations of settings."""

import pytest

from core.times.duration import parse_duration, written_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7d", 604_800), ("12h", 43_200), ("30min", 1_800), ("0s", 0), ("1.5h", 5_400), ("2w", 1_209_600)],
)
def test_durations_are_read(text, seconds):
    assert parse_duration(text) == seconds * 10**6


def test_a_tenth_of_a_second_is_exact():
    assert parse_duration("0.1s") == 100_000


@pytest.mark.parametrize("text", ["7", "d", "-1d", "7 days", "1e9d", "", "400000d"])
def test_what_is_no_duration_is_refused_with_the_value(text):
    with pytest.raises(ValueError, match=f"Received: {text!r}"):
        parse_duration(text)


def test_durations_are_written_in_the_largest_unit():
    assert [written_duration(parse_duration(text)) for text in ("7d", "36h", "90min", "1.5s")] == [
        "7d",
        "36h",
        "90min",
        "1.5s",
    ]
