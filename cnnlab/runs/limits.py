"""Limits that a command sets for itself before it begins, where whoever started it asks for them.

A server that ends leaves nobody to watch its commands: the system then ends what never would.
"""

import os

CPU_SECONDS = "CNNLAB_CPU_SECONDS"
"""In the environment: the processor time after which the command is ended."""
LARGEST_FILE_BYTES = 8 * 2**30


def limit_myself() -> None:
    """Limit processor time and the size of files, where the environment asks for it and the system can."""
    seconds = os.environ.get(CPU_SECONDS, "")
    if not seconds.isdecimal():
        return
    try:
        import resource
    except ImportError:  # Windows: the server watches alone
        return
    for kind, most in ((resource.RLIMIT_CPU, int(seconds)), (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(kind, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
