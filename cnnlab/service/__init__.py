"""TensorFlow for the pages, in a process of its own: the web server asks, and never imports it.

    subject.py      what a question is about: a network, somebody's weights; plain values
    questions.py    what can be asked, and the answers; the process's own half, with TensorFlow
    models.py       the networks with weights that the process keeps, bounded by their bytes
    client.py       the server's half: starts the process, asks, begins again when it dies
    __main__.py     the process

Why not in the web server. Both ways were built and measured on two cores, with a frozen heap and no file
watcher (``python -m tests.benchmarks service`` measures all but the last two rows again):

                                        here        in the server
    a server's imports                  1.5 s       5.6 s
    memory of the server                240 MB      760 MB, and 700 MB here
    one answer of LeNet-5               11.0 ms     9.4 ms
    thirty answers at once              0.43 s      0.63 s
    the layer table of ResNet-18        117 ms      121 ms
    thirty sessions, p95 of a page      0.34 s (while a run trains)   1.7 s (while none does)
    it dies: memory, a hostile file     one person is told, a new one is there in 6 s   the class is over

An answer costs a millisecond more. In the server, Streamlit would also clear Keras's session, and with it
TensorFlow's kernels, before every run of every page.
"""

from cnnlab.service.client import Service
from cnnlab.service.subject import ImageNet, Inspected, Network, OfEpoch, OfRun, Untrained, Weights

__all__ = ["ImageNet", "Inspected", "Network", "OfEpoch", "OfRun", "Service", "Untrained", "Weights"]
