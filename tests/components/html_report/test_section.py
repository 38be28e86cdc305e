"""A section is a file, a template and a row in the list: none of the three without the others."""

from pathlib import Path

import pytest

from components.html_report import report
from components.html_report.report import SECTIONS

ROOM = Path(report.__file__).parent
NO_SECTIONS = {"page.html.j2", "charts.html.j2"}


def test_every_file_of_a_section_is_listed():
    names = {section.name for section in SECTIONS}
    assert {path.stem for path in (ROOM / "sections").glob("*.py")} - {"__init__"} == names
    templates = {path.name for path in (ROOM / "templates").glob("*.html.j2")} - NO_SECTIONS
    assert templates == {section.template for section in SECTIONS}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_section_begins_with_its_anchor_and_is_named_by_its_title(section):
    template = (ROOM / "templates" / section.template).read_text()
    opening = template.partition("\n")[0]
    assert opening.startswith("<section ") and template.endswith("</section>\n")
    assert f'id="{section.anchor}" aria-labelledby="{section.anchor}-title"' in opening
    assert f'id="{section.anchor}-title"' in template


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_function_of_a_section_stands_in_its_file(section):
    assert section.view.__module__ == f"components.html_report.sections.{section.name}"
