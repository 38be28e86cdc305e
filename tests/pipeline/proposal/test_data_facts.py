"""What `init` finds out is what a run will read."""

from pipeline.proposal.data_facts import gather_facts


def test_label_that_spells_missing_is_no_class_but_a_bad_record(tmp_path):
    rows = [f"{number}.5,{('good', 'good', 'crack', 'NA', 'none')[number % 5]}" for number in range(50)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["width,defect", *rows, "1.5,"]) + "\n")
    facts = gather_facts(str(path))
    assert facts.counts == {"good": 20, "crack": 10, "none": 10}
    assert facts.bad_records == ("11 of 51 rows looked at have no label but 'NA'",)


def test_numbers_are_found_however_they_are_written(tmp_path):
    cells = ["1.234,5", "12.345", "-", "None", "\N{INFINITY}", "7"]
    rows = [f"{cells[number % 6]};x{number % 3};{'ab'[number % 2]}" for number in range(60)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["price;line;class", *rows]) + "\n", encoding="utf-8")
    roles = gather_facts(str(path)).roles
    assert roles is not None and (roles.numeric, roles.categorical) == (["price"], ["line"])
