"""Tests compile the model with array bounds checked, in a cache of its own: said here, before `sim` is imported."""

import os

os.environ.setdefault("STEPPE_BOUNDSCHECK", "1")

LONGEST = ("test_whoever_follows_the_page_gets_what_it_says",)
"""Tests that go first, so that no process is left alone with one at the end: each compiles a model of its own."""


def pytest_collection_modifyitems(items: list) -> None:
    """Put the longest tests first and leave the others in their order."""
    items.sort(key=lambda item: item.name not in LONGEST)
