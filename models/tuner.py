"""Entry point of TFX's Tuner: settings and space in, a search over trainings out."""

from typing import TYPE_CHECKING

from models.tuning.make_search import make_search

if TYPE_CHECKING:
    from tfx.components.trainer import fn_args_utils
    from tfx.components.tuner.component import TunerFnResult


def tuner_fn(fn_args: "fn_args_utils.FnArgs") -> "TunerFnResult":
    """Makes the search over the experiment's settings.

    Args:
        fn_args: TFX's arguments. `custom_config` holds what the Trainer's does, the experiment's `tuner`, and
            `tuning_dir`, the folder in which searches are kept, so that one that was killed goes on.
    """
    # Takes seconds, and is not needed where searches are only put together.
    from tfx.components.tuner.component import TunerFnResult

    return TunerFnResult(tuner=make_search(fn_args), fit_kwargs={})
