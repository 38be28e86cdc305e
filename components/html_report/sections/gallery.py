"""Section with a few examples of every class."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from components.html_report.report_inputs import ReportInputs

if TYPE_CHECKING:  # It imports TensorFlow, which a page does not need.
    from components.html_report.records.class_gallery import GalleryPicture


def gallery(inputs: ReportInputs) -> Mapping[str, Sequence["GalleryPicture"]] | None:
    """Returns the pictures of each class; None where there are none."""
    return inputs.gallery or None
