"""Renders the page `report.html`: what a run measured, for people."""

import base64
import hashlib
from pathlib import Path

import jinja2

from components.html_report import number_format
from components.html_report.report_inputs import ReportInputs
from components.html_report.section import Section, ShownSection
from components.html_report.sections.abstention import abstention
from components.html_report.sections.attention import attention
from components.html_report.sections.augmentation import augmentation
from components.html_report.sections.calibration import calibration
from components.html_report.sections.card import model_card
from components.html_report.sections.checks import data_checks
from components.html_report.sections.classes import class_scores
from components.html_report.sections.comparison import comparison
from components.html_report.sections.coverage import coverage
from components.html_report.sections.curves import curves
from components.html_report.sections.data import class_balance
from components.html_report.sections.gallery import gallery
from components.html_report.sections.left_out import left_out
from components.html_report.sections.mistakes import mistakes
from components.html_report.sections.money import money
from components.html_report.sections.over_time import over_time
from components.html_report.sections.queue import queue
from components.html_report.sections.settings import settings
from components.html_report.sections.strategies import strategies
from components.html_report.sections.thresholds import thresholds
from components.html_report.sections.training import training
from components.html_report.sections.tuning import search
from components.html_report.sections.unknown import unknown
from components.html_report.sections.verdict import verdict
from components.html_report.sections.worst import worst_mistakes

# In the order of the page.
SECTIONS = (
    Section("verdict", None, verdict),
    Section("data", "Data", class_balance),
    Section("checks", "Checks", data_checks),
    Section("gallery", "Examples", gallery),
    Section("augmentation", "Augmentation", augmentation),
    Section("tuning", "Search", search),
    Section("strategies", "Strategies", strategies),
    Section("training", "Training", training),
    Section("classes", "Classes", class_scores),
    Section("mistakes", "Mistakes", mistakes),
    Section("over_time", "Over time", over_time),
    Section("curves", "Curves", curves),
    Section("calibration", "Calibration", calibration),
    Section("queue", "Queue", queue),
    Section("money", "Money", money),
    Section("abstention", "Left to a person", abstention),
    Section("unknown", "Unknown", unknown),
    Section("coverage", "Sets", coverage),
    Section("thresholds", "Thresholds", thresholds),
    Section("worst", "Worst mistakes", worst_mistakes),
    Section("attention", "Attention", attention),
    Section("comparison", "Comparison", comparison),
    Section("card", "Model card", model_card),
    Section("left_out", "Left out", left_out),
    Section("settings", "Settings", settings),
)
_SCRIPT, _WITH_SCRIPT = "threshold_explorer.js.j2", "thresholds"


def render_report(inputs: ReportInputs) -> str:
    """Renders the report of a run as one HTML page that needs nothing beside itself.

    Equal inputs give equal text. Every name that comes from the data is escaped, and of scripts the page's own
    alone may run.

    Args:
        inputs: What the page is made of.

    Returns:
        The page.
    """
    environment = page_environment()
    script = environment.get_template(_SCRIPT).render()
    sections = [ShownSection(section, section.view(inputs)) for section in SECTIONS]
    return environment.get_template("page.html.j2").render(
        name=inputs.metrics.name,
        sections=sections,
        explorer=next(one.view for one in sections if one.section.name == _WITH_SCRIPT),
        script=script,
        script_hash=hash_of_script(script),
    )


def page_environment(*folders: Path) -> jinja2.Environment:
    """Returns what renders the templates of `folders`, and those of the report, in which every name is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, Path(__file__).parent / "templates"]),
        # By hand: jinja2's own choice goes by the file's ending, and .j2 is not among those it escapes.
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        amount=number_format.amount,
        amount_rate=number_format.amount_rate,
        breakable=number_format.breakable,
        count=number_format.count,
        counted=number_format.counted,
        interval=number_format.interval,
        rate=number_format.rate,
        score=number_format.score,
        share=number_format.share,
        share_rate=number_format.share_rate,
        significant=number_format.significant,
    )
    return environment


def hash_of_script(script: str) -> str:
    """Returns what a Content-Security-Policy knows a script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
