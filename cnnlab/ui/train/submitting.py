"""Putting a run into the queue from a page: held against what a student may ask for, its network included."""

from cnnlab import access
from cnnlab.access import limits
from cnnlab.runs import Run
from cnnlab.settings import RunConfig
from cnnlab.ui.engine import supervisor
from cnnlab.ui.train.network_cost import input_shape, network_cost
from cnnlab.ui.warm_up import need_tensorflow


def submit(config: RunConfig) -> Run:
    """Put a run with these settings into the queue.

    Raises:
        AccessError: it is more than a student may ask for.
        CnnLabError: its network or dataset is gone, or the workspace cannot be written.
    """
    check(config)
    return supervisor().submit(config)


def check(config: RunConfig, params: int | None = None) -> None:
    """Refuse settings that are more than a student may ask for.

    Args:
        config: the settings.
        params: of the network, where they are known already.

    Raises:
        AccessError: they are.
        CnnLabError: the network or the dataset is gone, or they do not fit.
    """
    if access.current().has_all_rights:
        return
    limits.check_settings(config.epochs, max(input_shape(config)[:2]))
    if params is None:
        need_tensorflow()
        cost = network_cost(config)
        params = cost.params if cost else None
    limits.check_settings(parameters=params)
