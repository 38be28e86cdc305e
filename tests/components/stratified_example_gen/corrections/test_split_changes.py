"""What a correction does to the splits of all other records."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from components.stratified_example_gen.plan import UNGIVEN, plan_splits
from components.stratified_example_gen.settings import DataSettings

SETTINGS = DataSettings(format="csv", path="parts.csv")


def splits_of(labels: np.ndarray, digests: np.ndarray) -> np.ndarray:
    given_splits = np.full(len(labels), UNGIVEN, np.int8)
    return plan_splits(["a", "b", "c"], labels, digests, given_splits, SETTINGS, 0).splits


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_besides_a_corrected_record_at_most_one_at_each_border_of_two_classes_changes_its_split(
    seed, leaves_out
):
    random = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], random.integers(8, 60, 3))
    digests = random.integers(0, 2**63, (len(labels), 2)).astype(np.uint64)
    before = splits_of(labels, digests)
    one = int(random.integers(len(labels)))
    others = np.delete(np.arange(len(labels)), one)
    was, becomes = labels[one], (labels[one] + 1) % 3
    if leaves_out:
        after = splits_of(labels[others], digests[others])
    else:
        corrected = labels.copy()
        corrected[one] = becomes
        after = splits_of(corrected, digests)[others]
    moved = before[others] != after
    for name in range(3):
        count = int(moved[labels[others] == name].sum())
        assert count <= (2 if name == was or (name == becomes and not leaves_out) else 0)
