"""Every error that a person can cause or repair. Each message is one sentence that says what to do next.

    CnnLabError
    ├── WorkspaceError       CNNLAB_HOME cannot be used
    ├── ImageError           an image that cannot be read
    ├── DatasetError         a dataset that cannot be found, read or split
    │   └── DownloadError    a download that failed; the message names the file and where to put it
    ├── ArchitectureError    a network that does not exist, or does not fit its input
    ├── ConfigError          a training setting that is out of range
    ├── ServiceError         the process that computes for the pages cannot answer
    ├── LessonError          a lesson that cannot be found or read; the message names file and line
    ├── AccessError          somebody may not do this, or asks for more than a student may take
    └── RunError             a run that cannot do what is asked of it
        └── RunNotFoundError no run has this id

Pages and the command line catch ``CnnLabError`` only; anything else is a bug and shows.
"""

from cnnlab.plain_text import one_line


class CnnLabError(Exception):
    """Base of all errors whose message may be shown to a person: one line, whatever names it quotes."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class WorkspaceError(CnnLabError):
    """The folder for datasets and runs cannot be created or written."""


class ImageError(CnnLabError):
    """An image is empty, damaged, too large or of a type that is not read here."""


class DatasetError(CnnLabError):
    """A dataset cannot be found, read or split."""


class DownloadError(DatasetError):
    """A download failed; the message names the file and the folder to put it into."""


class ArchitectureError(CnnLabError):
    """An architecture is unknown, or a layer does not fit its input."""


class ConfigError(CnnLabError):
    """A training setting is missing, of the wrong type or out of range."""


class ServiceError(CnnLabError):
    """The process that computes for the pages cannot be started, or ended at what was asked of it."""


class AccessError(CnnLabError):
    """Somebody asks for what is not theirs to do, or for more than the limits allow."""


class RunError(CnnLabError):
    """A run cannot do what is asked of it in its present state."""


class RunNotFoundError(RunError):
    """No run has the id that was asked for."""


class ExperimentError(CnnLabError):
    """Something asked of an experiment cannot be done now."""


class LessonError(CnnLabError):
    """A lesson is unknown, or its file is not written as lessons are; the message names file and line."""
