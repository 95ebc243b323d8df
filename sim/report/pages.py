"""Which page tells a result: an experiment's `page` says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.parameters.register import Register
from sim.report.library import write_library
from sim.report.page import Peopled, Stored, write_report
from sim.report.patterns import Pattern
from sim.report.theories import write_theories


def write_page(result: Stored, world: Peopled, register: Register, patterns: Sequence[Pattern]) -> Path:
    """Write the page that the result's experiment asks for, and what belongs to it; return its path.

    Raises InputError where the disk refuses.
    """
    page = (result.manifest.get("config") or {}).get("page")
    if page == "library":
        return write_library(result, world, register)
    if page == "theories":
        return write_theories(result, world, register)
    return write_report(result, world, register, patterns)
