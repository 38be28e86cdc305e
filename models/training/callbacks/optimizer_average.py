"""Weights averaged by the optimizer itself, measured and kept in place of the last ones."""

from models.network.addons import assign_averages, has_averages
from models.training.callbacks.evaluated_average import EvaluatedAverage


class OptimizerAverage(EvaluatedAverage):
    """Lets evaluation see the average that an optimizer of TensorFlow Addons gathers, MovingAverage or SWA.

    Nothing is changed with any other optimizer, nor before the first average is there.
    """

    def has_average(self) -> bool:
        return has_averages(self.model)

    def assign_average(self) -> None:
        assign_averages(self.model)
