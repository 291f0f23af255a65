"""Imports TensorFlow in a thread of the server, because the import takes about five seconds."""

import threading
from dataclasses import dataclass, field

import streamlit as st


@dataclass
class WarmUp:
    """The server's one import of TensorFlow."""

    error: str | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    @property
    def ready(self) -> bool:
        """Whether pages may use Keras without waiting."""
        return self._done.is_set() and self.error is None

    @property
    def message(self) -> str:
        """How far the import is, in one sentence."""
        return self.error or ("TensorFlow is ready." if self.ready else "TensorFlow is warming up…")

    def wait(self, seconds: float | None = None) -> bool:
        """Block until the import has ended, well or not; return whether it has."""
        return self._done.wait(seconds)

    def run(self) -> None:
        """Import TensorFlow; the thread's whole work."""
        try:
            import_tensorflow()
        except Exception as error:  # a broken installation must reach the page, not die with the thread
            self.error = f"TensorFlow cannot be loaded ({error}); run pip install -r requirements.txt again."
        finally:
            self._done.set()


def import_tensorflow() -> None:
    """Import TensorFlow and Keras, and leave every GPU to the training workers."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
    import keras  # noqa: F401


@st.cache_resource(show_spinner=False)
def warm() -> WarmUp:
    """Start the import once for all browsers and return its state at once."""
    state = WarmUp()
    threading.Thread(target=state.run, name="warm-up", daemon=True).start()
    return state


def need_tensorflow() -> None:
    """Hold a page that is about to use Keras until TensorFlow is there; stop the page when that fails."""
    state = warm()
    if not state.ready:
        with st.spinner(state.message):
            state.wait()
    if state.error:
        st.error(state.message)
        st.stop()
