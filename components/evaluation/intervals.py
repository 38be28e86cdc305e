"""Confidence intervals of shares."""

import math

from core.documents.decision_scores import Rate

# The 97.5 % quantile of the standard normal distribution.
NORMAL_95 = 1.959963984540054


def wilson_interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Returns the 95 % Wilson score interval of a share, None without trials.

    With p = successes / trials, n = trials, z = 1.96: (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n).
    Unlike p ± z √(p(1 - p)/n) it stays honest for a class of a few examples: 1 success of 1 gives [0.21, 1].
    SciPy's `binomtest(…).proportion_ci(method="wilson")` is the same interval in another order of operations:
    the last digit differs, which recorded metrics would show.

    Reference:
        Wilson (1927), Probable inference, the law of succession, and statistical inference,
        https://doi.org/10.1080/01621459.1927.10502953
    """
    if trials == 0:
        return None
    share = successes / trials
    z_squared_per_trial = NORMAL_95**2 / trials
    centre = share + z_squared_per_trial / 2
    half_width = NORMAL_95 * math.sqrt(share * (1 - share) / trials + z_squared_per_trial / (4 * trials))
    low = (centre - half_width) / (1 + z_squared_per_trial)
    high = (centre + half_width) / (1 + z_squared_per_trial)
    # At the ends the formula gives 0 and 1 up to rounding.
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def wilson_rate(successes: int, trials: int) -> Rate:
    """Returns a share with its 95 % Wilson interval; see wilson_interval."""
    interval = wilson_interval(successes, trials)
    if interval is None:
        return Rate(value=None, low=None, high=None)
    return Rate(value=successes / trials, low=interval[0], high=interval[1])
