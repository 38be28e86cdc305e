"""What a stray quote, an encoding or a missing header costs is said, and not what comes of it."""

import io

import pytest
from rich.console import Console

from core.errors import InputError
from pipeline.proposal.data_facts import gather_facts
from pipeline.proposal.print_proposal import print_proposal
from pipeline.proposal.propose import propose

HEADER = "size,colour,label"
ROWS = [f"{number * 7 % 100}.5,c{number % 3},{'bad' if number % 4 == 0 else 'good'}" for number in range(120)]


def write(tmp_path, rows, header=HEADER, encoding="utf-8"):
    path = tmp_path / "t.csv"
    path.write_bytes("\n".join([*([header] if header else []), *rows, ""]).encode(encoding))
    return str(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        # All but one row vanish; what is left is a single class.
        (
            ['1.5,"c1,good', *ROWS],
            r"row 1 \(line 2\) opens a quote that is never closed.* all 120 lines behind it",
        ),
        (
            [*ROWS[:60], '1.5,"c1,good', *ROWS[60:]],
            r"row 61 \(line 62\) opens a quote.* all 60 lines behind it",
        ),
        (
            [*ROWS[:60], '1.5,"c1,good', *ROWS[60:90], '2,"c",bad', *ROWS[90:]],
            r"row 61 .* takes in the 31 lines",
        ),
    ],
)
def test_a_quote_that_is_not_closed_is_refused(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        gather_facts(write(tmp_path, rows))


def test_a_table_in_latin_1_is_refused_as_one(tmp_path):
    rows = [row.replace("c1", "gelbgrün") for row in ROWS]
    with pytest.raises(InputError, match="Windows-1252"):
        gather_facts(write(tmp_path, rows, encoding="latin-1"))


def test_rows_with_a_zero_byte_are_counted(tmp_path):
    facts = gather_facts(write(tmp_path, [*ROWS, "1.5,c\0,good", "1.5,c,good,more"]))
    assert facts.bad_records == (
        "1 of 122 rows looked at have more or fewer cells than the header",
        "1 of 122 rows looked at hold a zero byte (NUL)",
    )


def test_a_header_that_is_data_is_noted(tmp_path):
    facts = gather_facts(write(tmp_path, ROWS, header=""), label="bad")
    [note] = facts.notes
    assert "looks like data: '0.5' stands above numbers and 'c0', 'bad' are values of their columns" in note


def test_lines_in_a_cell_that_may_be_rows_are_noted(tmp_path):
    facts = gather_facts(write(tmp_path, [*ROWS, '1.5,"c1,good', *ROWS[:30], '9,c1",good']))
    [note] = facts.notes
    assert "row 121 (line 122) with 32 such lines" in note


def test_the_separator_is_shown_and_written_into_the_experiment(tmp_path):
    rows = [row.replace(",", ";").replace(".", ",") for row in ROWS]
    path = write(tmp_path, rows, "Length, mm;Width, mm;Class")
    proposal = propose(path, str(tmp_path / "x.yaml"))
    what = "t.csv: cells are set apart by ';'"
    assert what in " ".join(proposal.text.replace("\n", " ").replace("#", " ").split())
    text = io.StringIO()
    print_proposal(proposal, Console(file=text, width=200))
    assert what in text.getvalue()


def test_numbers_of_thousands_of_digits_are_looked_at(tmp_path):
    rows = [f"{'9' * 5000}{number},{row}" for number, row in enumerate(ROWS)]
    facts = gather_facts(write(tmp_path, rows, f"account,{HEADER}"))
    assert "account" in facts.roles.drop
