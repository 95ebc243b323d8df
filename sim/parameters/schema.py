"""One entry of the register, as its file states it and as the model uses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from sim.errors import InputError, did_you_mean, in_words

Distribution = Literal["uniform", "loguniform", "triangular"]
Backing = Literal["documented", "derived", "assumed"]

DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
BACKINGS: tuple[Backing, ...] = get_args(Backing)

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
"""A list of texts."""


def _scalar(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str):
        raise ValueError(f"must be a number, text, true or false, not {value!r}")
    return value


Scalar = Annotated[bool | int | float | str, BeforeValidator(_scalar)]


class Strict(BaseModel):
    """What a file states: no key too many, none of another type; never changed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Moves(Strict):
    """Where the effect of a parameter shows: an outcome, and the settings of the run in which to look."""

    outcome: Text
    setting: Mapping[str, Scalar] = {}


class Stated(Strict):
    """An entry's fields as they stand in its file; types and single fields only, see `problem` for the rest."""

    value: Number
    """Default, in `unit`."""
    low: Number
    """Lower end of the plausible range, in `unit`."""
    high: Number
    """Upper end of the plausible range, in `unit`."""
    distribution: Distribution
    """Density between low and high; a triangular one has its peak at value."""
    unit: Text
    meaning: Text
    evidence: Texts = ()
    """Ids of the facts behind value and range."""
    assumption: Text | None = None
    """What was assumed and why, where the facts do not settle the value."""
    neutral: Number | None = None
    """Value that takes the entry's claim away, in `unit`; may lie outside low..high."""
    kept: Text | None = None
    """Why the value stays where its claim is dropped, where no value takes it away."""
    moves: Moves

    @property
    def backing(self) -> Backing:
        """documented: facts alone; derived: facts and an assumption; assumed: an assumption alone."""
        if not self.evidence:
            return "assumed"
        return "derived" if self.assumption else "documented"

    def problem(self) -> str | None:
        """Return what is wrong between the fields, or None."""
        if not self.low < self.high:
            return f"low ({self.low:g}) must be below high ({self.high:g})."
        if not self.low <= self.value <= self.high:
            return f"value ({self.value:g}) lies outside low..high ({self.low:g}..{self.high:g})."
        if self.distribution == "loguniform" and self.low <= 0:
            return f"a loguniform distribution needs low above 0, but low is {self.low:g}."
        if not self.evidence and self.assumption is None:
            return "needs evidence (ids of facts) or an assumption; it has neither."
        if self.neutral is not None and self.kept:
            return "states neutral and kept; one of them has to go."
        if self.neutral == self.value:
            return f"neutral is the value ({self.value:g}) itself; say so under kept."
        twice = [name for name in self.evidence if self.evidence.count(name) > 1]
        return f"evidence names {twice[0]!r} twice." if twice else None


class Entry(Stated):
    """One parameter: what its file states, and what follows from where it stands and from the facts it cites."""

    key: str
    """`group.name`."""
    group: str
    """Stem of the file, which is the name of the rule that reads the parameter."""
    name: str
    file: str
    """Path of the file, for messages."""
    contested: bool
    """Whether any of the facts it cites is contested; follows from the facts, never stated in a file."""


def first_problem(errors: list[Any], fields: Collection[str] = ()) -> str:
    """Return the first of pydantic's errors in words that name the field and the nearest right spelling.

    `fields` are those that a file may hold, by default those of an entry.
    """
    error = errors[0]
    field = ".".join(str(part) for part in error["loc"])
    last = str(error["loc"][-1]) if error["loc"] else ""
    known = Moves.model_fields if field.startswith("moves.") else fields or Stated.model_fields
    match error["type"]:
        case "extra_forbidden":
            return f"unknown field {field!r}.{did_you_mean(last, known)}"
        case "missing":
            return f"the field {field!r} is missing."
        case "literal_error" if field == "distribution":
            hint = did_you_mean(str(error["input"]), DISTRIBUTIONS)
            return f"unknown distribution {error['input']!r}; there are {', '.join(DISTRIBUTIONS)}.{hint}"
        case "string_too_short":
            return f"{field} is empty."
        case _:
            return f"{f'{field}:' if field else 'the entry'} {in_words(error)}."


def stated(place: str, fields: Any) -> Stated:
    """Return the checked fields of one entry; `place` (file and key) begins the message of the InputError."""
    try:
        entry = Stated.model_validate(fields)
    except ValidationError as error:
        raise InputError(f"{place}: {first_problem(error.errors())}") from None
    if problem := entry.problem():
        raise InputError(f"{place}: {problem}")
    return entry
