"""Great-power tension, alert after incidents, and attention to theatres of war."""

import pytest

from sim.rules.world_politics import tension
from tests.rules.made_conflict import quiet, strike
from tests.rules.made_world import QUARTER, index, only, run

PARAMS = only(tension={"rate_declared": 0.2, "rate_contest": 0.1, "rate_decay": 0.05})
IDLIB, EAST, BORDER = (index("theatres", name) for name in ("Idlib", "north-east Syria", "Afghanistan-Pakistan border"))
SERIOUS, MASS = 1, 2


def given(**values):
    return only(tension={"half_shock": 0.5, **values})


def attention(world):
    return world["theatres"]["attention"][0]


@pytest.fixture
def at_war():
    """A quiet world in which all theatres are at war, with attention to the east."""
    world = quiet()
    world["theatres"]["war"] = 1.0
    world["theatres"]["attention"][0, EAST] = 0.6
    return world


def test_tension_by_hand():
    # 0.4 + (0.2 · 0.5 + 0.1 · 0.6) · 0.6 − 0.05 · 0.4 = 0.4 + 0.096 − 0.02.
    assert tension.next_tension(0.4, 0.5, 0.6, PARAMS) == pytest.approx(0.476)
    assert tension.next_tension(0.4, 0.6, 0.6, PARAMS) > 0.476
    assert tension.next_tension(0.4, 0.5, 0.7, PARAMS) > 0.476


def test_the_limits():
    assert tension.next_tension(0.0, 0.0, 0.0, PARAMS) == 0.0
    assert tension.next_tension(1.0, 0.0, 0.0, PARAMS) == pytest.approx(0.95)
    assert tension.next_tension(1.0, 1.0, 1.0, PARAMS) <= 1.0


def test_the_largest_home_counts(world):
    world["measures"]["market"][0, index("homes", "USA")] = 0.3
    world["measures"]["market"][0, index("homes", "CHN")] = 0.6
    run(tension, world, PARAMS)
    assert world["politics"]["tension"][0] == pytest.approx(0.06)


def test_what_is_declared_raises_it(world):
    world["politics"]["tension_declared"] = 0.5
    run(tension, world, PARAMS)
    assert world["politics"]["tension"][0] == pytest.approx(0.1)


def test_incidents_and_wars_leave_tension_over_technology_alone(at_war):
    at_war["measures"]["market"][0, index("homes", "USA")] = 0.6
    strike(at_war, "USA", MASS, "Islamic State")
    at_war["theatres"]["fell"] = at_war["politics"]["alert"] = 1.0
    run(tension, at_war, given(rate_contest=0.1, rate_alert=1.0, rate_attention=1.0, weight_shift=1.0))
    assert at_war["politics"]["tension"][0] == 0.1 * 0.6, "the same bits as without them"


def test_alert_by_hand():
    # 0.2 + 0.4 · 1/(1 + 0.5) · 0.8 − 0.1 · 0.2 = 0.2 + 0.21333 − 0.02.
    params = given(rate_alert=0.4, rate_settle=0.1)
    assert tension.next_alert(0.2, 1.0, params) == pytest.approx(0.3933333)
    assert tension.next_alert(0.2, 1.1, params) > 0.3933334
    assert tension.next_alert(0.2, 0.0, params) == pytest.approx(0.18)
    assert tension.next_alert(0.2, 1.0, given(rate_settle=0.1)) == pytest.approx(0.18), "switched off"


def test_alert_sums_the_last_quarters_incidents_that_were_not_foiled():
    world = quiet()
    strike(world, "FRA", SERIOUS)
    strike(world, "GBR", SERIOUS, "Islamic State")
    strike(world, "ESP", MASS)["is_foiled"] = 1
    strike(world, "ESP", MASS, quarter=QUARTER)
    strike(world, "ESP", MASS, quarter=QUARTER - 2)
    run(tension, world, given(rate_alert=0.5))
    assert world["politics"]["alert"][0] == pytest.approx(0.5 * 0.8 / 1.3)


def test_before_the_first_quarter_nothing_has_happened():
    world = quiet()
    world["clock"]["quarter"] = 0
    run(tension, world, given(rate_alert=0.5))
    assert world["politics"]["alert"][0] == 0.0


def test_attention_by_hand():
    # 0.5 + 0.8 · (0.2 · 0.4/0.9 + 0.5 · 0.3 + 0.1 · 0.6) · 0.5 − (0.08 + 0.5 · 0.2) · 0.5.
    params = given(rate_attention=0.2, weight_shift=0.5, weight_broaden=0.1, rate_fade=0.08)
    expected = 0.5 + 0.8 * (0.08 / 0.9 + 0.15 + 0.06) * 0.5 - 0.18 * 0.5
    assert tension.next_attention(0.5, 0.8, 0.4, 0.3, 0.2, 0.6, params) == pytest.approx(expected)
    for place, sign in ((1, 1), (2, 1), (3, 1), (4, -1), (5, 1)):
        values = [0.5, 0.8, 0.4, 0.3, 0.2, 0.6]
        values[place] += 0.1
        assert (tension.next_attention(*values, params) - expected) * sign > 0.0


def test_incidents_draw_attention_to_the_theatre_of_those_who_are_accused(at_war):
    attention(at_war)[:] = 0.0
    strike(at_war, "FRA", SERIOUS, "Katibat al-Tawhid wal-Jihad")
    strike(at_war, "FRA", MASS)
    run(tension, at_war, given(rate_attention=0.2))
    assert attention(at_war)[IDLIB] == pytest.approx(0.2 * 0.4 / 0.9)
    assert attention(at_war).sum() == attention(at_war)[IDLIB]


def test_attention_turns_to_the_other_theatres_when_an_armed_group_has_fallen_in_one(at_war):
    at_war["theatres"]["fell"][0, EAST] = 1.0
    run(tension, at_war, given(weight_shift=0.5))
    assert attention(at_war)[EAST] == pytest.approx(0.3)
    assert attention(at_war)[IDLIB] == attention(at_war)[BORDER] == pytest.approx(0.3)
    at_war["theatres"]["fell"] = 0.0
    run(tension, at_war, given(weight_shift=0.5))
    assert attention(at_war)[EAST] == pytest.approx(0.3), "it turns once"


def test_no_attention_turns_to_where_no_war_is(at_war):
    at_war["theatres"]["fell"][0, EAST], at_war["theatres"]["war"][0, BORDER] = 1.0, 0.0
    at_war["politics"]["alert"] = 1.0
    run(tension, at_war, given(weight_shift=0.5, weight_broaden=0.1))
    assert attention(at_war)[BORDER] == 0.0
    assert attention(at_war)[IDLIB] == pytest.approx(0.4)


def test_with_the_weight_at_zero_nothing_turns(at_war):
    at_war["theatres"]["fell"][0, EAST] = 1.0
    run(tension, at_war, given(rate_fade=0.1))
    assert attention(at_war)[[EAST, IDLIB, BORDER]] == pytest.approx([0.54, 0.0, 0.0])


def test_alert_broadens_attention_to_every_war(at_war):
    at_war["politics"]["alert"] = 0.5
    run(tension, at_war, given(weight_broaden=0.2))
    assert attention(at_war)[[IDLIB, BORDER]] == pytest.approx([0.1, 0.1])
    assert attention(at_war)[EAST] == pytest.approx(0.64)
