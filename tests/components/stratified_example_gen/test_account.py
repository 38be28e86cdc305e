"""Found is used and left out, in all and in every class."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.stratified_example_gen.account import account
from components.stratified_example_gen.plan import Plan
from components.stratified_example_gen.records import BadRecord, LeftOut
from core.splitting import DROPPED

CLASSES = ["cat", "dog", "emu"]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0, 1, 2, DROPPED]), st.booleans())),
    st.lists(st.sampled_from([*CLASSES, "yak", None])),
    st.integers(0, 3),
)
def test_found_is_used_and_left_out_in_every_class(records, bad_labels, num_files):
    labels = np.array([label for label, _, _ in records], np.int64)
    splits = np.array([split for _, split, _ in records], np.uint8)
    repeats = np.array([repeat or split == DROPPED for _, split, repeat in records], bool)
    plan = Plan(splits, repeats, np.zeros(len(records), bool), 0, np.arange(len(records)))
    bad = [BadRecord(str(number), "is empty", label) for number, label in enumerate(bad_labels)]
    found = account(CLASSES, labels, plan, bad, [LeftOut(str(n), "is a link") for n in range(num_files)])

    total = found.records
    assert total.found == len(records) + len(bad)
    assert found.files == num_files
    for counts in (total, *found.classes.values()):
        assert counts.found == counts.used + counts.duplicates + counts.bad
        assert counts.duplicates <= counts.repeats <= counts.found
    for key in ("used", "duplicates", "repeats", "moved"):
        assert sum(getattr(counts, key) for counts in found.classes.values()) == getattr(total, key)
    assert sum(counts.bad for counts in found.classes.values()) + found.bad_without_class == len(bad)
    assert {"yak"} & set(found.classes) == {"yak"} & set(bad_labels)


def test_a_worked_example():
    plan = Plan(
        np.array([0, 0, DROPPED, 2], np.uint8),
        repeats=np.array([False, False, True, False]),
        moved=np.array([False, False, False, True]),
        contradictory=0,
        sets=np.array([0, 1, 1, 2]),
    )
    found = account(CLASSES, np.array([0, 0, 0, 1]), plan, [BadRecord("x", "is empty", "dog")], [])
    assert found.classes["cat"].as_dict() == {
        "found": 3,
        "used": 2,
        "duplicates": 1,
        "bad": 0,
        "repeats": 1,
        "moved": 0,
    }
    assert found.classes["dog"].as_dict() == {
        "found": 2,
        "used": 1,
        "duplicates": 0,
        "bad": 1,
        "repeats": 0,
        "moved": 1,
    }
    assert list(found.classes) == ["cat", "dog", "emu"]
