"""When an entry of a scenario file holds: from a date, or from a condition on, and how long.

start: 2025Q1, end: 2027Q1          or   start: 2025Q1, for: 2 years
when: states[KAZ].dependence[CHN] > 0.5, from: 2020Q1, by: 2030Q4, for: 8, until: politics.tension < 0.2
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import InputError
from sim.world.calendar import parse_quarter
from sim.world.fields import NEVER
from sim.world.injects import Kind

KEYS = ("start", "end", "for", "when", "from", "by", "until", "times")
"""Keys that say when an entry holds."""

_OF_LEVELS = ("end", "for", "until")
_OF_WAITING = ("from", "by", "times")
_LONG = {"quarter": 1, "quarters": 1, "year": 4, "years": 4}


class Dated:
    """What has a time: from its date on, or from when a condition may hold."""

    start: int
    end: int
    opens: int
    closes: int
    lasts: int
    times: int

    @property
    def span(self) -> tuple[int, int]:
        """The first quarter in which it may hold, and the first in which it cannot any more."""
        return (self.start, self.end) if self.times == 0 else (self.opens, min(NEVER, self.closes - 1 + self.lasts))


@dataclass(frozen=True)
class Timing(Dated):
    """When an entry holds, in quarters. One that waits has `start` and `end` NEVER."""

    start: int
    end: int
    opens: int
    """First quarter in which its condition counts; −1 where none is named."""
    closes: int
    """First quarter in which its condition counts no longer."""
    lasts: int
    times: int
    """How often it may begin; 0 for one with a date."""
    when: tuple[str, ...]
    until: tuple[str, ...]


def read_timing(kind: Kind, fields: Mapping[str, Any], place: str, is_order: bool = False) -> Timing:
    """Return when an entry holds; InputError naming `place`.

    is_order: it is the order of a strategy, which on its date too waits until it can be paid for.
    """
    _check_keys(kind, fields, place, is_order)
    lasts = _lasts(kind, fields, place)
    until = texts_of(fields, "until", place)
    if "start" in fields and not is_order:
        start = quarter_at(fields, "start", place)
        return Timing(start, min(NEVER, start + lasts), NEVER, NEVER, lasts, 0, (), until)
    opens = next((quarter_at(fields, key, place) for key in ("start", "from") if key in fields), -1)
    closes = quarter_at(fields, "by", place) + 1 if "by" in fields else NEVER
    if closes <= opens:
        raise InputError(f"{place}: by: {fields['by']} lies before {fields.get('from', fields.get('start'))}.")
    when = texts_of(fields, "when", place)
    return Timing(NEVER, NEVER, opens, closes, lasts, _whole(fields.get("times", 1), "times", place), when, until)


def quarter_at(fields: Mapping[str, Any], key: str, place: str) -> int:
    """Return the quarter under a key; InputError naming `place`."""
    try:
        return parse_quarter(str(fields[key]))
    except InputError as error:
        raise InputError(f"{place}: {key}: {error}") from None


def texts_of(fields: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    """Return the conditions under a key, one text or a list of them, none without it; InputError naming `place`."""
    if key not in fields:
        return ()
    listed = [fields[key]] if isinstance(fields[key], str) else fields[key]
    if not isinstance(listed, list) or not listed or not all(isinstance(text, str) for text in listed):
        raise InputError(f"{place}: {key}: write a condition or a list of them, not {fields[key]!r}.")
    return tuple(listed)


def _check_keys(kind: Kind, fields: Mapping[str, Any], place: str, is_order: bool) -> None:
    """Raise InputError where keys of time do not go together."""
    if kind.once:
        for key in (key for key in _OF_LEVELS if key in fields):
            raise InputError(f"{place}: {kind.name} is an order, given once in its first quarter; it takes no {key!r}.")
    if "start" not in fields and "when" not in fields:
        raise InputError(f"{place}: {kind.name} needs the key 'start', or 'when' with a condition.")
    if "start" in fields and "when" in fields:
        raise InputError(f"{place}: it has a date, 'start', and a condition, 'when': write one of the two.")
    if "when" in fields and "end" in fields:
        raise InputError(f"{place}: what waits for a condition ends after 'for' or by 'until'; it takes no 'end'.")
    if "end" in fields and "for" in fields:
        raise InputError(f"{place}: it has an 'end' and lasts 'for' some time: write one of the two.")
    for key in (key for key in _OF_WAITING if key in fields and "when" not in fields and not is_order):
        raise InputError(f"{place}: {key!r} goes with 'when'; with 'start' write 'end' or 'for'.")
    if "start" in fields and "from" in fields:
        raise InputError(f"{place}: 'from' goes with 'when'; 'start' says it already.")


def _lasts(kind: Kind, fields: Mapping[str, Any], place: str) -> int:
    """Return for how many quarters an entry holds: NEVER without end."""
    if kind.once:
        return 1
    if "end" in fields:
        lasts = quarter_at(fields, "end", place) - quarter_at(fields, "start", place)
        if lasts <= 0:
            raise InputError(f"{place}: it ends ({fields['end']}) before it begins ({fields['start']}).")
        return lasts
    return _duration(fields["for"], place) if "for" in fields else NEVER


def _duration(value: Any, place: str) -> int:
    """Return quarters of a duration: a whole number of them, or a text such as `2 years`."""
    if isinstance(value, str):
        match = re.fullmatch(r"(\d+) (\w+)", value.strip())
        if match is None or match[2] not in _LONG:
            raise InputError(f"{place}: for: {value!r} is no duration; write 8, 8 quarters or 2 years.")
        return _whole(int(match[1]), "for", place) * _LONG[match[2]]
    return _whole(value, "for", place)


def _whole(value: Any, key: str, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < NEVER:
        raise InputError(f"{place}: {key}: {value!r} is no whole number from 1.")
    return value
