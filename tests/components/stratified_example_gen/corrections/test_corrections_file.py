"""A file of corrections: what a page saves is read, and what is none is refused with the way out."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stratified_example_gen.corrections.corrections_file import Correction, read_corrections
from core.errors import InputError
from core.spreadsheet_csv import SpreadsheetWriter


def written(tmp_path, text: str) -> str:
    path = tmp_path / "corrections.csv"
    path.write_text(text)
    return str(path)


def test_a_file_is_read(tmp_path):
    path = written(tmp_path, 'key,label,was\na.png,crack,good\n\'=b,,\n"c,\nd",good,good\n')
    assert read_corrections(path) == {
        "a.png": Correction("crack", "good"),
        "=b": Correction(None, None),
        "c,\nd": Correction("good", "good"),
    }
    # As spreadsheets save it.
    assert read_corrections(written(tmp_path, "\ufefflabel,key\r\ncrack,a.png\r\n")) == {
        "a.png": Correction("crack")
    }
    assert read_corrections(written(tmp_path, "key,label\n")) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Received: none"),
        ("key;label\na;b\n", "'key;label'"),
        ("key,class\na,b\n", "'class'"),
        ("key,label,note\na,b,c\n", "'note'"),
        ("key,label\na,b\na,c\n", "row 2: the key 'a' stands in an earlier row"),
        ("key,label\n,b\n", "row 1: it has no key"),
        ("key,label\na\n", "row 1: it has no label"),
    ],
)
def test_what_is_no_file_of_corrections_is_refused(tmp_path, text, words):
    with pytest.raises(InputError, match=r"data\.corrections: .*corrections\.csv") as error:
        read_corrections(written(tmp_path, text))
    assert words in str(error.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_corrections(str(tmp_path / "none.csv"))
    (tmp_path / "bad.csv").write_bytes(b"key,label\n\xff\xfe,a\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_corrections(str(tmp_path / "bad.csv"))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        st.sampled_from(["a", "", "=b"]),
    )
)
def test_any_key_comes_back(tmp_path_factory, wanted):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    text = io.StringIO(newline="")
    writer = SpreadsheetWriter(text)
    writer.writerow(["key", "label"])
    writer.writerows(wanted.items())
    path.write_bytes(text.getvalue().encode())
    assert read_corrections(str(path)) == {key: Correction(label or None) for key, label in wanted.items()}
