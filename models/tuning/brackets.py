"""Brackets of Hyperband: how many trials run for how long, within a number of trials."""

import math

FACTOR = 3


def bracket_sizes(max_trials: int, max_epochs: int) -> list[list[int]]:
    """Plans the brackets of Hyperband.

    Bracket s begins with trials of `max_epochs / 3**s` epochs, keeps the best third of them for three times
    as many epochs, and so on to all epochs. In the paper bracket s of S + 1 begins with
    `(S + 1) / (s + 1) * 3**s` trials, so that all brackets cost alike, and S follows from the epochs: 30
    epochs make 69 trials. Here S and a common factor of the sizes are chosen so that the trials of all
    rounds together are at most `max_trials`.

    Example: 19 trials of at most 30 epochs are the brackets `[[2], [4, 1], [8, 2, 1]]`.

    Reference: Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", 2018,
    https://jmlr.org/papers/v18/16-558.html

    Args:
        max_trials: Most trials, at least 1.
        max_epochs: Epochs of the longest trials, at least 1.

    Returns:
        For each bracket, from the one of full-length trials alone, the number of trials in its rounds.
    """
    most = int(math.log(max_epochs, FACTOR) + 1e-9) + 1
    # A plan that must be shrunk to less than two thirds is left with rounds of one trial.
    fitting = [count for count in range(1, most + 1) if _total(_sizes(count, 1.0)) <= 1.5 * max_trials]
    count = max(fitting, default=1)
    # In steps of a sixteenth; sizes grow with it.
    step = 1
    while _total(_sizes(count, (step + 1) / 16)) <= max_trials:
        step += 1
    return _sizes(count, step / 16)


def _sizes(count: int, scale: float) -> list[list[int]]:
    return [
        [
            max(int(scale * count / (bracket + 1) * FACTOR ** (bracket - round_number)), 1)
            for round_number in range(bracket + 1)
        ]
        for bracket in range(count)
    ]


def _total(sizes: list[list[int]]) -> int:
    return sum(sum(rounds) for rounds in sizes)
