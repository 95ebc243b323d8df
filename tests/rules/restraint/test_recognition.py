"""Recognition: quiet as reported, lifting and its bars, listing again, what patrons see, taking a state's place."""

import math

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.choice import logistic
from sim.numerics.ledger import HAZARD, make_ledger
from sim.rules.restraint import recognition
from sim.world.conflict import LIFTING, LISTING, STATEHOOD
from sim.world.fields import NEVER, NOBODY
from tests.rules.made_conflict import enter, strike
from tests.rules.made_world import HISTORY_END, QUARTER, default_world, dice, index, only, register, run

HUB, CLIENT = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"
P, KTJ, IDLIB = index("groups", HUB), index("groups", CLIENT), index("theatres", "Idlib")
USA, RUS, SYR, TUR = (index("states", iso) for iso in ("USA", "RUS", "SYR", "TUR"))
N_GROUPS = default_world().sizes.groups
ALWAYS = 1e9


def given(**values):
    return only(recognition={"half_quiet": 12.0, "horizon": 4.0, **values})


@pytest.fixture
def listed(world):
    """The hub's designation by the United States, for years; all others begin in the far future."""
    world["designations"]["lists"] = NEVER
    rows = world["designations"][0]
    row = rows[int(np.flatnonzero((rows["group"] == P) & (rows["power"] == USA))[0])]
    row["lists"], row["listed"], row["interest"], row["weight"], row["quiet"] = 10, 1.0, 0.5, 0.6, 11.0
    enter(world, HUB, hard=100.0, other=900.0)
    enter(world, CLIENT, hard=30.0, other=70.0)["protector"] = P
    return row


def accuse(world, group):
    world["accusers"]["accuses"][0, 0, group] = 1.0


def test_the_rate_of_lifting_by_hand():
    # z = 3 · 0.5 + 1 · 0.2 − 2 · 0.3 − 1 = 0.1; 12 quarters count one half, the veto takes three quarters.
    params = given(rate_lift=0.2, weight_interest=3.0, weight_acknowledged=1.0, weight_ally=2.0, resistance=1.0)
    rate = recognition.lifting_rate(0.5, 0.2, 0.3, 12.0, 0.75, params)
    assert rate == pytest.approx(0.2 * 0.5 / (1.0 + math.exp(-0.1)) * 0.25)


@pytest.mark.parametrize(
    ("name", "sign"), [("interest", 1), ("acknowledged", 1), ("opposed", -1), ("quiet", 1), ("veto", -1)]
)
def test_what_speaks_for_and_against_lifting(name, sign):
    names = ("interest", "acknowledged", "opposed", "quiet", "veto")
    params = given(rate_lift=0.2, weight_interest=3.0, weight_acknowledged=1.0, weight_ally=2.0)
    found = dict.fromkeys(names, 0.3)
    more = recognition.lifting_rate(*(found | {name: 0.6}).values(), params)
    assert (more - recognition.lifting_rate(*found.values(), params)) * sign > 0.0


def test_chance_is_that_of_the_time_looked_ahead_and_hope_weighs_it(world, listed):
    # 0.1 · 12/24 · 1/2 = 0.025 a quarter; 1 − exp(−0.1)
    run(recognition, world, given(rate_lift=0.1))
    assert listed["quiet"] == 12.0
    assert listed["chance"] == pytest.approx(1.0 - math.exp(-0.1))
    assert world["patrons"]["hope"][0, P] == pytest.approx(0.6 * listed["chance"])


def test_a_veto_leaves_no_chance_and_no_hope(world, listed):
    listed["veto"] = 1.0
    run(recognition, world, given(rate_lift=ALWAYS))
    assert (listed["chance"], listed["listed"]) == (0.0, 1.0)
    assert world["patrons"]["hope"][0, P] == 0.0


def test_lifting_takes_the_group_off_the_list_and_what_is_won_can_be_lost(world, listed):
    run(recognition, world, given(rate_lift=ALWAYS))
    assert (listed["listed"], listed["cum_lifted"]) == (0.0, 1.0)
    run(recognition, world, given(rate_lift=ALWAYS))
    assert (listed["chance"], listed["cum_lifted"]) == (1.0, 1.0)
    assert world["patrons"]["hope"][0, P] == pytest.approx(0.6)


@pytest.mark.parametrize(("quarter", "lifted"), [(QUARTER, 0.0), (HISTORY_END, 0.0), (HISTORY_END + 1, 1.0)])
def test_in_replay_nothing_is_lifted_as_long_as_there_is_a_record(world, listed, quarter, lifted):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    run(recognition, world, given(rate_lift=ALWAYS))
    assert listed["cum_lifted"] == lifted
    assert listed["chance"] > 0.0, "what may be hoped for is reported all the same"


def test_a_designation_begins_on_its_date(world, listed):
    listed["lists"], listed["listed"] = QUARTER + 1, 0.0
    run(recognition, world, given(rate_lift=0.1, rate_list=ALWAYS))
    assert (listed["listed"], listed["chance"]) == (0.0, 0.0)
    world["clock"]["quarter"] = QUARTER + 1
    run(recognition, world, given(rate_lift=0.1))
    assert listed["listed"] == 1.0
    assert listed["chance"] > 0.0


@pytest.mark.parametrize("accused", [P, KTJ])
def test_an_accusation_ends_quiet_of_the_innocent_too_and_of_the_patron_of_the_accused(world, listed, accused):
    accuse(world, accused)
    run(recognition, world, given(rate_lift=ALWAYS))
    assert (listed["quiet"], listed["chance"], listed["listed"]) == (0.0, 0.0, 1.0)


def test_what_nobody_lays_to_it_leaves_quiet_as_it_is(world, listed):
    strike(world, "RUS", 2)["author"] = P
    accuse(world, index("groups", "Hurras al-Din"))
    run(recognition, world, given())
    assert listed["quiet"] == 12.0


def laid(world):
    found = np.zeros(N_GROUPS)
    recognition.laid_to(world[0], found)
    return found


@pytest.mark.parametrize(("quarter", "weight"), [(QUARTER - 1, 1.0), (QUARTER - 2, 1.0), (QUARTER - 3, 0.1)])
def test_what_is_laid_to_a_group_weighs_by_its_class_and_bare_accusations_as_minor(world, listed, quarter, weight):
    assert laid(world)[P] == 0.0
    strike(world, "RUS", 2, accused=HUB, quarter=quarter)
    assert laid(world)[P] == 0.0, "the accusation is older"
    accuse(world, P)
    assert laid(world)[P] == weight


def test_listing_again_needs_an_accusation_and_belief(world, listed):
    # 1 − exp(−1 · 0.1 · 0.8) = 0.077 at a bare accusation
    listed["listed"] = 0.0
    rows = world["audiences"][0]
    rows["belief"][np.flatnonzero(rows["state"] == USA)[0], P] = 0.8
    run(recognition, world, given(rate_list=ALWAYS))
    assert listed["listed"] == 0.0
    accuse(world, P)
    count = 0.0
    for replication in range(400):
        other = world.copy()
        run(recognition, other, given(rate_list=1.0), replication)
        count += other["designations"]["listed"].sum()
    assert count / 400 == pytest.approx(0.077, abs=0.035)
    rows["belief"] = 0.0
    run(recognition, world, given(rate_list=ALWAYS))
    assert listed["listed"] == 0.0


def test_a_power_without_an_audience_goes_by_what_all_believe(world, listed):
    world["groups"]["rep_blame"][0, P] = 0.4
    world["audiences"]["belief"] = 0.9
    assert recognition.belief_of(world[0], SYR, P) == 0.4
    assert recognition.belief_of(world[0], USA, P) == 0.9


def test_a_power_is_opposed_as_the_state_of_the_theatre_or_by_supporting_it(world, listed):
    assert recognition.opposition_of(world[0], P, SYR) == 1.0
    assert recognition.opposition_of(world[0], P, RUS) == 0.0
    theatre = world["theatres"][0, IDLIB]
    theatre["backer"][N_GROUPS + SYR], theatre["support_declared"][N_GROUPS + SYR] = RUS, 0.6
    theatre["kept"][N_GROUPS + SYR] = 0.5
    assert recognition.opposition_of(world[0], P, RUS) == pytest.approx(0.3)
    assert recognition.opposition_of(world[0], P, USA) == 0.0


def test_acknowledgement_grows_with_quiet_and_interest_and_fades(world, listed):
    patron = world["patrons"][0, P]
    patron["acknowledged"] = 0.4
    run(recognition, world, given(weight_speech=0.2, rate_forget=0.1))
    assert patron["acknowledged"] == pytest.approx(0.4 + 0.2 * 0.5 * 0.5 * 0.6 - 0.1 * 0.4)
    accuse(world, KTJ)
    patron["acknowledged"] = 0.4
    run(recognition, world, given(weight_speech=0.2, rate_forget=0.1))
    assert patron["acknowledged"] == pytest.approx(0.36)


def test_cover_is_the_larger_of_guarantee_and_support(world, listed):
    theatre = world["theatres"][0, IDLIB]
    theatre["guarantee"], theatre["support_declared"][P], theatre["kept"][P] = 0.3, 0.8, 0.5
    run(recognition, world, given())
    assert world["patrons"]["cover"][0, P] == pytest.approx(0.4)
    theatre["kept"][P] = 0.0
    run(recognition, world, given())
    assert world["patrons"]["cover"][0, P] == pytest.approx(0.3)
    assert world["patrons"]["cover"][0, index("groups", "Lashkar-e-Tayyaba")] == 0.0


def test_blame_is_the_most_of_any_client_and_a_part_of_its_own(world, listed):
    rows = world["groups"][0]
    rows["protector"][index("groups", "Small contingents")] = P
    rows["rep_blame"][[KTJ, index("groups", "Small contingents"), P]] = 0.3, 0.2, 0.4
    run(recognition, world, given(weight_own=0.5))
    assert world["patrons"]["blame"][0, P] == pytest.approx(0.5)
    assert world["patrons"]["blame"][0, KTJ] == pytest.approx(0.15)
    rows["protector"][KTJ], rows["sponsor"][KTJ] = NOBODY, TUR
    run(recognition, world, given(weight_own=0.5))
    sponsor = int(np.flatnonzero(world["patrons"]["state"][0] == TUR)[0])
    assert world["patrons"]["blame"][0, sponsor] == pytest.approx(0.3)
    assert world["patrons"]["blame"][0, P] == pytest.approx(0.4)


@pytest.fixture
def strong(world, listed):
    """The hub holds eight tenths of Idlib, and the state a tenth."""
    theatre = world["theatres"][0, IDLIB]
    theatre["control"][P], theatre["control"][N_GROUPS + SYR] = 0.8, 0.1
    return world["groups"][0, P]


def taken(world, params, replications):
    count = 0
    for replication in range(replications):
        other = world.copy()
        run(recognition, other, params, replication)
        count += other["groups"]["is_state"][0, P]
    return count / replications


def test_a_group_takes_the_state_at_the_rate_worked_by_hand(world, strong):
    # 1 · 0.8 · 0.9 · (1 − 0.5 · 0.6) = 0.504; 1 − exp(−0.504) = 0.396
    world["theatres"]["support_declared"][0, IDLIB, N_GROUPS + SYR] = 0.6
    assert taken(world, given(rate_state=1.0, weight_outside=0.5), 300) == pytest.approx(0.396, abs=0.08)


@pytest.mark.parametrize("bar", ["land", "state", "support", "rate"])
def test_what_keeps_a_group_from_it(world, strong, bar):
    theatre = world["theatres"][0, IDLIB]
    theatre["control"][P] = 0.0 if bar == "land" else 0.8
    theatre["control"][N_GROUPS + SYR] = 1.0 if bar == "state" else 0.1
    theatre["support_declared"][N_GROUPS + SYR] = 1.0 if bar == "support" else 0.0
    assert taken(world, given(rate_state=0.0 if bar == "rate" else ALWAYS, weight_outside=1.0), 3) == 0.0


def test_on_order_it_does_so_in_replay_and_once(world, strong):
    world["clock"]["is_replay"] = 1
    strong["state_order"] = 1.0
    assert taken(world, given(), 1) == 1.0


def test_designations_of_a_group_that_is_a_state_are_reviewed_faster(world, listed):
    run(recognition, world, given(rate_lift=0.01))
    before = float(listed["chance"])
    world["groups"]["is_state"][0, P], listed["quiet"] = 1, 11.0
    run(recognition, world, given(rate_lift=0.01))
    assert 1.0 - listed["chance"] == pytest.approx((1.0 - before) ** 2)


@pytest.mark.parametrize(("burden", "is_expelled"), [(1.0, True), (0.0, False)])
def test_clients_are_expelled_or_absorbed(world, strong, burden, is_expelled):
    client = world["groups"][0, KTJ]
    strong["state_order"], client["pledge"], client["pool"][0] = 1.0, P, 1.0
    world["patrons"]["hope"][0, P] = 1.0
    run(recognition, world, given(weight_burden=burden))
    assert (client["protector"], client["pledge"]) == (NOBODY, NOBODY)
    assert client["hard"] + client["other"] == pytest.approx(0.0)
    assert strong["hard"] + strong["other"] == pytest.approx(1000.0 if is_expelled else 1100.0)
    away = world["pools"]["gone"].sum() + world["pools"]["returned"].sum()
    assert away == pytest.approx(100.0 if is_expelled else 0.0)


def test_a_group_that_is_absorbed_changes_what_the_other_leans_to_only_by_mixing(world, strong):
    client = world["groups"][0, KTJ]
    strong["leaning_hard"], strong["leaning_other"] = 0.6, 0.1
    client["leaning_hard"], client["leaning_other"] = 0.9, 0.3
    strong["state_order"] = 1.0
    run(recognition, world, given())
    assert strong["leaning_hard"] == pytest.approx((100 * 0.6 + 30 * 0.9) / 130)
    assert strong["orientation"] == pytest.approx((100 * 0.6 + 30 * 0.9 + 900 * 0.1 + 70 * 0.3) / 1100)


def test_what_happened_stands_in_the_ledger(world, strong, listed):
    again = world["designations"][
        0, int(np.flatnonzero(world["designations"]["group"][0] == index("groups", "Taliban"))[0])
    ]
    again["lists"] = 10
    accuse(world, again["group"])
    world["groups"]["rep_blame"], world["audiences"]["belief"] = 1.0, 1.0
    ledger = make_ledger(60)
    params = given(rate_lift=ALWAYS, rate_list=ALWAYS, rate_state=ALWAYS)
    recognition.apply(world[0], params, dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    assert set(lines["kind"]) == {HAZARD}
    assert sorted(lines["by"].tolist()) == sorted([STATEHOOD, STATEHOOD, LIFTING, LISTING])
    settled = lines[lines["who"][:, 6] == KTJ]
    assert settled["about"].tolist() == [P]


def people(world):
    groups, pools = world["groups"], world["pools"]
    return groups["hard"].sum() + groups["other"].sum() + pools["gone"].sum() + pools["returned"].sum()


@pytest.mark.parametrize("replication", range(5))
def test_people_are_conserved(world, replication):
    generator = np.random.default_rng(replication)
    groups = world["groups"]
    groups["hard"], groups["other"] = generator.uniform(0, 1000, (2, *groups["hard"].shape))
    groups["pool"] = generator.dirichlet(np.ones(groups["pool"].shape[-1]), groups["pool"].shape[:-1])
    groups["protector"], groups["protector"][0, P] = P, NOBODY
    world["patrons"]["hope"], world["theatres"]["control"][0, :, P] = 0.9, 0.9
    world["theatres"]["war"] = 0.8
    params = register().record()[0]
    params["recognition"]["rate_state"], params["recognition"]["weight_burden"] = ALWAYS, 0.5
    before = people(world)
    recognition.apply(world[0], params, dice(replication), NO_LEDGER)
    assert groups["is_state"][0, P] == 1
    assert people(world) == pytest.approx(before, rel=1e-12)


def test_the_whole_of_hope_is_one_at_most(world, listed):
    world["designations"]["lists"], world["designations"]["listed"] = 0, 0.0
    world["designations"]["weight"] = 1.0
    run(recognition, world, given(resistance=logistic(0.0)))
    assert (world["patrons"]["hope"] <= 1.0).all()
    assert world["patrons"]["hope"][0, P] == 1.0
