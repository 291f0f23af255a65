"""What if: the same network with edits, computed without weights."""

from collections.abc import Sequence

import keras

from cnnlab.architectures.own import edit
from cnnlab.keras_internals import without_weights


def edited(model: keras.Model, edits: Sequence[edit.Edit], show_left_out: bool = True) -> keras.Model:
    """Return a copy of ``model``, shapes only, with the edits made; a layer left out shows as ``Identity``.

    Raises:
        ArchitectureError: an edit is impossible, or a layer does not fit any more.
    """
    with without_weights():
        return edit.edited(model, edits, show_left_out=show_left_out)
