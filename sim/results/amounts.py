"""Amounts in words, the same wherever they are told."""

from __future__ import annotations


def span(seconds: float) -> str:
    """Return a span of time in words."""
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} seconds"


def size(n_bytes: float) -> str:
    """Return a number of bytes in words."""
    for unit, n in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= n:
            return f"{n_bytes / n:.1f} {unit}"
    return f"{n_bytes / 1e3:.1f} kB"


def several(n: int, noun: str) -> str:
    """Return so many of something in words: 1 run, 2,000 runs."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
