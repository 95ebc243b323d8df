"""Steppe: a scenario and influence simulation model of technology, cooperation and restraint across Eurasia."""

__version__ = "0.1.0"
