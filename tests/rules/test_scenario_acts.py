"""Scenario acts put in force what is set from outside, for as long as it holds."""

import pytest

from sim.numerics.ledger import make_ledger
from sim.rules import scenario_acts
from sim.world.cooperation import EXTRADITION, RETURN
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES, KINDS
from sim.world.records import DOMAINS, GIFT, TENDER, TIED_LOAN
from sim.world.surveillance import LEGAL, TECHNICAL
from tests.rules.cooperation.made_channels import channel
from tests.rules.made_world import QUARTER, default_world, dice, dyad, index, only, order, run, slot

KAZ, CHN, HUAWEI = index("states", "KAZ"), index("homes", "CHN"), index("firms", "Huawei")
NETWORKS = index("sectors", "networks")
WEST, SYRIA = index("origins", "Western China"), index("nodes", "Syria")
CENTRAL_ASIA = index("corridors", "Central Asia")
HUB_NAME = "Hayat Tahrir al-Sham"
HUB, IDLIB = index("groups", HUB_NAME), index("theatres", "Idlib")
RUS, USA = index("states", "RUS"), index("states", "USA")
SCO, TRADE = index("institutions", "SCO"), DOMAINS.index("trade")


def leg(start, end):
    """Return the number of the leg between two nodes."""
    return default_world().pair("legs", f"{start}>{end}")


def act(world, quarter=QUARTER):
    world["clock"]["quarter"] = quarter
    return run(scenario_acts, world, only())


def test_what_no_inject_names_passes_through(world):
    for path in scenario_acts.WRITES:
        table, _, name = path.partition(".")
        world[table][name] = 1
    before = world.copy()
    act(world)
    assert world.tobytes() == before.tobytes()
    order(world, "isolation", CHN, strength=0.4)
    before = world.copy()
    act(world)
    before["homes"]["isolation"][0, CHN] = 0.4
    assert world.tobytes() == before.tobytes()


@pytest.mark.parametrize(("quarter", "holds"), [(99, False), (100, True), (103, True), (104, False)])
def test_a_level_holds_from_its_first_quarter_until_its_end(world, quarter, holds):
    order(world, "tension", start=100, end=104, strength=0.6)
    assert act(world, quarter)["politics"]["tension_declared"] == (0.6 if holds else 0.0)


@pytest.mark.parametrize(
    ("kind", "table", "field", "actor"),
    [
        ("pandemic", "politics", "pandemic_declared", None),
        ("tension", "politics", "tension_declared", None),
        ("capacity_drive", "states", "drive", KAZ),
        ("expelled_industry", "states", "expelled_industry", KAZ),
        ("isolation", "homes", "isolation", CHN),
        ("sanction", "firms", "sanction_declared", HUAWEI),
        ("outage", "firms", "failing_declared", HUAWEI),
        ("war", "theatres", "war", IDLIB),
        ("protest", "states", "protest_declared", RUS),
        ("content", "politics", "content_declared", None),
    ],
)
def test_the_strongest_of_several_counts_and_nobody_else_is_touched(world, kind, table, field, actor):
    for strength in (0.3, 0.6, 0.5):
        order(world, kind, NOBODY if actor is None else actor, strength=strength)
    level = act(world)[table][field]
    assert (level if actor is None else level[actor]) == 0.6
    assert level.sum() == 0.6


LEVELS = [
    ("pandemic", "politics", "pandemic_declared", NOBODY, NOBODY, ()),
    ("tension", "politics", "tension_declared", NOBODY, NOBODY, ()),
    ("leader_demand", "states", "leader_demand", KAZ, NOBODY, KAZ),
    ("capacity_drive", "states", "drive", KAZ, NOBODY, KAZ),
    ("expelled_industry", "states", "expelled_industry", KAZ, NOBODY, KAZ),
    ("subsidy", "homes", "subsidy", CHN, NOBODY, CHN),
    ("price", "homes", "price_shift", CHN, NOBODY, CHN),
    ("isolation", "homes", "isolation", CHN, NOBODY, CHN),
    ("quarrel", "dyads", "quarrel", KAZ, CHN, dyad("KAZ", "CHN")),
    ("sanction", "firms", "sanction_declared", HUAWEI, NOBODY, HUAWEI),
    ("outage", "firms", "failing_declared", HUAWEI, NOBODY, HUAWEI),
    ("ban", "firms", "ban_declared", HUAWEI, KAZ, (HUAWEI, KAZ)),
    ("training", "dyads", "training_order", HUAWEI, KAZ, dyad("KAZ", "CHN")),
    ("salience", "origins", "salience_declared", WEST, NOBODY, WEST),
    ("repression", "origins", "repression_shift", WEST, NOBODY, WEST),
    ("hunt", "origins", "hunt", WEST, NOBODY, WEST),
    ("deploy_law", "origins", "deploy_law", WEST, NOBODY, WEST),
    ("pull", "nodes", "pull_declared", SYRIA, NOBODY, SYRIA),
    ("border", "legs", "control_declared", WEST, NOBODY, leg("Western China", "Kyrgyzstan")),
    ("war", "theatres", "war", IDLIB, NOBODY, IDLIB),
    ("support", "theatres", "support_declared", RUS, HUB, (IDLIB, HUB)),
    ("guarantee", "theatres", "guarantee", RUS, IDLIB, IDLIB),
    ("pressure", "theatres", "pressure_declared", RUS, IDLIB, IDLIB),
    ("veto", "designations", "veto", USA, HUB, default_world().pair("designations", f"{HUB_NAME}>USA")),
    ("protest", "states", "protest_declared", RUS, NOBODY, RUS),
    ("content", "politics", "content_declared", NOBODY, NOBODY, ()),
    ("opinion", "states", "opposition_declared", KAZ, NOBODY, (KAZ, TECHNICAL)),
    ("suspend", "states", "suspension_declared", KAZ, NOBODY, (KAZ, LEGAL)),
    ("opacity", "states", "opacity", KAZ, NOBODY, KAZ),
    ("civil_society", "states", "civil_society", KAZ, NOBODY, KAZ),
    ("break_off", "channels", "suspension_declared", KAZ, WEST, default_world().pair("channels", "KAZ>Western China")),
    ("papers", "channels", "papers_declared", KAZ, WEST, default_world().pair("channels", "KAZ>Western China")),
    ("guard", "legs", "control_declared", index("states", "CHN"), NOBODY, leg("Western China", "Kyrgyzstan")),
    ("audit", "dyads", "audit_declared", KAZ, CHN, dyad("KAZ", "CHN")),
    ("localise", "states", "localised", KAZ, NOBODY, KAZ),
    ("refusal", "institutions", "refusal_declared", SCO, RUS, (SCO, RUS, TRADE)),
]
"""Every kind that holds a level, the field that it sets, whom it names, and the place in the field."""

SECTORS = {"border": CENTRAL_ASIA, "support": IDLIB, "refusal": TRADE, "opinion": TECHNICAL, "suspend": LEGAL}
"""What a kind that holds a level names besides an actor and a target."""


def test_every_kind_that_holds_a_level_is_tested_for_its_end():
    assert {kind for kind, *_ in LEVELS} == {kind.name for kind in KINDS[1:] if not kind.once}


@pytest.mark.parametrize(("kind", "table", "field", "actor", "target", "place"), LEVELS, ids=[row[0] for row in LEVELS])
def test_a_level_goes_back_to_its_base_once_when_its_inject_ends(world, kind, table, field, actor, target, place):
    base = {"leader_demand": 0.3, "subsidy": 0.4, "opacity": 0.7, "civil_society": 0.2}.get(kind, 0.0)
    world["states"]["leader_base"], world["homes"]["subsidy_base"] = 0.3, 0.4
    world["states"]["opacity_base"], world["states"]["civil_base"] = 0.7, 0.2
    order(world, kind, actor, target, SECTORS.get(kind, NOBODY), start=QUARTER, end=QUARTER + 4, strength=0.6)
    held = 1.0 if kind == "subsidy" else 0.6
    assert act(world)[table][field][place] == pytest.approx(held)
    assert act(world, QUARTER + 3)[table][field][place] == pytest.approx(held)
    assert act(world, QUARTER + 4)[table][field][place] == base
    world[table][field] = 0.25
    assert act(world, QUARTER + 5)[table][field][place] == 0.25, "what has ended is over"


@pytest.mark.parametrize(("kind", "table", "field", "actor", "target", "place"), LEVELS, ids=[row[0] for row in LEVELS])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_end_of_one_inject_leaves_another_in_force(world, kind, table, field, actor, target, place, is_first):
    ends = (QUARTER + 4, QUARTER + 8) if is_first else (QUARTER + 8, QUARTER + 4)
    strengths = (0.6, 0.3) if is_first else (0.3, 0.6)
    for end, strength in zip(ends, strengths, strict=True):
        order(world, kind, actor, target, SECTORS.get(kind, NOBODY), start=QUARTER, end=end, strength=strength)
    for quarter in range(QUARTER, QUARTER + 4):
        act(world, quarter)
    assert act(world, QUARTER + 4)[table][field][place] == pytest.approx(0.3)
    assert act(world, QUARTER + 8)[table][field][place] == 0.0


def test_subsidies_and_prices_add_up_within_their_ranges(world):
    world["homes"]["subsidy_base"][0, CHN] = 0.4
    order(world, "subsidy", CHN, strength=0.3)
    order(world, "price", CHN, strength=-0.6)
    order(world, "price", CHN, strength=0.2)
    done = act(world)["homes"][CHN]
    assert done["subsidy"] == pytest.approx(0.7)
    assert done["price_shift"] == pytest.approx(-0.4)
    order(world, "subsidy", CHN, strength=0.8)
    order(world, "price", CHN, strength=-0.9)
    done = act(world)["homes"][CHN]
    assert done["subsidy"] == 1.0
    assert done["price_shift"] == -0.9


@pytest.mark.parametrize("kind", ["leader_demand", "opacity", "civil_society"])
def test_what_the_last_in_the_list_sets(world, kind):
    order(world, kind, KAZ, strength=0.9)
    order(world, kind, KAZ, strength=0.2)
    assert act(world)["states"][kind][KAZ] == act(world)["states"][kind].sum() == 0.2


def test_opinion_and_suspensions_are_of_one_model_and_the_strongest_counts(world):
    order(world, "opinion", KAZ, sector=TECHNICAL, strength=0.7)
    order(world, "opinion", KAZ, sector=TECHNICAL, strength=0.4)
    order(world, "opinion", KAZ, sector=LEGAL, strength=0.2)
    order(world, "suspend", RUS, sector=LEGAL)
    states = act(world)["states"]
    assert states["opposition_declared"][KAZ].tolist() == [0.7, 0.2]
    assert states["suspension_declared"][RUS].tolist() == [0.0, 1.0]
    assert states["opposition_declared"].sum() == pytest.approx(0.9)
    assert states["suspension_declared"].sum() == 1.0


def test_a_scandal_is_ordered_between_one_state_and_one_home_in_its_quarter_only(world):
    for strength in (0.3, 0.8, 0.5):
        order(world, "scandal", KAZ, CHN, start=QUARTER, end=QUARTER + 1, strength=strength)
    order(world, "scandal", KAZ, index("homes", "KAZ"), start=QUARTER, end=QUARTER + 1)
    dyads = act(world)["dyads"]
    assert dyads["scandal_order"][dyad("KAZ", "CHN")] == dyads["scandal_order"].sum() == 0.8, "nobody reads its own"
    assert act(world, QUARTER + 1)["dyads"]["scandal_order"].sum() == 0.0


def test_lines_of_surveillance_name_the_state_and_the_home_that_reads(world):
    order(world, "scandal", KAZ, CHN, start=QUARTER, end=QUARTER + 1, strength=0.6)
    order(world, "opinion", KAZ, sector=TECHNICAL, start=QUARTER, strength=0.5)
    ledger = make_ledger(4)
    scenario_acts.apply(world[0], only(), dice(), ledger)
    assert ledger.cursor[0] == 2
    first, second = ledger.entries[:2]
    assert (first["about"], first["strength"], first["who"][:3].tolist()) == (CODES["scandal"], 0.6, [KAZ, CHN, NOBODY])
    assert (second["about"], second["who"][:3].tolist()) == (CODES["opinion"], [KAZ, NOBODY, NOBODY])


def test_levels_towards_a_state_reach_that_state_alone(world):
    order(world, "ban", HUAWEI, KAZ, strength=0.8)
    order(world, "training", HUAWEI, KAZ, strength=0.4)
    order(world, "quarrel", KAZ, CHN, strength=0.7)
    done = act(world)
    assert done["firms"]["ban_declared"][HUAWEI, KAZ] == done["firms"]["ban_declared"].sum() == 0.8
    assert done["dyads"]["training_order"][dyad("KAZ", "CHN")] == done["dyads"]["training_order"].sum() == 0.4
    assert done["dyads"]["quarrel"][dyad("KAZ", "CHN")] == done["dyads"]["quarrel"].sum() == 0.7


def test_nobody_quarrels_with_its_own_home_or_is_trained_by_it(world):
    order(world, "quarrel", KAZ, index("homes", "KAZ"), strength=0.7)
    order(world, "training", HUAWEI, index("states", "CHN"), strength=0.4)
    done = act(world)
    assert done["dyads"]["quarrel"].sum() == done["dyads"]["training_order"].sum() == 0.0


def test_training_by_several_firms_of_a_home_is_as_strong_as_the_strongest(world):
    for firm, strength in (("Huawei", 0.3), ("ZTE", 0.6), ("Hikvision", 0.5)):
        order(world, "training", index("firms", firm), KAZ, strength=strength)
    assert act(world)["dyads"]["training_order"][dyad("KAZ", "CHN")] == 0.6


@pytest.mark.parametrize(("kind", "mode"), [("gift", GIFT), ("tied_loan", TIED_LOAN), ("award", TENDER)])
def test_an_award_is_ordered_once_in_the_slot_of_its_firm(world, kind, mode):
    order(world, kind, HUAWEI, KAZ, NETWORKS, start=QUARTER, end=QUARTER + 1, strength=0.2)
    cell = act(world)["cells"][KAZ, NETWORKS]
    assert (cell["order_slot"], cell["order_mode"], cell["order_size"]) == (slot("networks", "Huawei"), mode, 0.2)
    assert (act(world, QUARTER + 1)["cells"]["order_slot"] == NOBODY).all()


def test_a_firm_that_does_not_sell_in_the_sector_gets_no_order(world):
    order(world, "award", index("firms", "Apple"), KAZ, NETWORKS, start=QUARTER, end=QUARTER + 1)
    assert (act(world)["cells"]["order_slot"] == NOBODY).all()


def test_changes_of_policy_add_up_within_their_range(world):
    order(world, "repression", WEST, strength=0.7)
    order(world, "repression", WEST, strength=-0.3)
    assert act(world)["origins"]["repression_shift"][WEST] == pytest.approx(0.4)
    order(world, "repression", WEST, strength=0.9)
    assert act(world)["origins"]["repression_shift"][WEST] == 1.0


def test_a_treaty_is_signed_and_in_force_from_its_quarter_and_nothing_else_is(world):
    order(world, "treaty", index("states", "TUR"), WEST, EXTRADITION, start=QUARTER, end=QUARTER + 1)
    channels = act(world)["channels"]
    turkey = channel(world, "TUR")
    assert turkey["signed"][EXTRADITION] == turkey["in_force"][EXTRADITION] == QUARTER
    assert (channels["signed"] != NEVER).sum() == (channels["in_force"] != NEVER).sum() == 1
    act(world, QUARTER + 1)
    assert turkey["in_force"][EXTRADITION] == QUARTER, "its end undoes nothing"


def test_a_treaty_signed_before_keeps_its_date(world):
    channel(world, "TUR")["signed"][EXTRADITION] = QUARTER - 10
    order(world, "treaty", index("states", "TUR"), WEST, EXTRADITION, start=QUARTER, end=QUARTER + 1)
    act(world)
    turkey = channel(world, "TUR")
    assert (turkey["signed"][EXTRADITION], turkey["in_force"][EXTRADITION]) == (QUARTER - 10, QUARTER)


def test_an_answer_is_ordered_from_one_state_in_its_quarter_only(world):
    order(world, "answer", index("states", "MYS"), WEST, RETURN, start=QUARTER, end=QUARTER + 1, strength=0.3)
    channels = act(world)["channels"]
    malaysia = channel(world, "MYS")
    assert (malaysia["answer_order"], malaysia["answer_size"]) == (RETURN, 300.0), "thousands of persons"
    assert (channels["answer_order"] != NOBODY).sum() == 1
    assert channels["answer_size"].sum() == 300.0
    assert (act(world, QUARTER + 1)["channels"]["answer_order"] == NOBODY).all()
    assert malaysia["answer_size"] == 0.0


def test_an_accusation_is_ordered_of_one_state_in_its_quarter_only(world):
    order(world, "accusation", index("states", "TUR"), WEST, start=QUARTER, end=QUARTER + 1)
    channels = act(world)["channels"]
    assert channel(world, "TUR")["accusation_order"] == channels["accusation_order"].sum() == 1.0
    assert (channels["answer_order"] == NOBODY).all(), "an accusation is no answer"
    assert act(world, QUARTER + 1)["channels"]["accusation_order"].sum() == 0.0


@pytest.mark.parametrize("is_first", [True, False])
def test_an_answer_and_an_accusation_of_one_state_leave_each_other_alone(world, is_first):
    # One is of this quarter, the other of the next.
    malaysia, starts = channel(world, "MYS"), (QUARTER, QUARTER + 1) if is_first else (QUARTER + 1, QUARTER)
    order(world, "answer", index("states", "MYS"), WEST, RETURN, start=starts[0], end=starts[0] + 1, strength=0.3)
    order(world, "accusation", index("states", "MYS"), WEST, start=starts[1], end=starts[1] + 1)
    for quarter in (QUARTER, QUARTER + 1):
        act(world, quarter)
        is_answer = quarter == starts[0]
        assert (malaysia["answer_order"] == RETURN) == is_answer
        assert malaysia["accusation_order"] == (0.0 if is_answer else 1.0)


def test_borders_are_those_with_which_the_corridor_of_the_origin_begins(world):
    order(world, "border", WEST, sector=CENTRAL_ASIA, strength=0.3)
    order(world, "border", WEST, sector=CENTRAL_ASIA, strength=0.6)
    order(world, "border", WEST, sector=index("corridors", "South-East Asia"), strength=0.2)
    legs = act(world)["legs"]
    for name in ("Kazakhstan", "Kyrgyzstan", "Tajikistan"):
        assert legs["control_declared"][leg("Western China", name)] == 0.6
    south = legs["corridor"] == index("corridors", "South-East Asia")
    assert (legs["control_declared"][south] == 0.2).all()
    assert (legs["control_declared"] > 0.0).sum() == 3 + south.sum(), "the legs further on are left alone"


def test_crackdowns_and_agreements_are_ordered_in_their_quarter_only(world):
    order(world, "crackdown", HUAWEI, start=QUARTER, end=QUARTER + 1, strength=0.6)
    order(world, "agreement", 0, NOBODY, 2, start=QUARTER, end=QUARTER + 1, strength=0.5)
    done = act(world)
    assert done["firms"]["crackdown_order"][HUAWEI] == 0.6
    assert done["institutions"]["level_order"][0, 2] == 0.5
    done = act(world, QUARTER + 1)
    assert done["firms"]["crackdown_order"].sum() == 0.0
    assert (done["institutions"]["level_order"] == -1.0).all()


def test_joining_and_leaving_change_the_dates(world):
    order(world, "join", 0, KAZ, start=QUARTER, end=QUARTER + 1)
    order(world, "leave", 0, KAZ, start=QUARTER + 8, end=QUARTER + 9)
    institution = act(world)["institutions"][0]
    assert (institution["joins"][KAZ], institution["leaves"][KAZ]) == (QUARTER, NEVER)
    assert act(world, QUARTER + 8)["institutions"][0]["leaves"][KAZ] == QUARTER + 8
