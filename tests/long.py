"""What takes minutes and shows more of the same: behind a flag."""

import os

import pytest

LONG = pytest.mark.skipif("CNNLAB_TEST_LONG" not in os.environ, reason="set CNNLAB_TEST_LONG to wait minutes")
