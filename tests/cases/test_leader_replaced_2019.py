"""The named situation of 2019–20: a patron replaces a client's leader, and some fifty leave. Calibrates `share_leave`.

The documents give fifty who left (E0506); members, hardliners and lines are the tables'. So it is no test of the model.
"""

import pytest

from sim.parameters.register import load_register
from sim.rules.groups import dependence_of, set_orientation
from sim.rules.restraint import succession
from tests.rules.made_conflict import enter
from tests.rules.made_world import blank, index, run

HUB, CLIENT, RIVAL = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad", "Ansar al-Din"
SURE = 1e9


def test_about_fifty_leave_and_the_rest_is_more_local_and_depends_more():
    world, params = blank(), load_register().record()[0]
    params["succession"]["rate_replace"], params["succession"]["rate_lost"] = SURE, 0.0
    enter(world, HUB, hard=1000.0, other=9000.0)["line"] = 0.15
    enter(world, RIVAL, hard=500.0, other=200.0)["line"] = 0.65
    client = enter(world, CLIENT, hard=0.35 * 490, other=0.65 * 490)
    client["protector"], client["line"], client["dependence"] = index("groups", HUB), 0.6, 0.7
    client["leaning_hard"], client["leaning_other"] = 0.8, 0.3
    set_orientation(client)
    world["patrons"]["effort"][0, index("groups", HUB)] = 0.5
    before, leanings = float(client["orientation"]), (0.8, 0.3)
    run(succession, world, params)
    left = client["hard"] + client["other"]
    assert client["purged"] == pytest.approx(50.0, abs=10.0)
    assert 490.0 - left == pytest.approx(client["purged"])
    assert (client["leaning_hard"], client["leaning_other"]) == leanings
    assert client["orientation"] < before
    assert dependence_of(100.0, 0.2, left) > dependence_of(100.0, 0.2, 490.0)
