"""Patterns: what the documents say that the model can be held against, and whether it is met in free history.

A pattern has a role. *input*: the model is given it. *fit*: a value was set with it in view. *test*: neither; only
these count as met. *none*: nothing in the model could meet or miss it, and the note says why. A test whose facts a
parameter or a table of the world cites is counted as fit, and the report says where. Nothing here is asserted anywhere:
patterns that are not met stay in the table.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sim.analysis.pairs import side_by_side
from sim.analysis.restraint import SAME
from sim.errors import InputError, did_you_mean, in_words
from sim.locations import CONFIGS
from sim.parameters.strict_yaml import read_mapping
from sim.report.expressions import evaluate, names_in, parse
from sim.report.study import HISTORY_END
from sim.report.words import wilson

if TYPE_CHECKING:
    from sim.results.runs import Runs

FILE = CONFIGS / "patterns.yaml"

Role = Literal["test", "fit", "input", "none"]
Judged = Literal["order", "sign", "event", "range", "ratio", "likelihood"]
Status = Literal["met", "not met", "undetermined", "weighed", "no runs", "given", "not expressible"]

ROLES: tuple[Role, ...] = get_args(Role)
"""In the order of a table: what counts first."""

SHARE = 0.5
"""An order, sign or event is met where more than this share of runs shows it, the whole Wilson interval included."""

HORIZON = "horizon"
"""Name in an expression for the decimal year at which the documents' horizon ends."""

UNJUDGED: Mapping[Role, tuple[Status, str]] = {
    "input": ("given", "given to the model"),
    "none": ("not expressible", "–"),
}
"""Roles that are never judged: their status, and what stands in the place of the model's value."""

WEIGHTS = ((3.0, "hardly worth a mention"), (10.0, "some weight"), (math.inf, "weighty"))
"""Words for a likelihood ratio, or its inverse, below each bound."""

_ID = re.compile(r"E\d{4}")


def _as_texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
"""One text or a list of texts."""


class Pattern(BaseModel):
    """One row of the file of patterns."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    name: str
    what: str
    """What the documents show, in our words."""
    document: str
    """The documents' figure as the table prints it, with its year."""
    evidence: Texts
    role: Role
    judged: Judged | None = None
    """How met is judged; None where it is not."""
    outcome: Texts = ()
    """Expression over outcomes; for an order several, the greatest first; for a likelihood the sum of rates at which
    that would have come which did not."""
    given: str = ""
    """Condition over outcomes that picks the runs to be judged; all where it is empty."""
    sign: Literal["+", "-"] | None = None
    low: Annotated[float | None, Field(strict=False)] = None
    high: Annotated[float | None, Field(strict=False)] = None
    value: Annotated[float | None, Field(strict=False)] = None
    within: Annotated[float | None, Field(strict=False, gt=1)] = None
    """For a ratio: the factor by which the model's median may miss `value` either way."""
    note: str = ""
    """What a reader has to know; for what is not judged, where it enters the model or why it has no place in it."""

    @property
    def expressions(self) -> tuple[str, ...]:
        """All expressions over outcomes."""
        return (*self.outcome, self.given) if self.given else self.outcome

    def problem(self) -> str | None:
        """Return what is wrong between the fields, or None."""
        if self.role in UNJUDGED:
            if self.judged or self.expressions:
                return f"role {self.role} is not judged: leave out judged, outcome and given."
            return None if self.note else f"role {self.role} needs a note that says why it is not judged."
        if self.judged is None or not self.outcome:
            return f"needs judged ({', '.join(get_args(Judged))}) and an outcome."
        if (self.judged == "order") != (len(self.outcome) > 1):
            return "an order needs two or more outcomes, anything else one."
        needs: dict[str, tuple[Any, ...]] = {
            "sign": (self.sign,),
            "range": (self.low, self.high),
            "ratio": (self.value, self.within),
        }
        if any(field is None for field in needs.get(self.judged, ())):
            return {"sign": "needs sign.", "range": "needs low and high.", "ratio": "needs value and within."}[
                self.judged
            ]
        return None


@dataclass(frozen=True)
class Verdict:
    """A pattern beside what the runs did."""

    pattern: Pattern
    role: Role
    """Role that counts: a test whose facts were used elsewhere is fit."""
    status: Status
    distance: float
    """0 where the model does what the document says; see `judge`. NaN where it was not judged."""
    model: str
    """What the model does, in words and numbers."""
    n_runs: int
    cited_by: tuple[str, ...]
    """Parameters and tables that cite its facts."""

    @property
    def met(self) -> bool:
        """Whether it counts as met: a test, and met."""
        return self.role == "test" and self.status == "met"


def load_patterns(path: Path = FILE, known_facts: Mapping[str, object] | None = None) -> tuple[Pattern, ...]:
    """Return the patterns of a file in its order; InputError names file, pattern and what is wrong.

    With `known_facts` every evidence id must be among them.
    """
    return tuple(_pattern(path, name, fields, known_facts) for name, fields in read_mapping(path).items())


def _pattern(path: Path, name: str, fields: Any, known_facts: Mapping[str, object] | None) -> Pattern:
    place = f"{path.name}: {name}"
    if not isinstance(fields, dict):
        raise InputError(f"{place}: must be a mapping of fields.")
    try:
        pattern = Pattern.model_validate({"name": name, **fields})
    except ValidationError as error:
        raise InputError(f"{place}: {_fault(error.errors()[0])}") from None
    if problem := pattern.problem():
        raise InputError(f"{place}: {problem}")
    for text in pattern.expressions:
        _parsed(text, place)
    unknown = [fact for fact in pattern.evidence if known_facts is not None and fact not in known_facts]
    if unknown:
        raise InputError(f"{place}: unknown fact {unknown[0]!r} in evidence.")
    return pattern


def _fault(problem: Any) -> str:
    """Return one of pydantic's problems as a sentence that names the key and its nearest right spelling."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key!r}.{did_you_mean(key, Pattern.model_fields)}"
    return f"{key}: {in_words(problem)}."


def _parsed(text: str, place: str) -> None:
    try:
        parse(text)
    except InputError as error:
        raise InputError(f"{place}: outcome: {error}") from None


def judge(
    pattern: Pattern,
    runs: Runs,
    cited_by: Sequence[str] = (),
    pairs: Runs | None = None,
) -> Verdict:
    """Return the pattern beside `runs`, those in free history.

    Order, sign and event are met where more than half of the runs show them and the Wilson interval agrees; their
    distance is the share of runs that do not. Range is met where the median lies in it, Wilson intervals included;
    distance is how far outside it lies, in widths of the range. Ratio likewise, within the factor; distance is
    |ln(model / document)|. A likelihood needs the runs' `pairs` too, and is weighed, never met.
    """
    role: Role = "fit" if pattern.role == "test" and cited_by else pattern.role
    cited = tuple(cited_by)
    if pattern.role in UNJUDGED:
        status, words = UNJUDGED[pattern.role]
        return Verdict(pattern, role, status, math.nan, words, 0, cited)
    sides = [runs, pairs or runs.at(slice(0))] if pattern.judged == "likelihood" else [runs]
    if why := _lacking(pattern, sides):
        return Verdict(pattern, role, "no runs", math.nan, why, 0, cited)
    if len(sides) == 2:
        sides = list(side_by_side(sides[0], sides[1], SAME))  # a run may have failed whose pair did not
    values = [_evaluated(text, side) for side in sides for text in pattern.outcome]
    n, rest = len(values[0]), ""
    if pattern.given:
        picked = _evaluated(pattern.given, sides[0]).astype(bool)
        values, n = [value[picked] for value in values], int(picked.sum())
        rest = f"; the other {len(picked) - n} runs do not come to it"
    if not n:
        return Verdict(pattern, role, "no runs", math.nan, "no run in free history comes to it", 0, cited)
    status, distance, words = _judged(pattern, values)
    return Verdict(pattern, role, status, distance, words + rest, n, cited)


def _lacking(pattern: Pattern, sides: Sequence[Runs]) -> str:
    """Return why there is nothing to judge a pattern by, or an empty text."""
    for side, words in zip(sides, ("runs", "paired runs"), strict=False):
        if not len(side):
            return f"no {words} in free history"
        names = (name for text in pattern.expressions for name in names_in(parse(text)))
        if missing := [name for name in names if name not in side.names and name != HORIZON]:
            return f"the result has no outcome {missing[0]}"
    return ""


def _evaluated(text: str, runs: Runs) -> np.ndarray:
    tree = parse(text)
    columns = {name: runs[name] for name in names_in(tree) if name != HORIZON}
    return evaluate(tree, {**columns, HORIZON: np.array(HISTORY_END)})


def _judged(pattern: Pattern, values: list[np.ndarray]) -> tuple[Status, float, str]:
    if pattern.judged == "likelihood":
        return "weighed", math.nan, weight_text(*values)
    if pattern.judged == "range":
        return _in_range(pattern, values[0])
    if pattern.judged == "ratio":
        return _near_ratio(pattern, values[0])
    medians = ""
    if pattern.judged == "order":
        seen = np.logical_and.reduce([left > right for left, right in pairwise(values)])
        medians = "; medians " + ", ".join(f"{_median(v):.2f}" for v in values)
    elif pattern.judged == "sign":
        seen = values[0] > 0 if pattern.sign == "+" else values[0] < 0
        medians = f"; median {_median(values[0]):.3f}"
    else:
        seen = values[0].astype(bool)
    count, n = int(seen.sum()), len(seen)
    low, high = wilson(count, n)
    status: Status = "met" if low > SHARE else "not met" if high < SHARE else "undetermined"
    return status, 1.0 - count / n, f"in {count} of {n} runs{medians}"


def _in_range(pattern: Pattern, values: np.ndarray) -> tuple[Status, float, str]:
    assert pattern.low is not None
    assert pattern.high is not None
    median = _median(values)
    outside = max(pattern.low - median, median - pattern.high, 0.0)
    distance = outside / (pattern.high - pattern.low) if math.isfinite(outside) else math.inf
    return _median_within(values, pattern.low, pattern.high), distance, spread_text(values)


def _near_ratio(pattern: Pattern, values: np.ndarray) -> tuple[Status, float, str]:
    assert pattern.value is not None
    assert pattern.within is not None
    median = _median(values)
    distance = abs(math.log(median / pattern.value)) if median > 0 and math.isfinite(median) else math.inf
    status = _median_within(values, pattern.value / pattern.within, pattern.value * pattern.within)
    return status, distance, spread_text(values)


def weight_text(rates: np.ndarray, without: np.ndarray) -> str:
    """Return how much the absence of something speaks for a rule that lowers the rate at which it comes, in words.

    `rates` and `without` are sums of rates of the same runs with the rule and without it, shape (runs,). The chance of
    nothing is the mean of exp(-rates) over the runs (over their rates, not their rare events: Rao and Blackwell), and
    the likelihood ratio that of the two chances. With it stand its central 90 per cent by luck in the runs (delta
    method) and the most that it could be, had the rule brought the rate to nought. Words after Kass and Raftery (1995,
    J. Am. Stat. Assoc. 90), rounded.
    """
    with_rule, without_rule = np.exp(-rates), np.exp(-without)
    chance, base = float(with_rule.mean()), float(without_rule.mean())
    ratio, luck = chance / base, ""
    if len(rates) > 1:
        gap = with_rule / chance - without_rule / base
        factor = math.exp(NormalDist().inv_cdf(0.95) * float(gap.std(ddof=1)) / math.sqrt(len(gap)))
        luck = f" ({ratio / factor:.2f} to {ratio * factor:.2f} by luck in the runs)"
    size = max(ratio, 1.0 / ratio)
    weight = next(words for bound, words in WEIGHTS if size < bound)
    return f"likelihood ratio {ratio:.2f}{luck}: {weight}; it could not be more than {1.0 / base:.2f}"


def _median_within(values: np.ndarray, low: float, high: float) -> Status:
    """Say whether the median lies in low..high: less than half of the runs lie below it, less than half above."""
    below, above = int((values < low).sum()), int((~(values <= high)).sum())
    intervals = [wilson(count, len(values)) for count in (below, above)]
    if all(top < SHARE for _, top in intervals):
        return "met"
    return "not met" if any(bottom > SHARE for bottom, _ in intervals) else "undetermined"


def _median(values: np.ndarray) -> float:
    """Return the median with what never came counted as later than any date."""
    return float(np.median(np.where(np.isnan(values), np.inf, values)))


def spread_text(values: np.ndarray) -> str:
    """Return the median with the middle 90 per cent of the runs, and in how many a date never came (NaN)."""
    known = values[~np.isnan(values)]
    never = len(values) - len(known)
    if not len(known):
        return f"never, in {len(values)} runs"
    low, high = np.quantile(known, (0.05, 0.95))
    median = _median(values)
    year = median > 1900 or low > 1900
    shown = [f"{v:.1f}" if year else f"{v:.2f}" for v in (low, high)]
    if math.isinf(median):
        return f"never in {never} of {len(values)} runs; in the other {len(known)} {shown[0]} to {shown[1]}"
    middle = f"{median:.1f}" if year else f"{median:.2f}"
    return f"{middle} ({shown[0]} to {shown[1]})" + (f"; never in {never} of {len(values)} runs" if never else "")


def judge_all(
    patterns: Sequence[Pattern],
    runs: Runs,
    register: Any = None,
    tables: Path | None = None,
    pairs: Runs | None = None,
) -> list[Verdict]:
    """Return every pattern's verdict; `register` and the folder of the world's `tables` say whose facts were used."""
    uses = uses_of(register, tables)
    cited = (sorted({user for fact in pattern.evidence for user in uses.get(fact, ())}) for pattern in patterns)
    return [judge(pattern, runs, users, pairs) for pattern, users in zip(patterns, cited, strict=True)]


def uses_of(register: Any, tables: Path | None) -> dict[str, set[str]]:
    """Return fact to the parameters and tables that cite it.

    A row whose column `mode` says replay is an event that free history does not know, so it uses no fact there.
    """
    uses: dict[str, set[str]] = {}
    for key, entry in register.entries.items() if register is not None else ():
        for fact in entry.evidence:
            uses.setdefault(fact, set()).add(key)
    for path in sorted(tables.glob("*.csv")) if tables is not None else ():
        with path.open(encoding="utf-8-sig", newline="") as rows:
            cited = [row.get("source") or "" for row in csv.DictReader(rows) if row.get("mode") != "replay"]
        for fact in _ID.findall(" ".join(cited)):
            uses.setdefault(fact, set()).add(path.name)
    return uses
