"""Steppe: a scenario and influence simulation model of technology, cooperation and restraint across Eurasia."""

import time

__version__ = "0.1.0"

BEGUN = time.time()
"""When this process first imported the package, seconds since 1970: a file that is younger may not be what it holds."""
