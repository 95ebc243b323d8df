"""Sentences of likelihood: what happened in how many runs, in words only where the runs suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.report.labels import lower_first
from sim.report.questions import MEASURE, parts
from sim.report.study import Study
from sim.report.words import Likelihood, likelihood, likelihood_sentence
from sim.results.schema import JOINED

RIVALS = ("dependence_russia", "dependence_west")

AGREEMENTS = (
    ("digital_passed", "the SCO's digital agreement passes"),
    ("bank_passed", "the SCO's bank passes"),
    ("free_trade_passed", "the SCO's free-trade zone passes"),
)


NEW_ROUTE = ("THA", "MYS", "IDN", "TUR")
"""States of the southern way out and where it leads, whose treaties are in doubt."""

EVENTS: tuple[tuple[str, str], ...] = (
    ("southern_turn", "more than half of those who leave in some quarter, be they few, go through South-East Asia"),
    ("missions", "a mission is sent abroad"),
    ("accusations", "Turkey is accused of giving papers or of using fighters, rightly or not,"),
)
"""Outcomes that say whether something happened (a date that came, or a count above 0), and what."""

HALF = 0.5

MET, UNMET = ("extradite", "return"), ("refuse", "share", "third_country", "stall")
"""Answers to requests that hand persons over, and that do not."""


@dataclass(frozen=True)
class Statement:
    """One event, how often it happened, and the sentence that says so."""

    setting: str
    found: Likelihood
    sentence: str


@dataclass(frozen=True)
class Told:
    """The statements on one question."""

    asks: str
    statements: tuple[Statement, ...]


def statements(study: Study) -> list[Told]:
    """Return the likelihood sentences that the result's outcomes allow, question by question.

    What a question says of itself goes by the outcome that stands for it; then every question says how often each
    scenario that bears on it ends with more of that. None is about what a scenario sets itself.
    """
    found = []
    for part in parts(study):
        first = part.study.measure[0]
        own = [made for of in OF_ITSELF.get(first, ()) for made in of(part.study)]
        moves = _against_baseline(part.study) if first == MEASURE else _measure_moves(part.study)
        if own or moves:
            found.append(Told(part.asked.asks, (*own, *moves)))
    return found


def _state(setting: str, event: str, happened: np.ndarray) -> Statement:
    found = likelihood(int(happened.sum()), len(happened))
    return Statement(setting, found, likelihood_sentence(event, found))


def _setting(study: Study, scenario: str) -> str:
    return f"{study.title(scenario)}, {study.history}"


def _largest_supplier(study: Study) -> list[Statement]:
    made = []
    for state in study.names.reported:
        china = study.values(f"dependence_china.{state}", study.baseline)
        rivals = [study.values(f"{name}.{state}", study.baseline) for name in RIVALS]
        if not len(china) or any(len(rival) != len(china) for rival in rivals):
            continue
        rest = f"depends more on China than on Russia and than on the West (US) at the end of {study.end_year}"
        event = f"{study.label(state)} {rest}"
        made.append(_state(_setting(study, study.baseline), event, np.logical_and.reduce([china > r for r in rivals])))
    return made


def _agreements(study: Study) -> list[Statement]:
    made = []
    for history in ("replay", "free"):
        for name, event in AGREEMENTS:
            dates = study.values(name, study.baseline, history)
            if len(dates) and not study.is_set(study.baseline, name):
                setting = f"{study.title(study.baseline)}, {history}"
                made.append(_state(setting, f"{event} by the end of {study.end_year}", ~np.isnan(dates)))
    return made


def _treaties(study: Study) -> list[Statement]:
    """Return how often each treaty stands in the baseline, and in the scenarios that change it but do not set it."""
    made = []
    for state in NEW_ROUTE:
        name = f"map_extradition.{state}"
        before = study.values(name, study.baseline)
        for scenario in study.compared:
            stands = study.values(name, scenario)
            if study.is_set(scenario, name) or not len(stands):
                continue
            if scenario == study.baseline or stands.mean() != before.mean():
                event = f"an extradition treaty with {study.label(state)} is in force at the end of {study.end_year}"
                made.append(_state(_setting(study, scenario), event, stands > 0.5))
    return made


def _events(study: Study) -> list[Statement]:
    made = []
    for history in ("replay", "free"):
        for name, event in EVENTS:
            values = study.values(name, study.baseline, history)
            if len(values) and not study.is_set(study.baseline, name):
                setting = f"{study.title(study.baseline)}, {history}"
                made.append(_state(setting, f"{event} by the end of {study.end_year}", np.nan_to_num(values) > 0))
    return made


def _requests(study: Study) -> list[Statement]:
    made = []
    for scenario in study.compared:
        if any(study.is_set(scenario, f"answers_{kind}") for kind in (*MET, *UNMET)):
            continue
        met, unmet = ([study.values(f"answers_{kind}", scenario) for kind in kinds] for kinds in (MET, UNMET))
        if all(len(values) for values in (*met, *unmet)):
            event = "more requests end in a hand-over than not"
            made.append(_state(_setting(study, scenario), event, np.sum(met, axis=0) > np.sum(unmet, axis=0)))
    return made


def _measure_moves(study: Study) -> list[Statement]:
    """Return how often each scenario ends with more of the measure than the baseline on the same dice."""
    name = study.measure[0]
    if name not in study.outcomes:
        return []
    made = []
    for scenario in study.compared[1:]:
        before, after = (side[name] for side in study.against_baseline(scenario))
        known = ~np.isnan(before + after)
        if known.any() and not study.is_set(scenario, name):
            meaning = study.meaning(name)
            more = f"the {meaning} is larger" if study.unit(name) == "share" else f"{meaning} are more"
            event = f"{more} than in the {lower_first(study.title(study.baseline))} on the same dice"
            made.append(_state(_setting(study, scenario), event, (after > before)[known]))
    return made


def _restraint(study: Study) -> list[Statement]:
    """Return how often patrons hold back more than half of what is to be expected, where anything is."""
    made = []
    for history in ("free", "replay"):
        for name in (name for name in JOINED if name in study.outcomes):
            values = study.values(name, study.baseline, history)
            known = values[~np.isnan(values)]
            if len(known):
                event = f"the {study.meaning(name)} is more than half"
                made.append(_state(f"{study.title(study.baseline)}, {history}", event, known > HALF))
    return made


def _against_baseline(study: Study) -> list[Statement]:
    columns = [
        f"dependence_china.{state}" for state in study.names.reported if f"dependence_china.{state}" in study.outcomes
    ]
    if not columns:
        return []
    made = []
    for scenario in study.compared[1:]:
        before, after = (side.mean(columns) for side in study.against_baseline(scenario))
        if len(before):
            event = (
                f"mean dependence of the reported states on China ends higher than in the "
                f"{lower_first(study.title(study.baseline))} on the same dice"
            )
            made.append(_state(_setting(study, scenario), event, after > before))
    return made


OF_ITSELF: Mapping[str, tuple[Callable[[Study], list[Statement]], ...]] = {
    MEASURE: (_largest_supplier, _agreements),
    "returned": (_treaties, _events, _requests),
    **dict.fromkeys(JOINED, (_restraint,)),
}
"""Outcome that stands for a question to what is said of it."""
