"""The command on what it cannot review, before TensorFlow is imported."""

import sqlite3

import pytest

from tests.conftest import counterpoise_here


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["DIR", "-o", "OUT/review.csv"], "expected a file that ends in .html"),
        (["DIR", "-o", "OUT/none/review.html"], "none"),
        (["DIR", "-o", "OUT/review.html"], "holds no metadata.sqlite"),
        (["DIR", "-n", "0", "-o", "OUT/review.html"], "-n"),
    ],
)
def test_bad_input_ends_with_one_message(tmp_path, words, said):
    (tmp_path / "run").mkdir()
    places = {"DIR": str(tmp_path / "run"), "OUT": str(tmp_path)}
    done = counterpoise_here(
        "review", *(word.replace("OUT", places["OUT"]).replace("DIR", places["DIR"]) for word in words)
    )
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "review.html").exists() and not (tmp_path / "review.csv").exists()


def test_what_is_no_store_is_said_to_be_none(tmp_path):
    connection = sqlite3.connect(tmp_path / "metadata.sqlite")
    connection.execute("create table things (name text)")
    connection.commit()
    connection.close()
    done = counterpoise_here("review", tmp_path, "-o", tmp_path / "review.html")
    assert done.returncode == 2 and "metadata" in done.stderr
