"""Tests compile the model with array bounds checked, in a cache of its own: said here, before `sim` is imported."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("STEPPE_BOUNDSCHECK", "1")

# The same examples in every run, so that what fails fails again; `--hypothesis-profile=new` draws others.
settings.register_profile("new", derandomize=False, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("new"), derandomize=True)
settings.load_profile("same")

LONGEST = ("test_whoever_follows_the_page_gets_what_it_says",)
"""Tests that go first, so that no process is left alone with one at the end: each compiles a model of its own."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the default world in as many processes as there will be; otherwise each would compile all of it."""
    n_processes = session.config.getoption("numprocesses", None)
    if n_processes and not hasattr(session.config, "workerinput"):
        from sim.kernel.ahead import compile_ahead
        from sim.world.build import build_world
        from tests.kernel.runs import run, values

        world, params = build_world(), values()
        compile_ahead(world.record, params, n_processes)
        run(world, params, [])


def pytest_collection_modifyitems(items: list) -> None:
    """Put the longest tests first and leave the others in their order."""
    items.sort(key=lambda item: item.name not in LONGEST)
