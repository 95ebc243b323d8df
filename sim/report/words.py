"""Words of estimative probability and of confidence, after Intelligence Community Directive 203.

A share of runs is put into words only where its whole Wilson interval lies inside one band; else it is undetermined,
and the number of further runs that would settle it is named. Likelihood (what the runs did) and confidence (what the
parameters rest on) are two sentences, never one. The directive's outermost bands begin at 1 and end at 99 per cent;
here they reach to 0 and 1, and no word for impossible or certain exists.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

BANDS = (
    ("almost no chance", 0.0, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even chance", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 1.0),
)
"""Word, from, to. The directive's second vocabulary (remote, improbable …) is not mixed in."""

LEVEL = 0.95
MOST_RUNS = 1_000_000
"""Beyond this many further runs a share is said to lie at the edge of two bands."""


@dataclass(frozen=True)
class Likelihood:
    """How often something happened over runs, and the word for it where there is one."""

    count: int
    n_runs: int
    low: float
    high: float
    """Wilson interval at LEVEL, 0-1."""
    word: str | None
    """A band's word, or None where the interval lies in more than one band."""
    more_runs: int | None
    """Further runs after which the interval would lie in one band if the share stayed; None: more runs would not do."""

    @property
    def share(self) -> float:
        """Share of runs, 0-1; NaN without runs."""
        return self.count / self.n_runs if self.n_runs else math.nan

    @property
    def phrase(self) -> str:
        """The band's word, or what is missing."""
        if self.word:
            return self.word
        if not self.n_runs:
            return "undetermined: no runs"
        if self.more_runs is None:
            return "undetermined: at the edge of two bands"
        return f"undetermined: {self.more_runs:,} more run{'s' if self.more_runs != 1 else ''}"


def wilson(count: int, n_runs: int, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's interval for a share of `count` in `n_runs`, (0, 1) without runs; ValueError for a bad count."""
    if not 0 <= count <= n_runs:
        raise ValueError(f"{count} of {n_runs} runs is no share")
    return _wilson(count / n_runs, n_runs, level) if n_runs else (0.0, 1.0)


def _wilson(share: float, n_runs: int, level: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    scale = 1.0 + z * z / n_runs
    centre = (share + z * z / (2 * n_runs)) / scale
    half = z / scale * math.sqrt(share * (1.0 - share) / n_runs + z * z / (4.0 * n_runs * n_runs))
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return low, high


def band_of(low: float, high: float) -> str | None:
    """Return the word of the band that holds the whole interval, or None."""
    return next((word for word, start, end in BANDS if start <= low and high <= end), None)


def likelihood(count: int, n_runs: int, level: float = LEVEL) -> Likelihood:
    """Return how likely something is that happened in `count` of `n_runs` runs; ValueError for a bad count."""
    low, high = wilson(count, n_runs, level)
    word = band_of(low, high)
    more = None if word or not n_runs else _more_runs(count / n_runs, n_runs, level)
    return Likelihood(count, n_runs, low, high, word, more)


def _more_runs(share: float, n_runs: int, level: float) -> int | None:
    """Return the least number of further runs that puts the interval into one band, the share staying as it is."""

    def settled(n: int) -> bool:
        return band_of(*_wilson(share, n, level)) is not None

    if not settled(n_runs + MOST_RUNS):
        return None
    low, high = 0, MOST_RUNS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if settled(n_runs + middle) else (middle, high)
    return _rounded_up(high)


def _rounded_up(n: int) -> int:
    """Return `n` rounded up to two figures, since it rests on a share that is itself uncertain."""
    step = 10 ** max(0, len(str(n)) - 2)
    return -(-n // step) * step


def likelihood_sentence(event: str, found: Likelihood) -> str:
    """Return one sentence on how often `event` happened; it says nothing of confidence."""
    runs = f"{found.count} of {found.n_runs} run{'s' if found.n_runs != 1 else ''}"
    if not found.n_runs:
        return f"How likely it is that {event} is undetermined: there are no runs."
    if found.word is None:
        return f"{event[:1].upper()}{event[1:]} in {runs}: {_open_words(found)}."
    article = {"roughly even chance": "there is a", "almost no chance": "there is"}.get(found.word, "it is")
    return f"Under the model's assumptions {article} {found.word} that {event} ({runs})."


def _open_words(found: Likelihood) -> str:
    """Return between which words a share lies that has none, and what would settle it."""
    words = [word for word, low, high in BANDS if low < found.high and found.low < high]
    between = f"between '{words[0]}' and '{words[-1]}'"
    if found.more_runs is None:
        return f"on the edge {between}, which more runs would hardly settle"
    return f"too few runs to choose {between}; about {found.more_runs:,} more would do"


@dataclass(frozen=True)
class Confidence:
    """How far the evidence carries what a report says: low, moderate or high, and why."""

    level: str
    sentence: str


def confidence(documented: float, derived: float, contested: float) -> Confidence:
    """Return the confidence that backing allows; arguments are shares of all parameters, 0-1.

    High needs three quarters documented and at most a tenth contested; moderate one quarter documented, one half
    documented or derived, and at most a quarter contested. It speaks of the evidence, not of luck in the runs.
    """
    backed = documented + derived
    if documented >= 0.75 and contested <= 0.10:
        level = "high"
    elif documented >= 0.25 and backed >= 0.50 and contested <= 0.25:
        level = "moderate"
    else:
        level = "low"
    sentence = (
        f"Confidence in these results is {level}: {documented:.0%} of the parameters are documented, {derived:.0%} are "
        f"derived from documents with an assumption, {max(0.0, 1.0 - backed):.0%} are assumed, and {contested:.0%} "
        "rest on contested facts."
    )
    return Confidence(level, sentence)
