"""Tests compile the model with array bounds checked, in a cache of its own: said here, before `sim` is imported."""

import os

os.environ.setdefault("STEPPE_BOUNDSCHECK", "1")
