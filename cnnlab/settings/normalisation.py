"""What ``scaling``, ``mean`` and ``std`` come to, in one word."""

from cnnlab.languages import texts
from cnnlab.settings.config import RunConfig

NORMALISATIONS = texts(
    {
        "unit": "[0, 1]",
        "centred": "[−1, 1]",
        "dataset": "standardise per channel",
        "given": "fixed mean and standard deviation",
    }
)
"""How pixels are scaled, by the kinds that ``normalisation`` tells apart."""
FIXED = {"unit": ((0.0,), (255.0,)), "centred": ((127.5,), (127.5,))}
"""Mean and std of the kinds that have the same for every dataset."""


def normalisation(config: RunConfig) -> str:
    """Return the key of ``NORMALISATIONS`` that these settings come to."""
    if config.scaling == "dataset":
        return "dataset"
    pair = (tuple(config.mean), tuple(config.std))
    return next((kind for kind, known in FIXED.items() if known == pair), "given")
