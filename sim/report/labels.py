"""Words of outcomes, and numbers as tables and figures print them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from sim.parameters.strict_yaml import read_mapping
from sim.world.names import Names

OUTCOMES = "outcomes.yaml"
"""File of a world's folder that declares what every run leaves."""


def declared(folder: Path) -> dict[str, tuple[str, str]]:
    """Return outcome's stem to its meaning and unit, as the world's folder declares it; empty without the file."""
    file = folder / OUTCOMES
    if not file.is_file():
        return {}
    entries = read_mapping(file).items()
    return {name: (str(entry["meaning"]), str(entry["unit"])) for name, entry in entries if isinstance(entry, Mapping)}


def label_of(name: str, words: Mapping[str, tuple[str, str]], names: Names) -> str:
    """Return words for an outcome: `dependence_china.KAZ` is `Kazakhstan: dependence on China at the end`."""
    stem, _, state = name.partition(".")
    meaning = meaning_of(stem, words)
    return f"{names.label(state)}: {meaning}" if state else meaning[:1].upper() + meaning[1:]


def meaning_of(stem: str, words: Mapping[str, tuple[str, str]]) -> str:
    """Return the words that are declared for an outcome's stem, or the stem's own."""
    return words.get(stem, (stem.replace("_", " "), ""))[0]


def unit_of(name: str, words: Mapping[str, tuple[str, str]]) -> str:
    """Return the unit of an outcome, or an empty text where none is known."""
    return words.get(name.partition(".")[0], ("", ""))[1]


def lower_first(text: str) -> str:
    """Return the text with a small first letter, unless its second letter is a capital as well."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def figure_text(value: float, unit: str = "", signed: bool = False) -> str:
    """Return a number as tables show it: a year with one decimal, large numbers with fewer than small ones."""
    if math.isnan(value):
        return "never" if unit == "year" and not signed else "–"
    if math.isinf(value):
        return "∞"
    if unit == "year" and not signed:
        return f"{value:.1f}"
    return _fixed(value, _decimals(value), signed)


def figure_texts(values: tuple[float, ...], signed: bool = False) -> tuple[str, ...]:
    """Return numbers that stand together with the same number of decimals, that of the largest."""
    known = [abs(v) for v in values if not math.isnan(v)]
    decimals = _decimals(max(known, default=0.0))
    return tuple("–" if math.isnan(v) else _fixed(v, decimals, signed) for v in values)


def fixed_text(value: float, decimals: int) -> str:
    """Return a signed number with so many decimals, a dash for NaN."""
    return "–" if math.isnan(value) else _fixed(value, decimals, signed=True)


def _decimals(value: float) -> int:
    size = abs(value)
    if 1e-6 < size < 0.01:
        return 1 - math.floor(math.log10(size))
    return 3 if size < 1 else 2 if size < 10 else 1 if size < 1000 else 0


def _fixed(value: float, decimals: int, signed: bool) -> str:
    text = f"{value:{'+' if signed else ''},.{decimals}f}"
    if float(text.replace(",", "")) == 0.0:
        text = f"{0.0:.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")
