"""Succession: replacement and purge, where those who leave go, loss of leaders, disillusion; only people move."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.numerics.ledger import CHOICE, HAZARD, make_ledger
from sim.rules.groups import dependence_of, set_orientation
from sim.rules.restraint import succession
from sim.world.conflict import LOSS, REPLACEMENT, RIVAL
from sim.world.fields import NOBODY
from tests.rules.made_conflict import enter, strike
from tests.rules.made_world import HISTORY_END, QUARTER, dice, index, only, register, run

HUB, CLIENT, RIVALS = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad", ("Hurras al-Din", "Ansar al-Din")
P, KTJ = index("groups", HUB), index("groups", CLIENT)
HURRAS, ANSAR = (index("groups", name) for name in RIVALS)
IDLIB, IS = index("theatres", "Idlib"), index("groups", "Islamic State")
ALWAYS = 1e9


def given(**values):
    return only(succession=values, conduct={"share_afar": 0.3})


def custody(world, holder):
    rows = world["custodies"][0]
    n = world["groups"].shape[-1]
    return rows[int(np.flatnonzero((rows["custodian"] == holder) & (rows["of"] == NOBODY) & (holder < n))[0])]


@pytest.fixture
def client(world):
    """A client of the hub with the lines and the size of the documented case, and two rivals in Idlib."""
    enter(world, HUB, hard=1000.0, other=9000.0)["line"] = 0.15
    for name in RIVALS:
        rival = enter(world, name, hard=500.0, other=200.0)
        rival["line"], rival["leaning_hard"] = 0.7, 0.9
    found = enter(world, CLIENT, hard=171.5, other=318.5)
    found["protector"], found["line"], found["dependence"] = P, 0.6, 0.7
    found["leaning_hard"], found["leaning_other"] = 0.8, 0.3
    world["patrons"]["effort"][0, P] = 0.5
    set_orientation(found)
    elsewhere = np.flatnonzero(world["groups"]["theatre"][0] != IDLIB)
    world["groups"]["enters"][0, elsewhere] = 1000
    return found


def test_the_rate_of_replacement_by_hand(world, client):
    # 0.2 · 0.5 · 0.7 · (0.4 + 0.5 · 0.2)
    params = given(rate_replace=0.2, slack=0.05, weight_taint=0.5)
    assert succession.gap_of(world[0], KTJ, P, params) == pytest.approx(0.4)
    assert succession.replacement_rate(0.5, 0.7, 0.4, 0.2, params) == pytest.approx(0.035)


@pytest.mark.parametrize("place", ["effort", "dependence", "line", "rate"])
def test_no_replacement_without_effort_dependence_distance_or_rate(world, client, place):
    if place == "effort":
        world["patrons"]["effort"] = 0.0
    elif place == "dependence":
        client["dependence"] = 0.0
    elif place == "line":
        client["line"] = 0.15
    run(succession, world, given(rate_replace=0.0 if place == "rate" else ALWAYS, share_leave=1.0))
    assert client["purged"] == 0.0
    assert client["tenure"] == 1.0


def test_blame_alone_costs_a_leader_but_pushes_nobody_out(world, client):
    client["line"], client["rep_blame"], client["tenure"] = 0.15, 0.5, 7.0
    run(succession, world, given(rate_replace=ALWAYS, weight_taint=1.0, share_leave=1.0))
    assert client["tenure"] == 0.0
    assert client["line"] == pytest.approx(0.15)
    assert client["purged"] == 0.0


def test_the_documented_case_sends_about_fifty_away(world, client):
    defaults = register().defaults()
    values = {name: defaults[f"succession.{name}"] for name in ("share_leave", "slack")}
    run(succession, world, given(rate_replace=ALWAYS, **values))
    assert client["purged"] == pytest.approx(50.0, rel=0.1)
    assert client["line"] == pytest.approx(0.2)


def test_a_purge_moves_people_and_nothing_else(world, client):
    leanings = client["leaning_hard"], client["leaning_other"]
    orientation, supply, income = float(client["orientation"]), 1000.0, 0.2
    run(succession, world, given(rate_replace=ALWAYS, slack=0.05, share_leave=1.0))
    assert (client["leaning_hard"], client["leaning_other"]) == leanings
    assert client["hard"] == pytest.approx(171.5 * 0.6)
    assert client["other"] == 318.5
    expected = (client["hard"] * leanings[0] + client["other"] * leanings[1]) / (client["hard"] + client["other"])
    assert client["orientation"] == pytest.approx(expected)
    assert client["orientation"] < orientation
    assert client["dependence"] == 0.7, "recruitment computes it from supply and members"
    left = client["hard"] + client["other"]
    assert dependence_of(supply, income, left) > dependence_of(supply, income, 490.0)


def test_where_those_pushed_out_go(world, client):
    # Of 171.5 · 0.4 = 68.6: a quarter seized, half of the rest afield (hiding and home), the others to one rival.
    run(succession, world, given(rate_replace=ALWAYS, slack=0.05, share_leave=1.0, share_seized=0.25, share_afield=0.5))
    rest = 68.6 * 0.75
    assert custody(world, P)["hard"] == pytest.approx(68.6 * 0.25)
    assert client["cum_defected"] == pytest.approx(rest * 0.5)
    arrived = world["groups"]["hard"][0, [HURRAS, ANSAR]] - 500.0
    assert sorted(arrived) == pytest.approx([0.0, rest * 0.5])


def test_a_rival_that_takes_them_in_leans_further_abroad_only_by_mixing(world, client):
    run(succession, world, given(rate_replace=ALWAYS, share_leave=1.0))
    taken = HURRAS if world["groups"]["hard"][0, HURRAS] > 500.0 else ANSAR
    row = world["groups"][0, taken]
    came = row["hard"] - 500.0
    assert row["leaning_hard"] == pytest.approx((500.0 * 0.9 + came * 0.8) / (500.0 + came))


@pytest.mark.parametrize(("protector", "chosen"), [(NOBODY, HURRAS), (P, ANSAR)])
def test_hardliners_go_to_the_zealous_but_not_to_clients_of_the_patron(world, client, protector, chosen):
    world["groups"]["line"][0, HURRAS] = 0.8
    world["groups"]["protector"][0, HURRAS] = protector
    run(succession, world, given(rate_replace=ALWAYS, share_leave=1.0, weight_zeal=1e6))
    assert world["groups"]["hard"][0, chosen] > 500.0


def test_without_a_rival_all_leave_the_theatre(world, client):
    for name in RIVALS:
        enter(world, name)
    run(succession, world, given(rate_replace=ALWAYS, share_leave=1.0))
    assert client["cum_defected"] == 0.0
    assert client["purged"] > 0.0
    assert world["groups"]["hard"][0, P] == 1000.0, "nobody joins the patron that pushed him out"


def test_a_state_replaces_nobody(world, client):
    client["protector"], client["sponsor"] = NOBODY, index("states", "TUR")
    world["patrons"]["effort"] = 1.0
    client["rep_blame"] = 1.0
    run(succession, world, given(rate_replace=ALWAYS, weight_taint=1.0))
    assert client["tenure"] == 1.0


@pytest.mark.parametrize(("quarter", "is_closed"), [(QUARTER, True), (HISTORY_END, True), (HISTORY_END + 1, False)])
def test_in_replay_the_record_alone_replaces_and_beheads(world, client, quarter, is_closed):
    world["clock"]["is_replay"], world["clock"]["quarter"] = 1, quarter
    world["groups"]["enters"] = np.minimum(world["groups"]["enters"], quarter)
    params = given(rate_replace=ALWAYS, share_leave=1.0, rate_lost=ALWAYS, weight_hit=1.0, rate_backlash=1.0)
    client["rep_blame"], world["patrons"]["cover"] = 0.5, 1.0
    run(succession, world, params)
    assert (client["tenure"] == 1.0) == is_closed
    assert (client["purged"] == 0.0) == is_closed
    assert (world["groups"]["hard"][0, P] == 1000.0) == is_closed


def test_a_purge_on_order_is_carried_out_in_replay_too(world, client):
    world["clock"]["is_replay"] = 1
    client["purge_order"] = 0.2
    run(succession, world, given())
    assert client["purged"] == pytest.approx(34.3)
    assert client["cum_defected"] == pytest.approx(34.3)
    assert client["tenure"] == 1.0


def test_a_hub_under_cover_loses_hardliners_to_rivals(world, client):
    # 1000 · 0.08 · 0.6 · 0.5
    world["patrons"]["cover"][0, P] = 0.6
    run(succession, world, given(rate_backlash=0.08))
    assert world["groups"]["purged"][0, P] == pytest.approx(24.0)
    assert world["groups"]["hard"][0, P] == pytest.approx(976.0)
    assert (client["purged"], client["hard"]) == (0.0, 171.5), "and not to its clients"


def test_a_lost_leader_leaves_disarray_and_a_line_that_members_lean_to(world, client):
    world["theatres"]["attention"][0, IDLIB] = 0.5
    run(succession, world, given(rate_lost=ALWAYS, rate_mend=0.4))
    assert client["disarray"] == 1.0
    assert client["line"] == pytest.approx(client["orientation"])
    world["theatres"]["attention"] = 0.0
    run(succession, world, given(rate_lost=ALWAYS, rate_mend=0.4))
    assert client["disarray"] == pytest.approx(0.6)


def test_leaders_are_lost_the_more_the_group_is_believed_guilty(world, client):
    client["rep_blame"] = 0.5
    share = []
    for weight in (0.0, 1.0):
        lost = 0
        for replication in range(200):
            other = world.copy()
            run(succession, other, given(rate_lost=1.0, weight_hit=weight), replication)
            lost += other["groups"]["disarray"][0, KTJ] == 1.0
        share.append(lost / 200)
    assert share[0] == 0.0
    assert share[1] == pytest.approx(1 - np.exp(-0.5), abs=0.1)


def test_the_line_drifts_to_what_members_lean_to(world, client):
    orientation = float(client["orientation"])
    run(succession, world, given(rate_line=0.1))
    assert client["line"] == pytest.approx(0.6 + 0.1 * (orientation - 0.6))


def test_members_leave_for_good_over_what_their_group_did(world, client):
    client["harm"], client["pool"] = 0.5, 0.0
    client["pool"][0] = 1.0
    run(succession, world, given(rate_disillusion=0.2, rate_forget_harm=0.25))
    assert client["hard"] + client["other"] == pytest.approx(490.0 * 0.9)
    assert world["pools"]["gone"][0, 0] == pytest.approx(49.0)
    assert client["harm"] == pytest.approx(0.375)


@pytest.mark.parametrize(
    ("severity", "author", "quarter", "harm"),
    [
        (0, KTJ, -1, 0.0),
        (1, KTJ, -1, 0.4),
        (2, KTJ, -1, 1.0),
        (2, KTJ, -2, 0.0),
        (2, -2, -1, 0.0),
        (2, HURRAS, -1, 0.0),
    ],
)
def test_harm_comes_of_serious_incidents_of_its_own_in_the_quarter_before(
    world, client, severity, author, quarter, harm
):
    row = strike(world, "RUS", severity, accused=CLIENT, quarter=QUARTER + quarter)
    row["author"], row["is_simulated"] = author, 1
    run(succession, world, given())
    assert client["harm"] == pytest.approx(harm)


def test_whoever_was_drawn_as_author_of_a_real_incident_feels_nothing(world, client):
    row = strike(world, "RUS", 2, accused=CLIENT)
    row["author"], row["is_simulated"] = KTJ, 0
    run(succession, world, given())
    assert client["harm"] == 0.0


def test_who_is_accused_does_not_matter_to_harm_but_who_did_it(world, client):
    row = strike(world, "RUS", 2, accused=CLIENT)
    row["author"], row["is_simulated"] = HURRAS, 1
    run(succession, world, given())
    assert client["harm"] == 0.0
    assert world["groups"]["harm"][0, HURRAS] == 1.0


def test_what_happened_and_who_was_chosen_stand_in_the_ledger(world, client):
    world["theatres"]["attention"][0, IDLIB] = 0.5
    ledger = make_ledger(60)
    succession.apply(world[0], given(rate_replace=ALWAYS, share_leave=1.0, rate_lost=ALWAYS), dice(), ledger)
    lines = ledger.entries[: int(ledger.cursor[0])]
    own = lines[lines["who"][:, 6] == KTJ]
    assert own["by"].tolist() == [REPLACEMENT, LOSS, RIVAL]
    assert own["kind"].tolist() == [HAZARD, HAZARD, CHOICE]
    assert own["about"][0] == P


def people(world):
    groups, custodies, pools = (world[table] for table in ("groups", "custodies", "pools"))
    total = sum(groups[name].sum() + custodies[name].sum() for name in ("hard", "other"))
    return total + sum(pools[name].sum() for name in ("left", "gone", "fallen", "returned"))


@pytest.mark.parametrize("replication", range(10))
def test_people_are_conserved(world, replication):
    generator = np.random.default_rng(replication)
    groups = world["groups"]
    for name in ("line", "dependence", "rep_blame", "harm", "leaning_hard", "leaning_other", "purge_order"):
        groups[name] = generator.uniform(0, 1, groups[name].shape)
    groups["hard"], groups["other"] = generator.uniform(0, 1000, (2, *groups["hard"].shape))
    groups["pool"] = generator.dirichlet(np.ones(groups["pool"].shape[-1]), groups["pool"].shape[:-1])
    groups["protector"] = np.where(generator.uniform(size=groups["protector"].shape) < 0.5, P, NOBODY)
    groups["protector"][0, P] = NOBODY
    world["patrons"]["effort"], world["patrons"]["cover"] = 0.8, 0.5
    world["theatres"]["war"], world["theatres"]["attention"] = 0.8, 0.5
    params = register().record()[0]
    params["succession"]["rate_replace"] = 20.0
    before = people(world)
    for _ in range(3):
        succession.apply(world[0], params, dice(replication), NO_LEDGER)
    assert people(world) == pytest.approx(before, rel=1e-12)
    assert (groups["hard"] >= 0.0).all()
    assert (groups["other"] >= 0.0).all()
    assert groups["cum_defected"].sum() > 0.0
