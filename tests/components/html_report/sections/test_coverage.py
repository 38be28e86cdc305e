import io

import pytest
from rich.console import Console

from components.html_report.terminal import per_class_table


def with_sets(run, few=("trash",), bound=0.15):
    classes = run.training["classes"]
    run.decided = {
        "coverage": {
            "formula": "",
            "coverage": 0.9,
            "thresholds": dict.fromkeys(classes, bound),
            "records": {name: 3 if name in few else 40 for name in classes},
            "fewest_records": 9,
            "own_weight": {name: 1 / 3 if name in few else 1.0 for name in classes},
        }
    }
    return run


def section_of(run):
    return run.page.split('<section id="coverage"')[1].split("</section>")[0]


def test_the_page_shows_each_class_and_says_which_have_too_few_records(six, answered):
    run = with_sets(answered(six))
    section, scores = section_of(run), run.measured.coverage
    assert "1 class had fewer" in section and "<bdi>trash</bdi>.</p>" in section
    for name, row in scores.per_class.items():
        shown = section.split(f"<bdi>{name}</bdi></th>")[1].split("</tr>")[0]
        assert f"<td>{row.covered.value:.3f} (" in shown
        assert ("too few" in shown) == (name == "trash")


def test_a_class_that_is_covered_too_seldom_is_marked(six, answered):
    section = section_of(with_sets(answered(six), few=(), bound=0.9))
    assert "falls short" in section and "had fewer" not in section


def test_without_sets_there_is_no_such_section(six, answered):
    assert 'id="coverage"' not in answered(six).page


@pytest.mark.parametrize("few", [(), ("trash", "glass")])
def test_the_terminal_names_the_class_that_is_covered_least(six, answered, few):
    run = with_sets(answered(six), few)
    output = io.StringIO()
    Console(file=output, width=220).print(per_class_table(run.measured))
    said = " ".join(output.getvalue().split()).partition("Sets: ")[2]
    per_class = run.measured.coverage.per_class
    lowest = min(per_class, key=lambda name: (per_class[name].covered.value, name))
    assert f"least of {lowest}: {per_class[lowest].covered.value:.3f} (" in said
    named = said.partition("Fewer than the 9")[2]
    assert bool(named) == bool(few) and all(name in named for name in few)
