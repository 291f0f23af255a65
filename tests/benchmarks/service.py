"""TensorFlow in a process that the pages ask, against TensorFlow in the web server itself.

Both sides hold the pages' modules and answer the same questions about a trained LeNet-5: one image, thirty
images asked for at once, a layer table. Beside that: seconds until a server can serve, and its memory.
What a question that kills the process does is told by ``tests/service/test_client.py``: in the web server it
ends the class, here one person is told.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from cnnlab import runs, settings
from tests.benchmarks.result import Result
from tests.browser import chromium

TRAINED = settings.RunConfig("lenet5", "digits", epochs=1, image_size=32, channels=1)
CODE = """
import gc, json, sys, time
began = time.perf_counter()
import streamlit, cnnlab.ui
from cnnlab.ui import server
import psutil, numpy as np
from concurrent.futures import ThreadPoolExecutor
from cnnlab.service import Network, OfRun, Service
there = sys.argv[1] == "service"
if there:
    loaded = time.perf_counter() - began
    server.settle()
    service = Service().start()
    ask = service.ask
    service.wait()
else:
    from cnnlab.service.questions import ASKED
    loaded = time.perf_counter() - began
    server.settle()
    ask = lambda name, *arguments: ASKED[name](*arguments)
weights, image = OfRun(sys.argv[2], 1), np.zeros((1, 32, 32, 1), np.float32)

def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun

one = lambda: ask("probabilities", weights, image)
one()
answer = sorted(timed(one) for _ in range(200))[100]
with ThreadPoolExecutor(30) as pool:
    def class_of_thirty():
        for answer_of_one in [pool.submit(one) for _ in range(30)]:
            answer_of_one.result()

    many = sorted(timed(class_of_thirty) for _ in range(9))[4]
table = sorted(timed(lambda: ask("inspect", Network("resnet18", (32 + n, 32, 3), 10))) for n in range(9))[4]
memory = psutil.Process().memory_info().rss / 2**20
print(json.dumps({"loaded": loaded, "answer": answer, "many": many, "table": table, "memory": memory}))
"""


def run() -> Iterator[Result]:
    trained = runs.create(TRAINED)
    trained.claim()
    subprocess.run(
        [sys.executable, "-m", "cnnlab.worker", str(trained.folder)],
        cwd=chromium.REPOSITORY,
        check=True,
    )
    ours, other = (measured(side, trained.id) for side in ("service", "here"))
    for name, key, unit, most in (
        ("a server's imports", "loaded", "s", 0.5),
        ("memory of the web server", "memory", "MB", 0.5),
        ("one answer of LeNet-5", "answer", "s", 1.5),
        ("thirty answers at once", "many", "s", 1.5),
        ("the layer table of ResNet-18", "table", "s", 1.5),
    ):
        yield Result(
            *(name, unit, "TensorFlow in a process that is asked", ours[key]),
            *("TensorFlow in the web server", other[key]),
            ratio_at_most=most,
        )


def measured(side: str, run_id: str) -> dict[str, float]:
    command = [sys.executable, "-c", CODE, side, run_id]
    done = subprocess.run(command, cwd=chromium.REPOSITORY, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
