"""Section: a part of the page, and what it is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from components.html_report.report_inputs import ReportInputs


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        name: Of its template, `templates/<name>.html.j2`, and of its anchor.
        title: Of the link to it; None for a section that needs no link.
        view: Returns what its template shows, as `view`; None leaves the section out.
    """

    name: str
    title: str | None
    view: Callable[[ReportInputs], Any]

    @property
    def template(self) -> str:
        """File of the template."""
        return f"{self.name}.html.j2"

    @property
    def anchor(self) -> str:
        """What a link to the section names."""
        return self.name.replace("_", "-")


@dataclass(frozen=True)
class ShownSection:
    """A section with what its template shows; None where it is left out."""

    section: Section
    view: Any
