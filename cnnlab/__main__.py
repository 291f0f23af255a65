"""``python -m cnnlab``: the same verbs as the pages."""

import sys

from cnnlab.cli import main

sys.exit(main())
