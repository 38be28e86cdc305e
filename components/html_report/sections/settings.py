"""Section with all settings of the experiment."""

from components.html_report.report_inputs import ReportInputs


def settings(inputs: ReportInputs) -> str:
    """Returns the settings as an experiment's file."""
    return inputs.experiment.as_yaml()
