"""The index keeps what the plan needs, and survives being written."""

import numpy as np

from components.stratified_example_gen.columns import Tally
from components.stratified_example_gen.index import Index, index_records
from components.stratified_example_gen.plan import UNGIVEN
from components.stratified_example_gen.records import BadRecord, Record

MAX_PIXELS = 1000


def records(image):
    return [
        Record("r1", "dog", {"w": "1.5", "l": "ü"}, image, group="g1"),
        BadRecord("r2", "is empty"),
        Record("r3", "cat", {"w": None, "l": "x"}, image, "test", "g2"),
        Record("r4", "dog", {"w": "1.5", "l": "ü"}, image, "train", "g1"),
    ]


def test_index_of_records(image_of):
    some = records(image_of(0))
    index = index_records(iter(some), MAX_PIXELS)
    assert index.keys == ["r1", "r3", "r4"]
    assert index.classes == ["dog", "cat"]
    assert index.labels.tolist() == [0, 1, 0]
    assert index.given.tolist() == [UNGIVEN, 2, 0]
    assert index.groups == ["g1", "g2", "g1"]
    assert index.bad == [some[1]]
    assert index.tallies == {
        "w": Tally(missing=1, numbers=2, least=1.5, greatest=1.5, checked=1),
        "l": Tally(texts=3, first_text=("r1", "ü")),
    }
    assert index.digests.dtype == np.uint64 and index.digests.shape == (3, 2)
    assert [row.tobytes() for row in index.digests] == [some[row].digest() for row in (0, 2, 3)]
    assert len(set(index.hashes.tolist())) == 1


def assert_equal(one, other):
    for name in ("keys", "classes", "tallies", "bad", "groups"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("labels", "digests", "given", "hashes"):
        first, second = getattr(one, name), getattr(other, name)
        assert first.dtype == second.dtype and first.shape == second.shape and (first == second).all()


def test_index_is_read_as_it_was_written(image_of):
    for some in (records(image_of(0)), records(None), [BadRecord("r", "ends \udcff")], []):
        index = index_records(iter(some), MAX_PIXELS)
        assert_equal(Index.from_bytes(index.to_bytes()), index)


def test_index_can_be_read_without_its_keys():
    index = index_records(iter(records(None)), MAX_PIXELS)
    small = Index.from_bytes(index.to_bytes(), with_keys=False)
    assert small.keys == []
    assert (small.labels == index.labels).all()


def test_equal_records_are_written_as_equal_bytes():
    once, twice = (index_records(iter(records(None)), MAX_PIXELS).to_bytes() for _ in range(2))
    assert_equal(Index.from_bytes(once), Index.from_bytes(twice))


def test_index_of_nothing_fits_beside_others():
    empty = index_records(iter([]), MAX_PIXELS)
    assert empty.digests.shape == (0, 2)
    full = index_records(iter(records(None)), MAX_PIXELS)
    assert np.concatenate([empty.digests, full.digests]).dtype == np.uint64
