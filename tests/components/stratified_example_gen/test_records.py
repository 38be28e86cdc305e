"""A digest stands for a record's content."""

import itertools

from components.stratified_example_gen.records import Record


def test_digest_depends_on_content_alone():
    record = Record("row 1", "cat", {"a": "1", "b": None}, b"image")
    same = Record("row 2", "dog", {"a": "1", "b": None}, b"image", split="test", group="g")
    assert record.digest() == same.digest()
    assert len(record.digest()) == 16


def test_numbers_and_words_count_as_what_they_say():
    spellings = [({"a": "3", "b": "true"}), ({"a": "3.0", "b": "TRUE"})]
    assert len({Record("k", "cat", cells).digest() for cells in spellings}) == 1


def test_different_contents_have_different_digests():
    contents = [
        ({"a": "1", "b": "2"}, None),
        ({"a": "2", "b": "1"}, None),
        ({"a": "12", "b": ""}, None),
        ({"a": "", "b": "12"}, None),
        ({"a": None, "b": "12"}, None),
        ({"a": "1", "c": "2"}, None),
        ({"a": "1"}, None),
        ({}, b"12"),
        ({}, b"21"),
        ({"a": "1"}, b"2"),
        ({"a": "1b2"}, None),
        # What stands between the cells may stand in a cell.
        ({"a": "1\x01b\x012"}, None),
    ]
    digests = [Record("k", "cat", cells, image).digest() for cells, image in contents]
    assert all(one != other for one, other in itertools.combinations(digests, 2))
