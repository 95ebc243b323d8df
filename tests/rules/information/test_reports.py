"""Reports: they lag, misjudge and leave gaps, and are true with all three switched off."""

import math

import numpy as np
import pytest

from sim.rules.information import reports
from tests.rules.made_conflict import enter, quiet
from tests.rules.made_world import QUARTER, index, only, register, run

HTS, KTJ = (index("groups", name) for name in ("Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"))
IDLIB = index("theatres", "Idlib")
WEST = index("audiences", "governments of the West")
FACTOR = 5.0
"""Between the lowest and the highest of the figures in circulation (E0849, E0853)."""

FIGURES = 7
"""Draws of a normal whose largest and smallest lie about 2.7 standard deviations apart."""


def given(**values):
    return only(reports=values)


@pytest.fixture
def known():
    """A quiet world in which a group of 1,000 holds 0.4 of its theatre, and is new."""
    world = quiet()
    enter(world, "Hayat Tahrir al-Sham", 300.0, 700.0, QUARTER)
    world["theatres"]["control"][0, IDLIB, HTS] = 0.4
    return world


def group(world, g=HTS):
    return world["groups"][0, g]


def noises(params, replications):
    found = []
    for replication in range(replications):
        world = quiet()
        enter(world, "Hayat Tahrir al-Sham", since=QUARTER)
        run(reports, world, params, replication)
        found.append(group(world)["noise"])
    return np.array(found)


def test_without_spread_gap_and_delay_reports_are_true(known):
    run(reports, known, given(rate_report=1.0))
    assert (group(known)["noise"], group(known)["rep_members"]) == (1.0, 1000.0)
    assert group(known)["rep_hold"] == 0.4


def test_reports_lag_behind(known):
    for expected in (400.0, 640.0, 784.0):
        run(reports, known, given(rate_report=0.4))
        assert group(known)["rep_members"] == pytest.approx(expected)
    assert group(known)["rep_hold"] == pytest.approx(0.4 * 0.784)


def test_a_group_is_misjudged_by_a_factor_that_stays(known):
    params = given(rate_report=1.0, spread=0.6)
    run(reports, known, params)
    noise = group(known)["noise"]
    assert noise != 1.0
    for quarter in range(QUARTER + 1, QUARTER + 4):
        known["clock"]["quarter"] = quarter
        group(known)["hard"] += 100.0
        run(reports, known, params)
        assert group(known)["noise"] == noise
        assert group(known)["rep_members"] == pytest.approx((group(known)["hard"] + 700.0) * noise)


def test_the_factor_is_log_normal_with_its_spread():
    logs = np.log(noises(given(spread=0.6), 1400))
    assert logs.mean() == pytest.approx(0.0, abs=0.05)
    assert logs.std() == pytest.approx(0.6, abs=0.04)
    assert np.mean(np.abs(logs) < 0.6) == pytest.approx(0.683, abs=0.04)


def test_a_factor_of_five_lies_between_the_extremes_at_the_default_spread():
    found = noises(given(spread=register().find("reports.spread").value), 200 * FIGURES).reshape(-1, FIGURES)
    assert np.median(found.max(1) / found.min(1)) == pytest.approx(FACTOR, rel=0.2)


def test_the_factor_by_hand():
    # z = √(−2 ln e^(−2)) · cos(2π · 0) = 2.
    assert reports.noise_of(math.exp(-2.0), 0.0, given(spread=0.5)) == pytest.approx(math.exp(1.0))
    assert reports.noise_of(math.exp(-2.0), 0.5, given(spread=0.5)) == pytest.approx(math.exp(-1.0))
    assert reports.noise_of(math.exp(-2.0), 0.25, given(spread=0.5)) == pytest.approx(1.0)
    assert reports.noise_of(1e-16, 0.0, given(spread=9.0)) == reports.MOST
    assert reports.noise_of(1e-16, 0.5, given(spread=9.0)) == reports.LEAST


def test_groups_are_misjudged_each_for_itself():
    world = quiet()
    for name in ("Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"):
        enter(world, name, since=QUARTER)
    run(reports, world, given(spread=0.6))
    assert group(world, HTS)["noise"] != group(world, KTJ)["noise"]


def test_gaps_leave_what_was_told(known):
    heard = 0
    for replication in range(300):
        world = known.copy()
        run(reports, world, given(rate_report=1.0, gap=0.3), replication)
        assert group(world)["rep_members"] in (0.0, 1000.0)
        heard += group(world)["rep_members"] == 1000.0
    assert heard / 300 == pytest.approx(0.7, abs=0.08)
    run(reports, known, given(rate_report=1.0, gap=1.0))
    assert group(known)["rep_members"] == group(known)["rep_hold"] == 0.0, "of land neither"


def test_of_a_group_that_has_not_entered_nothing_is_told():
    world = quiet()
    enter(world, "Hayat Tahrir al-Sham", 300.0, 700.0, QUARTER + 1)
    world["audiences"]["belief"] = world["audiences"]["weight"] = 1.0
    before = world.copy()
    run(reports, world, given(rate_report=1.0, spread=0.6))
    assert (world == before).all()


def test_blame_is_belief_beyond_what_was_believed_anyway(known):
    audiences = known["audiences"][0]
    audiences["weight"], audiences["prior"] = 0.1, 0.2
    audiences["weight"][WEST] = 0.5
    audiences["belief"][:, HTS] = 0.1
    audiences["belief"][WEST, HTS] = 0.6
    run(reports, known, given())
    assert group(known)["rep_blame"] == pytest.approx(0.5 * 0.4), "a doubt below what was believed clears nobody"
    audiences["weight"] = audiences["belief"] = 1.0
    run(reports, known, given())
    assert group(known)["rep_blame"] == 1.0


def test_a_group_in_no_theatre_holds_no_land(known):
    group(known)["theatre"] = -1
    run(reports, known, given(rate_report=1.0))
    assert group(known)["rep_hold"] == 0.0


def test_another_groups_entry_changes_no_draw(known):
    other = known.copy()
    enter(other, "Katibat al-Tawhid wal-Jihad", 50.0, 50.0, QUARTER)
    for world in (known, other):
        run(reports, world, given(rate_report=0.5, spread=0.6, gap=0.2))
    assert (known["groups"][0, HTS] == other["groups"][0, HTS]).all()
