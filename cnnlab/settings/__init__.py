"""The settings of a run, each declared once: type, range or choices, unit, label and one sentence of help.

A group is a frozen dataclass of settings (``groups``), and a ``RunConfig`` is all groups at once, so that
``config.learning_rate`` and a flat config.json stay what they are. What is declared is what the form shows,
the command line offers and explains, the checks refuse, a file of a stranger must fit, and the table of the
README lists: a new setting is one declaration, and the line of the code that trains with it.

Plain dataclasses, not pydantic 2: it was measured (2.14, two cores) at 0.33 s and 24 MB for the import and
0.04 s for these classes, in the server, the service, each worker and each command. It checks types and
ranges in one go, when an object is made; here a form holds settings that cannot work yet, and a file of
another version must be shown though its optimizer is unknown, so that both would have to go around it. What
it would take over, ``Setting.problem``, is some fifty lines; labels, words of values and widgets would stay.

Nothing heavy is loaded: neither TensorFlow nor OpenCV nor numpy.
"""

from cnnlab.settings.augmentation import AUGMENTATIONS
from cnnlab.settings.config import LoadOptions, RunConfig, all_settings, setting_named
from cnnlab.settings.declaration import NOTHING, Setting
from cnnlab.settings.facts import ModelFacts, SeenAs
from cnnlab.settings.groups import GROUPS, OPTIMIZERS, decay_factor
from cnnlab.settings.normalisation import FIXED, NORMALISATIONS, normalisation
from cnnlab.settings.options import OPTIONS, option_named

__all__ = [
    "AUGMENTATIONS",
    "FIXED",
    "GROUPS",
    "NORMALISATIONS",
    "NOTHING",
    "OPTIMIZERS",
    "OPTIONS",
    "LoadOptions",
    "ModelFacts",
    "RunConfig",
    "SeenAs",
    "Setting",
    "all_settings",
    "decay_factor",
    "normalisation",
    "option_named",
    "setting_named",
]
