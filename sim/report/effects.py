"""What a scenario changes: outcomes folded into families, when each opens, who carries it, and what it sets itself."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.analysis.compare import NEVER, Opening, actor, opening, shares
from sim.analysis.pairs import Contrast
from sim.errors import InputError
from sim.report.contrasts import Tally, contrasts, ranked, tally
from sim.report.labels import figure_text, figure_texts, lower_first
from sim.report.set_by_scenario import addresses
from sim.report.study import Study
from sim.report.words import likelihood, likelihood_sentence
from sim.scenario.reader import load_scenario
from sim.scenario.words import entry_in_words

MOST_WHO = 3
"""Actors that are named as carrying a difference."""

PARTS: Mapping[str, str] = {
    "returned": "map_returned.",
    "treaties_in_force": "map_extradition.",
    "failures": "failures_",
}
"""Outcome over all actors to how the names of the outcomes begin that have a number for each of them."""


@dataclass(frozen=True)
class Effect:
    """A family of outcomes that a scenario moves: one outcome for each state, or a single outcome."""

    row: Contrast
    """The outcome of the family that moves most."""
    rows: tuple[Contrast, ...]
    """All outcomes of the family that move, the largest first."""
    n: int
    """Outcomes of the family."""
    opened: Opening | None
    """When the number behind `row` differs and opens; None where its series was not recorded."""
    carriers: tuple[tuple[str, float], ...]
    """Actors and their shares (0-1) of the family's summed absolute difference, the largest first."""


@dataclass(frozen=True)
class Effects:
    """What one scenario changes against what it is set against."""

    study: Study
    scenario: str
    found: tuple[Contrast, ...]
    """Every outcome, ranked by standardised size."""
    places: Mapping[str, str]
    """Outcome to the address that it is read off."""
    acts: tuple[str, ...]
    """What the scenario sets, in words; empty where its file cannot be read any more."""

    @cached_property
    def tally(self) -> Tally:
        """How many outcomes move, do not, and may."""
        return tally(self.study, self.scenario, self.found)

    @cached_property
    def families(self) -> tuple[Effect, ...]:
        """Families that move, ranked by the outcome that moves most; what the scenario sets itself is left out."""
        moved: dict[str, list[Contrast]] = {}
        for row in self.found:
            if row.is_moved and not self.study.is_set(self.scenario, row.outcome):
                moved.setdefault(row.outcome.partition(".")[0], []).append(row)
        sizes = Counter(row.outcome.partition(".")[0] for row in self.found)
        return tuple(
            Effect(rows[0], tuple(rows), sizes[stem], self.opened(rows[0].outcome), self._carriers(rows))
            for stem, rows in moved.items()
        )

    @property
    def sized(self) -> list[Effect]:
        """Families whose size is known in standard deviations of what the scenario is set against."""
        return [effect for effect in self.families if not math.isnan(effect.row.standardised)]

    @property
    def bare(self) -> list[Effect]:
        """Families without such a size, since no run of what the scenario is set against leaves one value."""
        return [effect for effect in self.families if math.isnan(effect.row.standardised)]

    @property
    def set_here(self) -> list[Contrast]:
        """Outcomes that move and are read off what the scenario sets: causes, not effects."""
        return [row for row in self.found if row.is_moved and self.study.is_set(self.scenario, row.outcome)]

    @property
    def key(self) -> str:
        """Name of the scenario as files and anchors have it."""
        return re.sub(r"\W+", "_", self.scenario).strip("_")

    @cached_property
    def actors(self) -> tuple[tuple[str, int], ...]:
        """Actors and how many outcomes of theirs move, the most first; places and pools of people are among them."""
        counts = Counter(who for effect in self.families for row in effect.rows if (who := self.who(row.outcome)))
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def who(self, outcome: str) -> str:
        """Return the label of whose number an outcome is; empty where it is nobody's alone."""
        name = outcome.partition(".")[2] or actor(self.places.get(outcome, ""))
        return self.study.label(name) if name else ""

    def opened(self, outcome: str) -> Opening | None:
        """Return when the number behind an outcome differs and opens; None where its series was not recorded."""
        if not (address := self.places.get(outcome)) or not self.study.has(address):
            return None
        return opening(*self.study.beside(address, self.scenario))

    def _carriers(self, rows: Sequence[Contrast]) -> tuple[tuple[str, float], ...]:
        """Return who carries a family; of an outcome over all actors, the shares of its parts that move."""
        stem, _, state = rows[0].outcome.partition(".")
        if not state and (begins := PARTS.get(stem)):
            names = [name for name in self.study.outcomes.names if name.startswith(begins)]
            rows = [row for row in contrasts(self.study, self.scenario, names) if row.is_moved]
        return tuple(shares({self.who(row.outcome): row.mean for row in rows if self.who(row.outcome)}))


def effects_of(study: Study, scenario: str, folder: Path, acts: Sequence[str] = ()) -> Effects:
    """Return what a scenario changes; `folder` holds the world's tables."""
    return Effects(study, scenario, tuple(contrasts(study, scenario)), places(study, folder), tuple(acts))


def places(study: Study, folder: Path) -> dict[str, str]:
    """Return each outcome of a study to its address, as the world's folder declares it."""
    declared = addresses(folder)
    found = {}
    for name in study.outcomes.names:
        stem, _, state = name.partition(".")
        if stem in declared:
            found[name] = re.sub(r"\*+", state, declared[stem], count=1)
    return found


def moved_anywhere(study: Study) -> list[str]:
    """Return the outcomes that any scenario moves, in their own order: those whose series are worth recording."""
    moved = {row.outcome for s in study.compared[1:] for row in contrasts(study, s) if row.is_moved}
    return [name for name in ranked(study) if name in moved]


def acts_of(asked: Iterable[Any], study: Study) -> dict[str, tuple[str, ...]]:
    """Return each scenario of a study that sets something to what it sets, in words.

    That is what its runs recorded; of runs that did not, what the files asked for say today. What cannot be read any
    more is left out.
    """
    found = {name: acts for name in study.compared if (acts := _recorded(study, name)) is not None}
    if len(found) < len(study.compared):
        files = dict(filter(None, (_of_file(str(name), study) for name in asked)))
        found = {name: files.get(name.partition(" (")[0], ()) for name in study.compared} | found
    return {name: acts for name, acts in found.items() if acts}


def _recorded(study: Study, name: str) -> tuple[str, ...] | None:
    """Return what the manifest says that a scenario sets; None where it does not, or says what is unknown today."""
    told = study.given.get(name) or {}
    if "injects" not in told:
        return None
    base = Path(str(told.get("base") or study.baseline)).stem
    below = () if base in (study.baseline, "baseline") else (f"what “{study.title(base)}” sets",)
    try:
        return (*below, *_acts(told["injects"], told.get("parameters") or {}, study))
    except InputError:
        return None


def _of_file(name: str, study: Study) -> tuple[str, tuple[str, ...]] | None:
    """Return a scenario's own name and what it sets with all its bases; None where it cannot be read any more."""
    try:
        scenario = load_scenario(name)
        ordered = [order for strategy in scenario.strategies for order in strategy.as_entries()]
        entries = [*(entry for _, entry in scenario.injects), *ordered]
        return scenario.name, _acts(entries, scenario.parameters, study)
    except InputError:
        return None


def _acts(entries: Iterable[Mapping[str, Any]], parameters: Mapping[str, float], study: Study) -> tuple[str, ...]:
    """Return injects, orders and parameters in words."""
    told = [entry_in_words(entry, "injects", study.label) for entry in entries]
    return (*told, *(f"parameter {key} = {value:g}" for key, value in sorted(parameters.items())))


def sentences(effects: Effects) -> list[str]:
    """Return what opens the page for a scenario: how much moves, what most and how likely, when it opens, by whom."""
    study, count = effects.study, effects.tally
    title = f"“{study.title(effects.scenario)}”"
    pairs = max((row.n_pairs for row in effects.found), default=0)
    if pairs < 2:
        return [f"{title}: {pairs} pair{'' if pairs == 1 else 's'} of runs on the same dice, too few to tell anything."]
    told = [
        f"{title} moves {count.n_moved} of {count.n} outcomes that it does not set itself and leaves {count.n_still} "
        f"where they are; of the other {count.n_open}, {pairs} pairs of runs do not tell."
    ]
    return [*told, *_of_most(effects, effects.sized[0]), *_of_actors(effects)] if effects.sized else told


def _of_most(effects: Effects, effect: Effect) -> list[str]:
    row, study = effect.row, effects.study
    words, unit = quoted(study, row.outcome), study.unit(row.outcome)
    size, low, high = figure_texts((row.mean, row.low, row.high), signed=True)
    told = [
        f"What moves most is {words}: by {size} ({low} to {high}){f' {unit}' if unit not in ('0-1', 'share') else ''}, "
        f"{figure_text(abs(row.standardised))} standard deviations of the runs of “{study.title(study.baseline)}”."
    ]
    down, up = ("earlier", "later") if unit == "year" else ("lower", "higher")
    share, side = (row.p_up, up) if row.mean > 0 else (row.p_down, down)
    event = f"{words} lies {side} under “{study.title(effects.scenario)}” than under “{study.title(study.baseline)}”"
    told.append(likelihood_sentence(event, likelihood(round(share * row.n_pairs), row.n_pairs)))
    if effect.opened is not None and effect.opened.opens != NEVER:
        told.append(f"This difference opens in {study.quarter(effect.opened.opens)}.")
    if len(effect.carriers) > 1:
        told.append(f"Shares of it, summed over all who have such an outcome: {who_text(effect)}.")
    return told


def _of_actors(effects: Effects) -> list[str]:
    most = effects.actors[:MOST_WHO]
    if len(most) < 2:
        return []
    return [f"Most of the outcomes that move are those of {', '.join(f'{who} ({n})' for who, n in most)}."]


def quoted(study: Study, outcome: str) -> str:
    """Return an outcome's words as they stand in a sentence."""
    stem, _, state = outcome.partition(".")
    meaning = f"“{lower_first(study.meaning(stem))}”"
    return f"{meaning} of {study.label(state)}" if state else meaning


def who_text(effect: Effect) -> str:
    """Return who carries a family, such as `Kyrgyzstan 45%, Tajikistan 30%`; empty where nobody does."""
    return ", ".join(f"{who} {share:.0%}" for who, share in effect.carriers[:MOST_WHO])
