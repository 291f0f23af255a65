"""One answer, explained: how the image came in, what the answer depends on, what other runs say."""

from cnnlab.ui.classify.explain.view import explain

__all__ = ["explain"]
