"""TensorFlow for the pages, in a process of its own: the web server asks, and never imports it.

    subject.py      what a question is about: a network, somebody's weights; plain values
    questions.py    what can be asked, and the answers; the process's own half, with TensorFlow
    models.py       the networks with weights that the process keeps, bounded by their bytes
    client.py       the server's half: starts the process, asks, begins again when it dies
    __main__.py     the process

Why not in the web server. Both ways were built and measured on two cores, with the heap frozen after the
imports and no file watcher (``tests/benchmarks/service.py`` measures them again):

    DECISION
"""

from cnnlab.service.client import Service
from cnnlab.service.subject import ImageNet, Inspected, Network, OfRun, Untrained, Weights

__all__ = ["ImageNet", "Inspected", "Network", "OfRun", "Service", "Untrained", "Weights"]
