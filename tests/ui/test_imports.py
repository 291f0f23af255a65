"""The first page is there at once: nothing that app.py imports loads TensorFlow."""

import subprocess
import sys

CODE = "import cnnlab.ui, cnnlab.training.recipes, sys; print({'tensorflow', 'keras'} & set(sys.modules))"


def test_importing_what_the_pages_use_loads_no_tensorflow():
    loaded = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "set()"
