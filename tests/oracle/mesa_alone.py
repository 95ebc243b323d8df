"""Imports Mesa for the oracle without letting it change how this process starts others.

Importing Mesa sets the start method of `multiprocessing` to spawn for the whole process; what stood before is put back.
"""

import multiprocessing

_before = multiprocessing.get_start_method(allow_none=True)

import mesa  # noqa: E402

multiprocessing.set_start_method(_before, force=True)

Agent, Model = mesa.Agent, mesa.Model
