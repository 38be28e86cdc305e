"""A lone surrogate is what a byte that is no UTF-8 leaves behind."""

from components.stratified_example_gen.csv.utf8 import is_utf8


def test_bytes_that_are_utf8_are_told_from_others():
    assert is_utf8("größe 重さ 😀".encode().decode(errors="surrogateescape"))
    assert not is_utf8("größe".encode("latin-1").decode(errors="surrogateescape"))
