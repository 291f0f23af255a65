"""Saving a network of which only the head learns: each file is the one before but for the head."""

import io
import zipfile
from pathlib import Path

import h5py
import keras

WEIGHTS = "model.weights.h5"


class SaveHead:
    """Saves the whole network; from the second time on, what cannot have changed is copied, not written anew.

    The first file is Keras's own. In its weights each layer has a group with the layer's name, which is then
    overwritten with what the layer itself says it would save: 150 frozen layers cost half a second otherwise.
    """

    def __init__(self, whole: keras.Model, head: keras.Model):
        self._whole = whole
        self._learning = {layer.name: layer for layer in head.layers if layer.variables}
        simple = not isinstance(whole.optimizer, keras.optimizers.LossScaleOptimizer)
        self._quick = simple and not any(isinstance(layer, keras.Model) for layer in head.layers)
        self._first: dict[str, bytes] = {}

    def __call__(self, path: Path) -> None:
        """Write ``path``, a .keras file that Keras loads with its optimizer."""
        if self._first:
            self._write_changed(path)
            return
        self._whole.save(path)
        if self._quick:
            with zipfile.ZipFile(path) as file:
                self._first = {name: file.read(name) for name in file.namelist()}

    def _write_changed(self, path: Path) -> None:
        weights = io.BytesIO(self._first[WEIGHTS])
        with h5py.File(weights, "r+") as file:
            file.visititems(self._overwrite)
        with zipfile.ZipFile(path, "w") as file:
            for name, content in self._first.items():
                file.writestr(name, weights.getvalue() if name == WEIGHTS else content)

    def _overwrite(self, path: str, group: h5py.Group | h5py.Dataset) -> None:
        """Give a group its values of now; Keras keeps them in ``layers/KIND/vars`` and ``optimizer/vars``."""
        saved = None
        if path == "optimizer/vars":
            saved = self._whole.optimizer
        elif path.startswith("layers/") and path.endswith("/vars") and path.count("/") == 2:
            saved = self._learning.get(group.attrs["name"])
        if saved is not None:
            now: dict = {}
            saved.save_own_variables(now)
            for place, value in now.items():
                group[place][...] = value
