"""Steppe: a scenario and influence simulation model of technology, cooperation and restraint across Eurasia."""

import time

__version__ = "0.1.0"

BEGUN = time.time() - 0.02
"""When this process first imported the package, seconds since 1970: a file that is younger may not be what it holds.

It is set back by more than a tick of the clock that files are dated by, which may be late by one.
"""
