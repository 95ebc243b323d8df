"""Laws on interception: what a state copied."""

from sim.rules.law import copied_law
from tests.rules.made_world import dyad, index

KGZ, RUSSIA = index("states", "KGZ"), index("states", "RUS")


def test_the_law_copied_is_the_most_that_any_partners_law_was_copied(world):
    assert copied_law(world[0], KGZ) == 0.0
    world["dyads"]["law"][0, dyad("KGZ", "RUS")], world["dyads"]["law"][0, dyad("KGZ", "CHN")] = 0.7, 0.2
    world["dyads"]["law"][0, dyad("KAZ", "RUS")] = 0.9
    assert copied_law(world[0], KGZ) == 0.7
    assert copied_law(world[0], RUSSIA) == 0.0, "whose own law it is copies nobody's"
