"""Networks with weights, kept for the next question: as many as fit into a number of bytes.

At most three of them are large, whatever their weights take: what a large network computes takes memory, too.
"""

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from math import prod
from typing import Any

MOST_BYTES = 700 * 2**20
"""Of weights: one VGG-16 with its dense layers, or dozens of small networks."""
MOST_MODELS = 24
MOST_LARGE = 3
LARGE_BYTES = 16 * 2**20
"""Four million weights: LeNet-5 takes a quarter of a megabyte, ResNet-18 45."""
BYTES = 4
"""Of a float32 weight."""


@dataclass(eq=False)
class _Slot:
    """A place for one network; its lock lets one thread load it while others wait for the same one."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    model: Any = None
    size: int = 0


class Models:
    """The networks used last. What goes is collected at once: a Keras model is a web of cycles."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_models: int = MOST_MODELS):
        self._most_bytes, self._most_models = most_bytes, most_models
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], Any]) -> Any:
        """Return the network of this key; ``load`` makes it where it is not kept."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
        with slot.lock:
            if slot.model is None:
                try:
                    slot.model = load()
                except BaseException:
                    with self._lock:
                        self._slots.pop(key, None)
                    raise
                slot.size = BYTES * sum(prod(weight.shape) for weight in slot.model.weights)
                self._make_room(key)
            return slot.model

    @property
    def bytes(self) -> int:
        """The weights that are kept, in bytes."""
        with self._lock:
            return sum(slot.size for slot in self._slots.values())

    def __len__(self) -> int:
        with self._lock:
            return len(self._slots)

    def _make_room(self, newest: Hashable) -> None:
        """Let go of the networks used longest ago, but never of the one just loaded."""
        freed = 0
        with self._lock:
            size = sum(slot.size for slot in self._slots.values())
            for key in list(self._slots):
                slots = self._slots.values()
                large = sum(slot.size > LARGE_BYTES for slot in slots)
                few = len(slots) <= self._most_models
                if size - freed <= self._most_bytes and few and large <= MOST_LARGE:
                    break
                fits = size - freed <= self._most_bytes and few
                if fits and self._slots[key].size <= LARGE_BYTES:  # one of the large ones must go
                    continue
                if key != newest and self._slots[key].size:
                    freed += self._slots.pop(key).size
        if freed:
            gc.collect()
