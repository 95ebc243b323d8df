from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.report import figure_survival, style
from sim.report.drawn import Cannot, Sketch
from sim.report.figure_survival import Lives
from sim.report.study import Study
from tests.report.layout import cut, overlapping
from tests.report.made_restraint import CLIENTS, SHORT, TITLES, made_study

KEYS = [SHORT[group] for group in CLIENTS]


@pytest.fixture(scope="module")
def armed() -> Study:
    return made_study()


def drawn(study: Study) -> Sketch:
    with style.drawing():
        return figure_survival.sketch(study)


@pytest.fixture(scope="module")
def made(armed: Study) -> Sketch:
    return drawn(armed)


def product_limit(table: pd.DataFrame) -> dict[float, float]:
    """Return years to the share that has made no attempt by then, over all groups, by counting."""
    spell = np.concatenate([table[f"spell_{key}"] for key in KEYS]) / 4
    ended = np.concatenate([table[f"failures_{key}"] for key in KEYS]) > 0
    share, found = 1.0, {}
    for year in sorted(set(spell[ended])):
        share *= 1 - (ended & (spell == year)).sum() / (spell >= year).sum()
        found[float(year)] = share
    return found


def test_steps_are_the_product_limit_of_runs_and_of_pairs(armed: Study, made: Sketch) -> None:
    fell = list(TITLES).index("idlib_falls")
    steps, pair, base = made.figure.axes[fell].lines[:3]
    for line, table in (
        (steps, armed.runs("idlib_falls")),
        (pair, armed.paired("idlib_falls")),
        (base, armed.runs("baseline")),
    ):
        known = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for year, share in product_limit(table).items():
            assert known[year] == pytest.approx(share)
        assert known[0.0] == 1.0
        assert line.get_drawstyle() == "steps-post"


def test_lives_last_seen_without_an_attempt_are_marked(armed: Study, made: Sketch) -> None:
    ticks = made.figure.axes[0].lines[-1]
    table = armed.runs("baseline")
    seen = {float(s) / 4 for key in KEYS for s in table[f"spell_{key}"][table[f"failures_{key}"] == 0]}
    assert set(ticks.get_xdata()) == seen
    assert ticks.get_marker() == "|"
    one = Lives(table, tuple(KEYS))
    assert ticks.get_ydata() == pytest.approx(one.share(np.array(sorted(seen))))


def test_the_last_shares_stand_at_the_ends(armed: Study, made: Sketch) -> None:
    for scenario, axes in zip(armed.compared, made.figure.axes, strict=True):
        words = sorted(text.get_text() for text in axes.texts)
        tables = armed.runs(scenario), armed.paired(scenario)
        assert words == sorted(f"{list(product_limit(table).values())[-1]:.2f}" for table in tables)
        assert axes.get_title(loc="left").replace("\n", " ") == TITLES[scenario]


def test_a_group_that_never_had_a_patron_is_no_life(armed: Study) -> None:
    table = armed.runs("baseline").assign(spell_ktj=0.0, failures_ktj=0.0)
    assert Lives(table, tuple(KEYS)).n == (len(KEYS) - 1) * len(table)


def test_words_count_lives_and_attempts(armed: Study, made: Sketch) -> None:
    table = armed.runs("baseline")
    ended = int(sum((table[f"failures_{key}"] > 0).sum() for key in KEYS))
    assert f"{len(KEYS) * len(table)} lives, of which an attempt ended {ended}" in made.caption
    spells = np.concatenate([table[f"spell_{key}"] for key in KEYS])
    assert f"10 years {(spells >= 40).sum()}, 20 years {(spells >= 80).sum()}: the last" in made.caption
    assert "time is counted only after 2022Q3" in made.caption
    assert f"Baseline {list(product_limit(table).values())[-1]:.2f}, without effort" in made.alt


def test_without_pairs_there_is_one_curve(armed: Study) -> None:
    made = drawn(replace(armed, pairs=None))
    assert len(made.figure.axes[0].texts) == 1
    assert "Dashed" not in made.caption


def test_where_no_life_ends_the_curve_stays_at_one(armed: Study) -> None:
    calm = {f"failures_{key}": 0.0 for key in KEYS}
    assert armed.pairs is not None
    made = drawn(replace(armed, outcomes=armed.outcomes.assign(**calm), pairs=armed.pairs.assign(**calm)))
    assert {text.get_text() for axes in made.figure.axes for text in axes.texts} == {"1.00"}
    assert overlapping(made.figure) == []


def test_nothing_is_cut_or_overlaps(made: Sketch) -> None:
    for one in (made, drawn(made_study(1))):
        assert cut(one.figure) == []
        assert overlapping(one.figure) == []


def test_what_is_missing_is_the_reason(armed: Study) -> None:
    kept = [name for name in armed.outcomes.names if not name.startswith("spell_")]
    with pytest.raises(Cannot, match="no outcomes spell_<group> and failures_<group>"):
        drawn(replace(armed, outcomes=armed.outcomes.having(kept)))
    bare = {f"{stem}_{key}": 0.0 for key in KEYS for stem in ("spell", "failures")}
    with pytest.raises(Cannot, match="no group has a patron"):
        drawn(replace(armed, outcomes=armed.outcomes.assign(**bare)))
