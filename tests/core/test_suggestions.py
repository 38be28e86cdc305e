"""The name somebody probably meant."""

from core.suggestions import nearest


def test_nearest_name_is_the_one_most_alike():
    assert nearest("labels", ["table", "label", "width"]) == "label"
    assert nearest("Width", iter(["line", "width"])) == "width"


def test_nothing_alike_is_nothing():
    assert nearest("zzz", ["label", "width"]) is None
    assert nearest("label", []) is None
