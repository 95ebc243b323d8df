"""Where the project's configuration lies: beside the package in a checkout, inside it when installed from a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

CONFIGS = next(p for p in (_PACKAGE / "configs", _PACKAGE.parent / "configs") if p.is_dir())
"""Folder `configs/`: parameters, world tables, scenarios, experiments."""

TABLES = CONFIGS / "world" / "default"
"""The tables of the default world."""
