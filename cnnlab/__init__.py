"""CNN Lab: train classic convolutional networks live and look inside them.

The parts, each usable from a notebook: ``datasets``, ``architectures``, ``inspection``, ``training``,
``runs``, ``inference`` and ``charts``. The same verbs stand on the command line: ``python -m cnnlab``.
"""

__version__ = "0.1.0"
