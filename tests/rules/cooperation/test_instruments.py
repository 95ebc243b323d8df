"""Legal instruments: talks, signature, the wait for entry into force, suspension; record and free history."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.analysis.treaty_delays import assess
from sim.locations import TABLES
from sim.rules.cooperation import instruments
from sim.world.calendar import quarter_of
from sim.world.cooperation import EXTRADITION, HELD, INTELLIGENCE, IRREGULAR, KINDS, SENTENCED_PERSONS, THREE_EVILS
from sim.world.fields import NEVER, NOBODY
from sim.world.tables import Tables
from sim.world.treaties import read_treaties
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import HISTORY_END, QUARTER, dyad, only, register, run, staged

ALWAYS = 1e9
DELAY = {"median": 11.2, "spread": 0.623}
OTHERS = (THREE_EVILS, SENTENCED_PERSONS, INTELLIGENCE)


def given(**values):
    return only(instruments={**DELAY, **values})


@pytest.fixture
def asked(world):
    """Thailand's channel; the origin wants persons back as much as can be."""
    world["origins"]["priority"] = 1.0
    return channel(world, "THA")


def in_quarters(world, first, n, params, replication=0):
    """Run the rule for n quarters from the first."""
    for quarter in range(first, first + n):
        world["clock"]["quarter"] = quarter
        run(instruments, world, params, replication)


def test_rate_of_talks_by_hand():
    # Half of those who are needed for half the demand: 1/3. Demand 0.4 + 0.6 · 1/3 = 0.6.
    params = given(rate_talks=0.3, base_demand=0.4, half_wanted=100.0, weight_contacts=2.0)
    assert instruments.demand_of(50.0, params) == pytest.approx(0.6)
    assert instruments.demand_of(0.0, params) == pytest.approx(0.4), "some talks ask for nobody"
    # 0.3 · 0.5 · 0.6 · (1 + 2 · 0.25) = 0.135, and without contacts 0.3 · 0.5 · 0.4 = 0.06.
    assert instruments.talks_rate(0.5, 0.25, 0.6, params) == pytest.approx(0.135)
    assert instruments.talks_rate(0.5, 0.0, 0.4, params) == pytest.approx(0.06)
    assert instruments.talks_rate(0.0, 1.0, 1.0, params) == 0.0


def test_rate_of_signature_by_hand():
    # logistic(4 · 0.5 + 2 · 0.3 − 3 · 0.8 · 0.5 − 1) = logistic(0.4).
    params = given(rate_sign=0.2, weight_acceptance=4.0, weight_pressure=2.0, weight_rights=3.0, resistance=1.0)
    rate = instruments.signature_rate(EXTRADITION, 0.5, 0.3, 0.8, 0.5, params)
    assert rate == pytest.approx(0.2 / (1.0 + math.exp(-0.4)))
    assert instruments.signature_rate(EXTRADITION, 0.6, 0.3, 0.8, 0.5, params) > rate
    assert instruments.signature_rate(EXTRADITION, 0.5, 0.4, 0.8, 0.5, params) > rate
    assert instruments.signature_rate(EXTRADITION, 0.5, 0.3, 0.8, 0.6, params) < rate
    assert instruments.signature_rate(EXTRADITION, 0.5, 0.3, 0.9, 0.5, params) < rate


def test_every_kind_has_its_own_ease():
    params = given(rate_sign=1.0, ease_three_evils=0.1, ease_sentenced=0.2, ease_intelligence=0.3)
    rates = [instruments.signature_rate(k, 0.0, 0.0, 0.0, 0.0, params) for k in range(len(KINDS))]
    assert rates == pytest.approx([0.5, 0.05, 0.1, 0.15])


def test_the_hazard_is_that_of_scipy_given_the_wait_so_far():
    life = stats.lognorm(DELAY["spread"], scale=DELAY["median"])
    for age in range(200):
        expected = 1.0 - math.exp(life.logsf(age + 1) - life.logsf(age))
        assert instruments.entry_probability(float(age), given()) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_half_have_entered_at_the_median_and_none_at_once():
    assert instruments.waiting(0.0, given()) == 1.0
    assert instruments.waiting(11.2, given()) == pytest.approx(0.5)
    assert instruments.waiting(1e300, given(spread=0.01)) == 0.0
    assert instruments.entry_probability(1e300, given(spread=0.01)) == 1.0


def test_the_delay_is_the_one_fitted_to_the_documents_table():
    best = assess(read_treaties(Tables(TABLES)), n_resamples=10).best
    assert best.family == "log-normal"
    for name, of, quarters in (("median", "median", 4.0), ("spread", "shape", 1.0)):
        entry, found = register().find(f"instruments.{name}"), best.interval(of)
        value = best.median * quarters if of == "median" else best.shape
        assert entry.value == pytest.approx(value, rel=0.005)
        assert (entry.low, entry.high) == pytest.approx((found.low * quarters, found.high * quarters), rel=0.005)


def test_a_cohort_enters_by_the_median_of_the_parameter(world):
    channels, delays = world["channels"], []
    for replication in range(20):
        channels["signed"], channels["in_force"] = NEVER, NEVER
        channels["signed"][0, :, EXTRADITION] = QUARTER
        in_quarters(world, QUARTER, 120, given(), replication)
        delays.extend(channels["in_force"][0, :, EXTRADITION] - QUARTER)
    found = stats.CensoredData.right_censored(np.array(delays), np.array(delays) >= NEVER - QUARTER)
    curve = stats.ecdf(found).sf
    median = curve.quantiles[np.flatnonzero(curve.probabilities <= 0.5)[0]]
    # Quarters count from their beginning: a wait of 11.2 ends in the twelfth, which is number 11.
    assert median == pytest.approx(11, abs=1)
    quarter = curve.quantiles[np.flatnonzero(curve.probabilities <= 0.25)[0]]
    assert quarter == pytest.approx(11.2 * math.exp(0.623 * stats.norm.ppf(0.75)), abs=2)


def test_talks_come_before_signature_and_signature_before_entry(asked, world):
    params = given(rate_talks=ALWAYS, base_demand=1.0, half_wanted=1.0, rate_sign=ALWAYS, ease_intelligence=1.0)
    run(instruments, world, params)
    assert (asked["talks"] == QUARTER).all()
    assert (asked["signed"] == NEVER).all()
    in_quarters(world, QUARTER + 1, 1, params)
    assert asked["signed"].tolist() == [QUARTER + 1, NEVER, NEVER, QUARTER + 1], "two kinds have no ease here"
    assert asked["in_force"].tolist() == [NEVER, NEVER, NEVER, QUARTER + 1], "a treaty on extradition waits"
    assert asked["standing"].tolist() == [0.0, 0.0, 0.0, 1.0]
    in_quarters(world, QUARTER + 2, 200, params)
    assert QUARTER + 1 < asked["in_force"][EXTRADITION] < QUARTER + 200


@pytest.mark.parametrize("status", [IRREGULAR, HELD])
def test_persons_who_are_known_of_bring_talks(asked, world, status):
    node = int(np.flatnonzero(world["nodes"]["state"][0] == asked["state"])[0])
    world["states"]["detection"] = 0.5
    world["nodes"]["persons"][0, node, asked["origin"], status] = 1000.0
    run(instruments, world, given(rate_talks=ALWAYS, half_wanted=1.0))
    talks = world["channels"]["talks"][0]
    assert (asked["talks"] == QUARTER).all()
    assert (talks == QUARTER).sum() == len(KINDS) * (world["channels"]["state"][0] == asked["state"]).sum()


def test_without_priority_nobody_talks(asked, world):
    world["origins"]["priority"] = 0.0
    run(instruments, world, given(rate_talks=ALWAYS, base_demand=1.0, half_wanted=1.0))
    assert (asked["talks"] == NEVER).all()


def on_record(asked, kind, signed, in_force):
    asked["signed_on_record"][kind], asked["in_force_on_record"][kind] = signed, in_force


def test_replay_follows_the_record_to_the_quarter(asked, world):
    world["clock"]["is_replay"] = 1
    on_record(asked, EXTRADITION, QUARTER + 1, QUARTER + 3)
    stands = []
    for quarter in range(QUARTER, QUARTER + 5):
        in_quarters(world, quarter, 1, given(rate_talks=ALWAYS, base_demand=1.0, half_wanted=1.0))
        stands.append((asked["signed"][EXTRADITION] != NEVER, asked["standing"][EXTRADITION]))
    assert stands == [(False, 0.0), (True, 0.0), (True, 0.0), (True, 1.0), (True, 1.0)]
    assert (asked["signed"][EXTRADITION], asked["in_force"][EXTRADITION]) == (QUARTER + 1, QUARTER + 3)
    assert (world["channels"]["talks"] == NEVER).all()
    assert (np.delete(asked["signed"], EXTRADITION) == NEVER).all()


def test_what_lies_before_the_first_quarter_is_there_at_once(asked, world):
    world["clock"]["is_replay"] = 1
    on_record(asked, EXTRADITION, QUARTER - 20, QUARTER - 8)
    run(instruments, world, given())
    assert (asked["signed"][EXTRADITION], asked["in_force"][EXTRADITION]) == (QUARTER - 20, QUARTER - 8)
    assert asked["standing"][EXTRADITION] == 1.0


@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_follow_the_record_too_and_enter_at_once_when_it_has_ended(asked, world, kind):
    world["clock"]["is_replay"] = 1
    on_record(asked, kind, QUARTER, NEVER)
    in_quarters(world, QUARTER, HISTORY_END + 1 - QUARTER, given())
    assert (asked["signed"][kind], asked["in_force"][kind]) == (QUARTER, NEVER)
    in_quarters(world, HISTORY_END + 1, 1, given())
    assert asked["in_force"][kind] == HISTORY_END + 1
    assert asked["standing"].sum() == asked["standing"][kind] == 1.0


def test_a_treaty_not_in_force_on_record_waits_until_history_ends_and_then_goes_on_from_its_age(asked, world):
    world["clock"]["is_replay"] = 1
    on_record(asked, EXTRADITION, HISTORY_END - 20, NEVER)
    short = given(median=1.0, spread=0.1)
    in_quarters(world, HISTORY_END - 20, 21, short)
    assert (asked["signed"][EXTRADITION], asked["in_force"][EXTRADITION]) == (HISTORY_END - 20, NEVER)
    in_quarters(world, HISTORY_END + 1, 1, short)
    assert asked["in_force"][EXTRADITION] == HISTORY_END + 1


def test_free_history_does_not_read_the_record(asked, world):
    on_record(asked, EXTRADITION, QUARTER, QUARTER)
    on_record(asked, THREE_EVILS, QUARTER - 10, QUARTER - 10)
    in_quarters(world, QUARTER, 20, given())
    assert (world["channels"]["signed"] == NEVER).all()
    assert not world["channels"]["standing"].any()


def test_what_an_inject_has_put_in_force_stands_and_the_record_does_not_undo_it(asked, world):
    world["clock"]["is_replay"] = 1
    on_record(asked, EXTRADITION, QUARTER + 1, QUARTER + 3)
    asked["signed"][EXTRADITION] = asked["in_force"][EXTRADITION] = QUARTER
    in_quarters(world, QUARTER, 5, given())
    assert asked["in_force"][EXTRADITION] == asked["signed"][EXTRADITION] == QUARTER
    assert asked["standing"][EXTRADITION] == 1.0


@pytest.mark.parametrize("is_replay", [0, 1])
def test_a_quarrel_suspends_and_its_end_resumes(asked, world, is_replay):
    world["clock"]["is_replay"] = is_replay
    asked["signed"], asked["in_force"] = QUARTER, QUARTER
    relation = world["dyads"][0, dyad("THA", "CHN")]
    relation["quarrel"] = 1.0
    params = given(rate_suspend=ALWAYS, rate_resume=ALWAYS)
    run(instruments, world, params)
    assert world["channels"]["is_suspended"].sum() == asked["is_suspended"] == 1
    assert not asked["standing"].any()
    in_quarters(world, QUARTER + 1, 3, params)
    assert not asked["standing"].any(), "nothing is taken up again while the quarrel is full"
    relation["quarrel"] = 0.0
    in_quarters(world, QUARTER + 4, 1, params)
    assert asked["is_suspended"] == 0
    assert asked["standing"].all()


def test_a_sharper_quarrel_suspends_more_often(asked, world):
    hits = {}
    for quarrel in (0.2, 0.8):
        world["dyads"]["quarrel"], hits[quarrel] = quarrel, 0
        for replication in range(40):
            world["channels"]["is_suspended"] = 0
            run(instruments, world, given(rate_suspend=0.5), replication)
            hits[quarrel] += world["channels"]["is_suspended"].mean() / 40
    # 1 − exp(−0.5 · 0.2) = 0.095 and 1 − exp(−0.5 · 0.8) = 0.330.
    assert hits[0.2] == pytest.approx(0.095, abs=0.03)
    assert hits[0.8] == pytest.approx(0.330, abs=0.04)


def test_a_channel_without_a_dyad_has_no_quarrel(asked, world):
    world["dyads"]["quarrel"], asked["dyad"] = 1.0, NOBODY
    run(instruments, world, given(rate_suspend=ALWAYS))
    assert asked["is_suspended"] == 0
    assert (np.delete(world["channels"]["is_suspended"][0], _row(world, asked)) == 1).all()


def _row(world, asked):
    return int(np.flatnonzero(world["channels"]["id"][0] == asked["id"])[0])


def test_hunts_for_other_fugitives_build_contacts_that_fade(world):
    # 0.2 + 0.5 · 0.4 · 0.8 − 0.1 · 0.2 = 0.34; without a hunt 0.34 · 0.9.
    world["origins"]["hunt"], world["origins"]["contacts"] = 0.4, 0.2
    run(instruments, world, given(rate_contacts=0.5, rate_fade=0.1))
    np.testing.assert_allclose(world["origins"]["contacts"], 0.34)
    world["origins"]["hunt"] = 0.0
    run(instruments, world, given(rate_contacts=0.5, rate_fade=0.1))
    np.testing.assert_allclose(world["origins"]["contacts"], 0.306)


def _on_record_by(quarter):
    """The extradition treaties of the table: how many were signed and in force by the end of a quarter."""
    made = [one for one in read_treaties(Tables(TABLES)) if one.kind == "extradition"]
    signed = [_quarter(one.signed.middle) <= quarter for one in made]
    in_force = [one.in_force is not None and _quarter(one.in_force.middle) <= quarter for one in made]
    return sum(signed), sum(in_force)


def _quarter(day):
    return quarter_of(day.year, (day.month + 2) // 3)


@pytest.mark.parametrize("quarter", [20, 60, 100, HISTORY_END])
def test_the_documents_treaties_are_signed_and_in_force_as_the_table_says(quarter):
    world = staged("replay")
    in_quarters(world, 0, quarter + 1, given())
    channels = world["channels"]
    signed, in_force = _on_record_by(quarter)
    assert (channels["signed"][0, :, EXTRADITION] <= quarter).sum() == signed
    assert channels["standing"][0, :, EXTRADITION].sum() == in_force
    others = channels["signed"][0, :, 1:] <= quarter
    assert (others == (channels["signed_on_record"][0, :, 1:] <= quarter)).all(), "those of an undated span too"
    assert (others == (channels["standing"][0, :, 1:] == 1.0)).all()


def test_in_replay_all_of_the_table_is_signed_in_the_end_within_the_span_that_the_documents_give():
    world = staged("replay")
    in_quarters(world, 0, HISTORY_END + 1, given())
    table = read_treaties(Tables(TABLES))
    for made in table:
        first, last = made.signed.quarters
        signed = channel(world, made.iso)["signed"][KINDS.index(made.kind)]
        assert first <= signed <= last, f"{made.kind} with {made.iso}"
    assert (world["channels"]["signed"] != NEVER).sum() == len(table)
