"""The questions that an experiment asks: their words, the outcomes and figures of each, and what bears on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.report.contrasts import contrasts
from sim.report.study import LAST_OF_HISTORY, Study

MEASURE = "dependence_china"
"""What results open with that do not say."""


@dataclass(frozen=True)
class Question:
    """One question: how it is asked, what its table is of, a note below that, and the keys of its figures."""

    asks: str
    of: str
    note: str = ""
    figures: tuple[str, ...] = ()


ASKED: Mapping[str, Question] = {
    "dependence_china": Question(
        "How far do states come to depend on foreign technology?",
        "dependence on China in the last quarter, 0–1",
        "Dependence is 0 where a state could do without China and 1 where nothing would work without it. It is 0.25, "
        "say, where Chinese equipment carries half of the digital sectors, weighted by how critical each is, and the "
        "state's own capacity could stand in for half of that.",
        ("dependence", "supply", "vendors", "map"),
    ),
    "returned": Question(
        "Who hands over persons whom China asks for?",
        "persons handed over to China until the end of the run, and by which states",
        "Persons are those who left the area and were in the state asked; numbers are expected values and rest on an "
        "assumed number of people, so that shares and differences say more than sizes. A hand-over is an extradition, "
        "an administrative return or an exchange; it is no success, and whether it was lawful or just is not judged. "
        "The wrongly suspected are an expected number at an assumed share of those returned, so that they follow the "
        "returns almost in proportion and tell nothing beyond them. Years abroad are those of persons within reach of "
        "a state that may be asked, by legal status.",
        ("routes", "stocks", "answers", "instruments", "lifetimes"),
    ),
    "restraint_idlib": Question(
        "What holds armed groups in Idlib back from attacks abroad?",
        "how far patrons hold groups back from attempts abroad",
        "What is held back is 1 less the expected attempts of a run over those of a second run on the same dice in "
        "which no patron holds anybody back: 0 where effort changes nothing, 1 where nothing is left, below 0 where it "
        "does harm. Attempts are expected ones, sums of the model's rates, and most numbers behind these are "
        f"assumptions. In replay they count only after {LAST_OF_HISTORY}, and both runs share the purges and "
        "offensives on record until then: the share is a lower bound there, and one of fewer years. The number to read "
        "is that of free history.",
        ("restraint", "survival", "accusations", "beliefs", "strength", "near_misses"),
    ),
}
"""The model's questions, by the outcome that stands for each. In an experiment's measure such an outcome begins a
question, and those named after it belong to it."""


@dataclass(frozen=True)
class Part:
    """One question of a study."""

    asked: Question
    study: Study
    """The study with the question's outcomes as its measure and, beside the baseline, what bears on it alone."""
    left: tuple[str, ...]
    """Scenarios that hardly move the question's first outcome and are left out."""


def parts(study: Study) -> list[Part]:
    """Return the questions of a study's measure, in its order.

    A lone question has all scenarios. Of several, each has the scenarios under which its first outcome moves or may
    move, and those that move it most: every scenario is seen somewhere, one that moves nothing with the first question.
    """
    stems = _stems(study.measure)
    sizes = {s: [_size(study, s, of[0]) for of in stems] for s in study.compared[1:]}
    found = []
    for i, of in enumerate(stems):
        left = tuple(s for s, size in sizes.items() if size[i] is None and i != _most(size) and len(stems) > 1)
        table = study.outcomes.at(~study.outcomes.keys["scenario"].isin(left))
        found.append(Part(_question(study, of[0]), replace(study, outcomes=table, measure=of), left))
    return found


def of_figure(study: Study, found: list[Part], key: str) -> Study:
    """Return what a figure is drawn from: the study of its question, or all of it where that is not asked."""
    return next((part.study for part in found if key in part.asked.figures), study)


def _stems(measure: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the outcomes of each question, those named before any question's own together."""
    found: list[tuple[str, ...]] = []
    for stem in measure:
        if stem in ASKED or not found:
            found.append(())
        found[-1] += (stem,)
    return found


def _question(study: Study, stem: str) -> Question:
    """Return the question that an outcome begins; others have the words that the world's outcomes declare."""
    meaning, unit = study.meaning(stem), study.unit(stem)
    of = meaning if unit in meaning else f"{meaning}, {unit}"
    return ASKED.get(stem) or Question(meaning[:1].upper() + meaning[1:], of)


def _size(study: Study, scenario: str, stem: str) -> float | None:
    """Return how much a scenario moves an outcome, in standard deviations; None where it does not in any state."""
    names = [name for name in study.outcomes.names if name.partition(".")[0] == stem]
    rows = contrasts(study, scenario, names)
    if rows and all(row.is_still for row in rows):
        return None
    return max((abs(float(np.nan_to_num(row.standardised))) for row in rows), default=0.0)


def _most(sizes: list[float | None]) -> int:
    """Return the place of the largest, the first where there is none."""
    return int(np.argmax([-1.0 if size is None else size for size in sizes]))
