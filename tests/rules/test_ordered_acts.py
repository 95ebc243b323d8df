"""What scenarios and strategies order of diplomacy: handed on for its quarter, and carried out by its rule."""

import numpy as np
import pytest

from sim.rules import scenario_acts
from sim.rules.cooperation import instruments, passage, requests, swaps
from sim.rules.institutions import summits
from sim.rules.restraint import detention
from sim.world.cooperation import EXTRADITION, HELD, INTELLIGENCE, REFUSE, THREE_EVILS
from sim.world.fields import NEVER, NOBODY
from sim.world.records import DOMAINS
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import HISTORY_END, QUARTER, default_world, index, only, order, run
from tests.rules.restraint.made_theatre import populate

WEST, MYS, MALAYSIA = index("origins", "Western China"), index("states", "MYS"), index("nodes", "Malaysia")
SCO, CHN, RUS, KAZ = index("institutions", "SCO"), *(index("states", iso) for iso in ("CHN", "RUS", "KAZ"))
TRADE = DOMAINS.index("trade")
SUMMIT = QUARTER + 1
"""Quarter of a summit."""


def now(world, kind, *who, strength=1.0, quarter=QUARTER):
    """Order something in a quarter, and put it in force."""
    order(world, kind, *who, start=quarter, end=quarter + 1, strength=strength)
    return act(world, quarter)


def act(world, quarter=QUARTER):
    world["clock"]["quarter"] = quarter
    return run(scenario_acts, world, only())


@pytest.mark.parametrize(("kind", "field"), [("request", "request_order"), ("swap", "swap_order")])
def test_an_order_to_a_channel_holds_for_one_quarter_and_one_state(world, kind, field):
    orders = now(world, kind, MYS, WEST)["channels"][field]
    assert channel(world, "MYS")[field] == orders.sum() == 1.0
    assert act(world, QUARTER + 1)["channels"][field].sum() == 0.0


def test_talks_and_signature_are_dated_and_earlier_dates_stay(world):
    for field in ("talks", "signed", "in_force"):
        world["channels"][field] = NEVER
    now(world, "negotiate", MYS, WEST, EXTRADITION)
    now(world, "sign", MYS, WEST, INTELLIGENCE)
    asked = channel(world, "MYS")
    assert asked["talks"][EXTRADITION] == asked["signed"][INTELLIGENCE] == QUARTER
    assert (world["channels"]["talks"] == QUARTER).sum() == (world["channels"]["signed"] == QUARTER).sum() == 1
    now(world, "negotiate", MYS, WEST, EXTRADITION, quarter=QUARTER + 5)
    now(world, "sign", MYS, WEST, INTELLIGENCE, quarter=QUARTER + 5)
    assert asked["talks"][EXTRADITION] == asked["signed"][INTELLIGENCE] == QUARTER


def test_what_is_signed_enters_as_its_kind_does(world):
    for field in ("talks", "signed", "in_force"):
        world["channels"][field] = NEVER
    for kind in (THREE_EVILS, EXTRADITION):
        now(world, "sign", MYS, WEST, kind)
    run(instruments, world, only(instruments={"median": 400.0, "spread": 0.01}))
    asked = channel(world, "MYS")
    assert asked["in_force"][THREE_EVILS] == QUARTER
    assert asked["in_force"][EXTRADITION] == NEVER, "a treaty waits"


def test_suspension_from_outside_takes_away_what_is_in_force_as_long_as_it_holds(world):
    world["channels"]["in_force"][:] = QUARTER - 10
    order(world, "break_off", MYS, WEST, start=QUARTER, end=QUARTER + 2)
    for quarter, standing in ((QUARTER, 0.0), (QUARTER + 1, 0.0), (QUARTER + 2, 1.0)):
        act(world, quarter)
        run(instruments, world, only(instruments={"median": 11.0, "spread": 0.6}))
        assert (channel(world, "MYS")["standing"] == standing).all()
        assert (channel(world, "KAZ")["standing"] == 1.0).all()


def test_an_ordered_request_is_answered_by_choice_where_somebody_is_there(world):
    now(world, "request", MYS, WEST)
    params = only(requests={"half_wanted": 1.0, "most_concerned": 1e6, "base_extradite": -1e6, "base_return": -1e6,
                            "base_share": -1e6, "base_third": -1e6, "base_stall": -1e6})  # fmt: skip
    world["nodes"]["persons"][0, MALAYSIA, 0, HELD] = 10.0
    run(requests, world, params)
    assert channel(world, "MYS")["answer"] == REFUSE
    assert world["origins"]["cum_requests"][0, WEST] == 1.0


def test_no_request_is_answered_where_nobody_is(world):
    now(world, "request", MYS, WEST)
    run(requests, world, only(requests={"half_wanted": 1.0, "most_concerned": 1e6}))
    assert channel(world, "MYS")["answer"] == NOBODY


@pytest.mark.parametrize(("held", "offers"), [(10.0, 1.0), (0.0, 0.0)])
def test_an_ordered_swap_is_offered_on_record_too_if_anybody_is_held(world, held, offers):
    world["clock"]["is_replay"], world["clock"]["history_end"] = 1, HISTORY_END
    world["nodes"]["persons"][0, MALAYSIA, 0, HELD] = held
    now(world, "swap", MYS, WEST)
    run(swaps, world, only(swaps={"base_accept": 1e6, "persons_swapped": 4.0}))
    assert channel(world, "MYS")["cum_swaps"] == offers
    assert channel(world, "MYS")["returned"] == 4.0 * offers


def test_papers_from_outside_are_at_least_this_share(world):
    world["nodes"]["issuer"][0, MALAYSIA] = index("states", "TUR")
    world["nodes"]["persons"][0, MALAYSIA, 0] = (1000.0, 0.0, 0.0)
    order(world, "papers", index("states", "TUR"), WEST, strength=0.2)
    act(world)
    run(passage, world, only(passage={"half_present": 1000.0}))
    np.testing.assert_allclose(world["nodes"]["persons"][0, MALAYSIA, 0], (800.0, 200.0, 0.0))


def test_a_guard_holds_all_borders_of_its_state(world):
    order(world, "guard", KAZ, strength=0.6)
    legs = act(world)["legs"]
    own = (legs["owner"] == KAZ) & (legs["is_border"] == 1)
    assert own.any()
    assert (legs["control_declared"] == np.where(own, 0.6, 0.0)).all()


@pytest.fixture
def club(world):
    """China and Russia, which has a veto, in an institution that may agree on trade; it is no season of summits."""
    institution = world[0]["institutions"][SCO]
    institution["joins"][[CHN, RUS]], institution["leaves"][:] = 0, NEVER
    institution["is_veto"][RUS] = 1
    return world


def levels(world, **weights):
    return run(summits, world, only(summits={"step": 0.2, **weights}))["institutions"]["level"][SCO]


def test_an_ordered_proposal_is_voted_on_at_once(club):
    now(club, "proposal", SCO, CHN, TRADE)
    assert levels(club.copy(), base_support=1e6)[TRADE] == pytest.approx(0.2)
    assert levels(club.copy(), base_support=1e6).sum() == pytest.approx(0.2), "in its domain alone"
    assert levels(club.copy(), base_support=-1e6)[TRADE] == 0.0
    act(club, QUARTER + 1)
    assert levels(club, base_support=1e6).sum() == 0.0, "the order was for one quarter"


def test_what_a_member_is_ordered_to_propose_it_does_not_propose_again_at_the_summit(club):
    # Without the order its zeal alone would raise the level; with it one step is made, not two.
    institution = club[0]["institutions"][SCO]
    institution["zeal"][CHN, TRADE], institution["opens"][:] = 1.0, 0
    assert levels(club.copy(), base_support=1e6)[TRADE] == 0.0, "no summit is due in this quarter"
    now(club, "proposal", SCO, CHN, TRADE, quarter=SUMMIT)
    assert levels(club, base_support=1e6)[TRADE] == pytest.approx(0.2)


def test_who_is_no_member_proposes_nothing(club):
    now(club, "proposal", SCO, KAZ, TRADE)
    assert levels(club, base_support=1e6).sum() == 0.0


@pytest.mark.parametrize(("strength", "level"), [(1.0, 0.0), (0.0, 0.2)])
def test_an_ordered_refusal_blocks_this_surely(club, strength, level):
    order(club, "refusal", SCO, RUS, TRADE, strength=strength)
    now(club, "proposal", SCO, CHN, TRADE)
    assert levels(club, base_support=1e6)[TRADE] == pytest.approx(level)


def test_repatriation_takes_a_share_of_those_held_home(world):
    populate(world)
    forces, jailed = index("holders", "Syrian Democratic Forces"), index("groups", "Islamic State")
    camp = world["custodies"][0, default_world().names.custodies.index("Syrian Democratic Forces>Islamic State")]
    camp["hard"], camp["other"], camp["relatives"] = 100.0, 300.0, 800.0
    gone = world["pools"]["gone"].sum()
    now(world, "repatriation", forces, jailed, strength=0.25)
    assert (camp["hard"], camp["other"], camp["relatives"]) == (75.0, 225.0, 600.0)
    assert world["pools"]["gone"].sum() - gone == pytest.approx(100.0)
    run(detention, world, only())
    assert camp["relatives"] == 600.0, "nobody else is taken home"
