"""Who was behind an incident on record is drawn anew in every run: nothing that is said or believed depends on it."""

import numpy as np
import pytest

from sim.kernel.quarter import NO_LEDGER
from sim.kernel.run import switches_for
from sim.numerics.feed import UNFED
from sim.rules.information import accusation, belief
from sim.rules.schedule import step
from tests.rules.information.made_voices import incident, quiet
from tests.rules.made_world import HISTORY_END, QUARTER, dice, register, staged


def _voices(world):
    """All that accusation and belief write, but the authors."""
    rows = [world[table][name] for table in ("accusers", "audiences") for name in world[table].dtype.names]
    rows += [world["incidents"][name] for name in world["incidents"].dtype.names if name != "author"]
    return [np.array(row) for row in rows]


@pytest.mark.parametrize("replication", range(5))
def test_with_other_authors_of_incidents_on_record_all_is_said_and_believed_as_before(world, replication):
    calm = quiet(world)
    generator = np.random.default_rng(replication)
    params = register().record()[0]
    params["accusation"]["rate_evidence"] = 5.0
    calm["states"]["protest"], calm["states"]["detection"], calm["states"]["voice"] = 0.5, 0.9, 0.9
    calm["accusers"]["publicity"] = calm["accusers"]["breadth"] = 0.9
    worlds = calm, calm.copy()
    for quarter in range(QUARTER, QUARTER + 8):
        for one, author in zip(worlds, generator.integers(-2, 3, 2), strict=True):
            one["clock"]["quarter"] = quarter
            incident(one, "RUS", author, simulated=0)["quarter"] = quarter
            accusation.apply(one[0], params, dice(replication), NO_LEDGER)
            belief.apply(one[0], params, dice(replication), NO_LEDGER)
    assert worlds[0]["accusers"]["cum_accused"].sum() > 0
    for one, other in zip(_voices(worlds[0]), _voices(worlds[1]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_replay_with_other_authors_is_the_same_in_all_but_these():
    worlds = staged("replay"), staged("replay")
    params, switches = register().record()[0], switches_for()
    for quarter in range(HISTORY_END + 1):
        for place, world in enumerate(worlds):
            rows = world["incidents"][0]
            rows["author"][rows["is_simulated"] == 0] = place
            world["clock"]["quarter"] = quarter
            step(world[0], params, switches, dice(), NO_LEDGER, *UNFED)
    assert worlds[0]["accusers"]["cum_accused"].sum() > 0
    rows = [world["incidents"][0] for world in worlds]
    assert (rows[0]["author"] != rows[1]["author"])[rows[0]["is_simulated"] == 0].any()
    rows[1]["author"] = rows[0]["author"]
    assert worlds[0].tobytes() == worlds[1].tobytes()


def test_belief_reads_no_author():
    assert not {"incidents.author", "incidents.accused"} & set(belief.READS)
