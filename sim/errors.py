"""Exceptions that end a command with one message: bad input, with the hint that goes with it, and no result."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class InputError(Exception):
    """Bad input: the message says what is wrong, where, and what would be right. The command exits with status 2."""


class DiskFailed(InputError):
    """The disk refused: a bad place to begin in, and where a sweep was under way, what may pass."""

    under_way: str = ""
    """What to say instead where a sweep is under way."""
    is_lasting: bool = True
    """Whether the same command would be refused again however long one waits, as by permissions."""


class Halted(Exception):
    """A sweep could not go on; what is finished is kept, and the same command resumes. Exits with status 3."""


class AllFailed(Exception):
    """No run of a campaign gave anything, so that there is no result. The command exits with status 1."""


def did_you_mean(name: str, choices: Iterable[str], likeness: float = 0.5) -> str:
    """Return `" Did you mean 'x'?"` for the nearest spelling of `name` among `choices`, or an empty string.

    `likeness`, from 0 to 1, is how near it has to be.
    """
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=likeness)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""


def twice(key: str, *values: str) -> InputError:
    """Return the error for a key that was typed twice, with both values, of which only one can be meant."""
    return InputError(f"{key} is given twice: {' and '.join(value or 'nothing' for value in values)}. Leave one out.")


_MUST_BE = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of keys to values",
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "finite_number": "a finite number",
    "string_pattern_mismatch": "of the form {pattern}",
}


def in_words(problem: Mapping[str, Any]) -> str:
    """Return one of pydantic's problems as what follows the key in a message, without a full stop."""
    kind, given = problem["type"], problem["input"]
    if kind == "bool_type":
        return f"write true or false, not {given!r}"
    if kind == "missing":
        return "is missing"
    if kind in ("too_short", "string_too_short"):
        least = problem["ctx"]["min_length"]
        return "is empty" if least == 1 else f"needs at least {least} entries"
    if kind == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
    if kind in _MUST_BE:
        return f"must be {_MUST_BE[kind].format(**problem.get('ctx', {}))}, not {given!r}"
    return f"cannot be {given!r}"
