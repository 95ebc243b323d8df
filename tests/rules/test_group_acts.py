"""What a scenario or the record does to groups, theatres and those who accuse is done, once, and to nobody else."""

import numpy as np
import pytest

from sim.rules import scenario_acts
from sim.world.conflict import OTHER_AUTHOR, SEVERITIES, UNKNOWN
from sim.world.fields import NOBODY
from tests.rules.made_world import QUARTER, blank, default_world, index, only, order, run

HUB, CLIENT = index("groups", "Hayat Tahrir al-Sham"), index("groups", "Katibat al-Tawhid wal-Jihad")
HARDER, JAILED = index("groups", "Hurras al-Din"), index("groups", "Islamic State")
IDLIB, BORDER = index("theatres", "Idlib"), index("theatres", "Afghanistan-Pakistan border")
RUS, USA, SYR = (index("states", iso) for iso in ("RUS", "USA", "SYR"))
SYRIA, GUARD = index("holders", "SYR"), index("holders", "Syrian Democratic Forces")
ACCUSER = index("accusers", "RUS")
LISTED = default_world().pair("designations", "Hayat Tahrir al-Sham>USA")
CELLS = default_world().names.custodies.index("Syrian Democratic Forces>Islamic State")


@pytest.fixture
def world():
    made = blank()
    made["groups"]["pool"][0, :, 1] = 1.0
    made["groups"]["hard"][0, [HUB, CLIENT, HARDER]] = 100.0
    made["groups"]["other"][0, [HUB, CLIENT, HARDER]] = 300.0
    return made


def act(world, kind, *named, strength=1.0, replication=0, quarter=QUARTER, params=None):
    order(world, kind, *named, strength=strength, start=QUARTER, end=QUARTER + 1)
    world["clock"]["quarter"] = quarter
    return run(scenario_acts, world, only() if params is None else params, replication)


def test_a_guarantor_may_withdraw_though_history_has_it_stay(world):
    order(world, "guarantee", USA, IDLIB, strength=0.6)
    assert act(world, "guarantee", USA, IDLIB, strength=0.0)["theatres"]["guarantee"][IDLIB] == 0.0


def test_the_stronger_supporter_is_the_one_behind_a_holder(world):
    order(world, "support", RUS, SYRIA, IDLIB, strength=0.6)
    done = act(world, "support", USA, SYRIA, IDLIB, strength=0.4)["theatres"][IDLIB]
    assert (done["support_declared"][SYRIA], done["backer"][SYRIA]) == (0.6, RUS)


def test_land_is_taken_from_the_one_named(world):
    world["theatres"]["control"][0, IDLIB, [HUB, SYRIA, HARDER]] = (0.5, 0.3, 0.2)
    control = act(world, "offensive", SYRIA, IDLIB, HUB, strength=0.4)["theatres"]["control"][IDLIB]
    assert control[[HUB, SYRIA, HARDER]] == pytest.approx([0.1, 0.7, 0.2])


def test_a_sponsor_that_leaves_withdraws_its_own_support_only(world):
    world["theatres"]["backer"][0, IDLIB, GUARD], world["theatres"]["backer"][0, BORDER, GUARD] = USA, RUS
    done = act(world, "abandon", USA, GUARD, strength=0.6)
    assert done["theatres"]["kept"][[IDLIB, BORDER], GUARD] == pytest.approx([0.4, 1.0])
    assert done["custodies"]["abandoned"][CELLS] == 0.6


@pytest.mark.parametrize(("kind", "field"), [("patron", "pledge"), ("protector", "protector")])
def test_ties_are_made_and_ended(world, kind, field):
    assert act(world, kind, CLIENT, HUB)["groups"][field][CLIENT] == HUB
    world["injects"] = 0
    assert act(world, kind, CLIENT)["groups"][field][CLIENT] == NOBODY


@pytest.mark.parametrize(("kind", "field"), [("patron", "pledge"), ("protector", "protector")])
def test_a_tie_that_would_close_a_circle_ends_the_one_that_stood(world, kind, field):
    world["groups"][field][0, HUB], world["groups"][field][0, HARDER] = HARDER, CLIENT
    ties = act(world, kind, CLIENT, HUB)["groups"][field]
    assert ties[[CLIENT, HUB, HARDER]].tolist() == [HUB, HARDER, NOBODY]


def test_a_group_that_moves_is_in_the_state_of_the_theatre(world):
    group = act(world, "move", CLIENT, BORDER)["groups"][CLIENT]
    assert (group["theatre"], group["state"]) == (BORDER, index("states", "AFG"))


def test_a_new_leadership_sets_the_line(world):
    world["groups"]["tenure"] = 9.0
    group = act(world, "line", CLIENT, strength=0.8)["groups"][CLIENT]
    assert (group["line"], group["tenure"]) == (0.8, 0.0)


def test_people_go_over_merge_and_are_seized(world):
    done = act(world, "defection", CLIENT, HARDER, strength=0.3)["groups"]["hard"]
    assert done[[CLIENT, HARDER]].tolist() == [70.0, 130.0]
    world["injects"] = 0
    done = act(world, "merge", HUB, CLIENT, strength=0.5)["groups"]
    assert (done["hard"][HUB], done["other"][HUB]) == (135.0, 450.0)
    world["injects"] = 0
    done = act(world, "arrest", HUB, HARDER, strength=0.1)
    assert done["groups"]["hard"][HARDER] == pytest.approx(117.0)
    assert done["custodies"]["hard"].sum() == pytest.approx(13.0)


def test_nobody_is_seized_where_there_is_no_custody(world):
    done = act(world, "arrest", JAILED, HARDER, strength=0.1)
    assert done["groups"]["hard"][HARDER] + done["custodies"]["hard"].sum() == 100.0


def test_a_purge_and_a_state_taken_are_handed_to_their_rules_for_a_quarter(world):
    done = act(world, "purge", HUB, CLIENT, strength=0.2)
    assert done["groups"]["purge_order"][CLIENT] == 0.2
    assert done["groups"]["hard"][CLIENT] == 100.0
    assert act(world, "become_state", HUB, SYR)["groups"]["state_order"][HUB] == 1.0
    world["injects"]["end"][world["injects"]["kind"] > 0] = QUARTER + 1
    world["clock"]["quarter"] = QUARTER + 1
    done = run(scenario_acts, world, only())
    assert not done["groups"]["purge_order"].any()
    assert not done["groups"]["state_order"].any()


def test_custody_opens_or_is_emptied_at_a_cost_to_rights(world):
    custody = world["custodies"][0, CELLS]
    custody["hard"], custody["other"], custody["relatives"] = 100.0, 50.0, 1000.0
    done = act(world, "transfer", GUARD, JAILED, strength=0.1, params=only(detention={"gain_rights": 0.3}))
    assert done["custodies"]["cum_transferred"][CELLS] == pytest.approx(115.0)
    assert done["custodies"]["rights_cost"][CELLS] == pytest.approx(0.3)
    assert done["pools"]["gone"].sum() == pytest.approx(15.0)
    world["injects"] = 0
    done = act(world, "prison_break", GUARD, JAILED, strength=0.5)
    assert done["custodies"]["cum_escaped"][CELLS] == pytest.approx(0.5 * (90 + 45 + 900))


def test_clash_truce_and_cease_fire_are_felt_where_they_are(world):
    for kind in ("clash", "truce"):
        assert act(world, kind, HUB, HARDER, strength=0.4)["theatres"][kind].tolist().count(0.4) == 1
    assert act(world, "ceasefire", IDLIB, strength=0.7)["theatres"]["ceasefire"][IDLIB] == 0.7


def test_words_are_heard(world):
    assert act(world, "disavow", HUB, strength=0.3)["patrons"]["disavowed"][HUB] == 0.3
    assert act(world, "acknowledge", USA, HUB, strength=0.4)["patrons"]["acknowledged"][HUB] == 0.4


def test_a_designation_is_made_and_lifted(world):
    assert act(world, "designate", USA, HUB)["designations"]["listed"][LISTED] == 1.0
    world["injects"] = 0
    done = act(world, "designate", USA, HUB, strength=0.0)["designations"]
    assert (done["listed"][LISTED], done["cum_lifted"][LISTED]) == (0.0, 1.0)
    assert done["listed"].sum() == 0.0


def test_accusations_denials_and_errors_are_ordered_for_one_quarter(world):
    order(world, "accuse", ACCUSER, CLIENT, start=QUARTER, end=QUARTER + 1, strength=0.6)
    order(world, "deny", CLIENT, ACCUSER, start=QUARTER, end=QUARTER + 1)
    done = act(world, "exposure", ACCUSER, strength=0.8)["accusers"][ACCUSER]
    assert (done["declared"][CLIENT], done["denial_declared"][CLIENT], done["exposure_declared"]) == (0.6, 1.0, 0.8)
    world["clock"]["quarter"] = QUARTER + 1
    done = run(scenario_acts, world, only())["accusers"][ACCUSER]
    assert (done["declared"][CLIENT], done["denial_declared"][CLIENT], done["exposure_declared"]) == (0.0, 0.0, 0.0)


def test_who_was_behind_a_real_incident_is_drawn_from_its_prior():
    counts = dict.fromkeys((CLIENT, UNKNOWN, OTHER_AUTHOR), 0)
    for replication in range(600):
        made = blank()
        done = act(made, "incident", CLIENT, RUS, SEVERITIES.index("serious"), strength=0.4, replication=replication)
        incident = done["incidents"][0]
        counts[int(incident["author"])] += 1
        assert (incident["target"], incident["severity"], incident["is_simulated"]) == (RUS, 1, 0)
        assert incident["accused"] == NOBODY
    shares = np.array([counts[CLIENT], counts[OTHER_AUTHOR], counts[UNKNOWN]]) / 600
    assert shares == pytest.approx([0.4, 0.3, 0.3], abs=0.06)


def test_an_incident_that_names_nobody_has_no_author_of_the_model(world):
    done = act(world, "incident", NOBODY, RUS, 2, strength=0.0)
    assert done["incidents"]["author"][0] in (UNKNOWN, OTHER_AUTHOR)
