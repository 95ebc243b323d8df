"""Detention: when people get out and how many, where they go, transfers and their cost, and who is taken home."""

import pytest

from sim.rules.restraint import detention
from sim.world.fields import NOBODY
from tests.rules.made_world import HISTORY_END, QUARTER, default_world, index, only, run
from tests.rules.restraint.made_theatre import people, populate

ALWAYS = 1e9
JAILED, FORCE = index("groups", "Islamic State"), index("groups", "Syrian Democratic Forces")
IRAN = index("states", "IRN")


def row(name):
    return default_world().names.custodies.index(name)


CAMP, JAIL, CELLS = row("Syrian Democratic Forces>Islamic State"), row("IRN>al-Qaeda"), row("Hayat Tahrir al-Sham")


def given(**values):
    return only(detention=values)


@pytest.fixture
def full(world):
    """A group holds 400 members of another and 800 relatives where 1000 may be held; states can do everything."""
    populate(world)
    camp = world["custodies"][0, CAMP]
    camp["hard"], camp["other"], camp["relatives"], camp["capacity"] = 100.0, 300.0, 800.0, 1000.0
    world["custodies"]["begins"] = QUARTER - 1
    world["states"]["capability"] = 1.0
    return world


def frequency(world, params, happened, replications=400):
    count = 0
    for replication in range(replications):
        other = world.copy()
        run(detention, other, params, replication)
        count += bool(happened(other))
    return count / replications


def escapes(world):
    return world["custodies"]["cum_escaped"].sum() > 0.0


def test_escape_rate_by_hand():
    params = given(rate_break=0.1, weight_load=2.0, weight_abandoned=5.0, rate_slip=0.2)
    assert detention.escape_rate(0.5, 0.0, 1.0, params) == pytest.approx(0.1)
    assert detention.escape_rate(1.5, 0.2, 1.0, params) == pytest.approx(0.3)
    assert detention.escape_rate(0.5, 0.0, 0.25, params) == pytest.approx(0.25)


def test_load_above_capacity_and_abandonment_raise_breaks(full):
    camp = full["custodies"][0, CAMP]
    plain = {"rate_break": 0.1, "share_escape": 0.1}
    more = {"weight_load": 5.0, "weight_abandoned": 5.0}
    # A load of 1.2: rate 0.1 · 2 = 0.2; and abandoned by 0.4: 0.1 · 4.
    assert frequency(full, given(**plain), escapes) == pytest.approx(0.095, abs=0.05)
    assert frequency(full, given(**plain | more), escapes) == pytest.approx(0.181, abs=0.05)
    camp["abandoned"] = 0.4
    assert frequency(full, given(**plain | more), escapes) == pytest.approx(0.330, abs=0.06)
    assert frequency(full, given(**plain), escapes) == pytest.approx(0.095, abs=0.05), "off: both weights 0"
    camp["capacity"] = 2000.0
    assert frequency(full, given(**plain | {"weight_load": 5.0}), escapes) == pytest.approx(0.095, abs=0.05)


def test_a_state_lets_people_slip_the_less_it_controls_itself(full):
    full["custodies"]["relatives"] = full["custodies"]["hard"] = full["custodies"]["other"] = 0.0
    full["custodies"]["relatives"][0, JAIL] = 100.0
    params = given(rate_slip=0.5, share_escape=0.1)

    def slips(capability):
        full["states"]["capability"][0, IRAN] = capability
        return frequency(full, params, escapes)

    assert slips(1.0) == 0.0
    assert slips(0.6) == pytest.approx(0.181, abs=0.05)
    assert slips(0.0) == pytest.approx(0.393, abs=0.06)
    assert frequency(full, given(share_escape=0.1), escapes) == 0.0, "off: rate_slip = 0"


def test_nobody_slips_from_a_group(full):
    full["states"]["capability"] = 0.0
    assert frequency(full, given(rate_slip=ALWAYS, share_escape=0.1), escapes, 5) == 0.0


def test_a_break_puts_half_back_and_disperses_the_rest(full):
    before = people(full)
    run(detention, full, given(rate_break=ALWAYS, share_escape=0.1))
    camp, group = full["custodies"][0, CAMP], full["groups"][0, JAILED]
    assert (camp["hard"], camp["other"], camp["relatives"]) == pytest.approx((90.0, 270.0, 720.0))
    assert camp["cum_escaped"] == pytest.approx(120.0)
    assert (group["hard"], group["other"]) == pytest.approx((5.0, 15.0))
    assert full["pools"]["gone"].sum() + full["pools"]["returned"].sum() == pytest.approx(20.0)
    assert people(full) == pytest.approx(before)


def test_those_who_get_out_of_a_hubs_custody_disperse(full):
    cells = full["custodies"][0, CELLS]
    cells["hard"], cells["capacity"] = 50.0, 100.0
    before = people(full)
    run(detention, full, given(rate_break=ALWAYS, share_escape=0.2))
    assert cells["hard"] == pytest.approx(40.0)
    assert people(full) == pytest.approx(before)


def test_transfers_need_abandonment_cost_rights_and_move_people_on(full):
    params = given(rate_transfer=0.5, share_moved=0.1, gain_rights=0.4, rate_recover=0.25)
    moved = lambda w: w["custodies"]["cum_transferred"][0, CAMP] > 0.0  # noqa: E731
    assert frequency(full, params, moved, 5) == 0.0
    camp = full["custodies"][0, CAMP]
    camp["abandoned"] = 0.8
    assert frequency(full, params, moved) == pytest.approx(0.330, abs=0.06)
    assert frequency(full, given(share_moved=0.1), moved, 5) == 0.0, "off: rate_transfer = 0"
    before = people(full)
    run(detention, full, given(rate_transfer=ALWAYS, share_moved=0.1, gain_rights=0.4, rate_recover=0.25))
    assert camp["cum_transferred"] == pytest.approx(120.0)
    assert camp["rights_cost"] == pytest.approx(0.4)
    assert camp["abandoned"] == pytest.approx(0.6)
    assert people(full) == pytest.approx(before)
    assert not escapes(full)


def test_the_cost_to_rights_is_forgotten(full):
    full["custodies"]["rights_cost"] = 0.5
    run(detention, full, given(rate_forget=0.2))
    assert full["custodies"]["rights_cost"][0, CAMP] == pytest.approx(0.4)


def test_states_take_their_own_home_and_less_so_in_fear(full):
    params = given(rate_repatriate=0.1, weight_reluctance=0.5)
    assert detention.home_share(0.4, params) == pytest.approx(0.08)
    assert detention.home_share(0.4, given(rate_repatriate=0.1)) == pytest.approx(0.1), "off: weight_reluctance = 0"
    full["groups"]["aim"][0, JAILED, :2] = 0.5, 0.5
    full["states"]["insecurity"][0, :2] = 0.8, 0.0
    before = people(full)
    run(detention, full, params)
    camp = full["custodies"][0, CAMP]
    assert (camp["hard"], camp["other"], camp["relatives"]) == pytest.approx((92.0, 276.0, 736.0))
    assert people(full) == pytest.approx(before)
    assert camp["cum_escaped"] == camp["cum_transferred"] == 0.0
    assert detention.fear_of(full[0], NOBODY) == 0.0


def test_relatives_come_into_custody_in_their_quarter(full):
    camp = full["custodies"][0, CAMP]
    camp["relatives_base"] = 500.0
    run(detention, full, given())
    assert camp["relatives"] == 800.0
    camp["begins"] = QUARTER
    run(detention, full, given())
    assert camp["relatives"] == 1300.0


@pytest.mark.parametrize(("quarter", "happens"), [(100, False), (HISTORY_END, False), (HISTORY_END + 1, True)])
def test_in_replay_breaks_and_transfers_are_those_on_record(full, quarter, happens):
    full["clock"]["is_replay"], full["clock"]["quarter"] = 1, quarter
    full["custodies"]["abandoned"] = 1.0
    rates = {"rate_break": ALWAYS, "rate_transfer": ALWAYS, "rate_repatriate": 0.1}
    run(detention, full, given(**rates, share_escape=0.1, share_moved=0.1))
    camp = full["custodies"][0, CAMP]
    assert (camp["cum_escaped"] > 0.0) == happens
    assert (camp["cum_transferred"] > 0.0) == happens
    assert camp["hard"] <= 90.0 + 1e-9, "people are taken home in both"


def test_an_empty_custody_stays_empty(world):
    populate(world)
    run(detention, world, given(rate_break=ALWAYS, rate_slip=ALWAYS, share_escape=0.5))
    assert not escapes(world)
    assert world["groups"]["hard"][0, FORCE] == 0.0
