"""Training, alignment and trained people."""

import pytest

from sim.rules.technology import training
from sim.world.fields import NOBODY
from tests.rules.made_world import QUARTER, dyad, index, only, run

KGZ, HUAWEI, ZTE = index("states", "KGZ"), index("firms", "Huawei"), index("firms", "ZTE")
RATES = {
    "rate_courses": 0.1,
    "rate_harmony": 0.05,
    "rate_equipment": 0.04,
    "rate_drift": 0.02,
    "weight_online": 0.5,
    "rate_people": 0.03,
    "rate_leave": 0.01,
}
PARAMS = only(training=RATES)


def test_alignment_by_hand():
    # 0.4 + (0.1 · 0.3 + 0.05 · 0.2 + 0.04 · 0.5) · 0.6 − 0.02 · 0.4 = 0.4 + 0.036 − 0.008.
    assert training.next_alignment(0.4, 0.3, 0.2, 0.5, PARAMS) == pytest.approx(0.428)


@pytest.mark.parametrize("place", [1, 2, 3], ids=["training", "harmony", "equipment"])
def test_alignment_rises_with_each_input(place):
    inputs = [0.4, 0.3, 0.2, 0.5]
    inputs[place] += 0.3
    assert training.next_alignment(*inputs, PARAMS) > 0.428


def test_trained_by_hand():
    # 0.2 + 0.03 · 0.5 · 0.8 − 0.01 · 0.2 = 0.21.
    assert training.next_trained(0.2, 0.5, PARAMS) == pytest.approx(0.21)
    assert training.next_trained(1.0, 2.0, PARAMS) == pytest.approx(0.99)
    assert training.next_trained(0.0, 0.0, PARAMS) == 0.0
    assert training.next_alignment(0.0, 0.0, 0.0, 0.0, PARAMS) == 0.0


@pytest.mark.parametrize(("begins", "size"), [(QUARTER, 0.3), (QUARTER + 1, 0.0)])
def test_a_programme_trains_from_its_first_quarter(world, begins, size):
    world["firms"]["programme"][0, HUAWEI, KGZ], world["firms"]["programme_size"][0, HUAWEI] = begins, 0.3
    run(training, world, PARAMS)
    assert world["dyads"]["training"][0, dyad("KGZ", "CHN")] == size
    assert world["dyads"]["training"][0].sum() == size
    assert world["dyads"]["alignment"][0].sum() == pytest.approx(0.1 * size)
    assert world["states"]["trained"][0].sum() == pytest.approx(0.03 * size)


def test_programmes_of_a_home_add_up_online_and_to_no_more_than_one(world):
    world["firms"]["programme"][0, [HUAWEI, ZTE], KGZ] = 0
    world["firms"]["programme_size"][0, [HUAWEI, ZTE]] = 0.3, 0.2
    world["politics"]["contact_restriction"] = 0.4
    run(training, world, PARAMS)
    # (0.3 + 0.2) · (1 + 0.5 · 0.4).
    assert world["dyads"]["training"][0, dyad("KGZ", "CHN")] == pytest.approx(0.6)
    world["firms"]["programme_size"][0, [HUAWEI, ZTE]] = 1.0
    run(training, world, PARAMS)
    assert world["dyads"]["training"][0, dyad("KGZ", "CHN")] == 1.0


@pytest.mark.parametrize("ordered", [0.2, 0.9])
def test_an_order_adds_to_the_programmes_under_way_up_to_one(world, ordered):
    world["firms"]["programme"][0, HUAWEI, KGZ], world["firms"]["programme_size"][0, HUAWEI] = 0, 0.3
    world["dyads"]["training_order"][0, dyad("KGZ", "CHN")] = ordered
    world["politics"]["contact_restriction"] = 0.4
    run(training, world, PARAMS)
    # (0.2 + 0.3) · (1 + 0.5 · 0.4).
    assert world["dyads"]["training"][0, dyad("KGZ", "CHN")] == pytest.approx(0.6 if ordered == 0.2 else 1.0)


def test_training_ends_with_its_order(world):
    relation = world[0]["dyads"][dyad("KGZ", "CHN")]
    for ordered in (0.4, 0.0):
        relation["training_order"] = ordered
        run(training, world, PARAMS)
        assert world["dyads"]["training"][0].sum() == relation["training"] == ordered


def test_a_firm_trains_nobody_abroad_when_it_trains_at_home(world):
    world["firms"]["programme"][0, HUAWEI, index("states", "CHN")] = 0
    world["firms"]["programme_size"][0, HUAWEI] = 1.0
    run(training, world, PARAMS)
    assert not world["dyads"]["training"].any()
    assert not world["states"]["trained"].any()


def test_all_homes_train_people_each_aligns_with_itself(world):
    world["dyads"]["training_order"][0, dyad("KGZ", "CHN")] = 0.5
    world["dyads"]["training_order"][0, dyad("KGZ", "RUS")] = 0.3
    run(training, world, PARAMS)
    assert world["states"]["trained"][0, KGZ] == pytest.approx(0.03 * 0.8)
    assert world["dyads"]["alignment"][0, dyad("KGZ", "CHN")] == pytest.approx(0.05)
    assert world["dyads"]["alignment"][0, dyad("KGZ", "RUS")] == pytest.approx(0.03)


def test_training_raises_alignment_sooner_than_trained_people(world):
    world["dyads"]["training_order"][0, dyad("KGZ", "CHN")] = 0.5
    for _ in range(8):
        run(training, world, PARAMS)
    assert world["dyads"]["alignment"][0, dyad("KGZ", "CHN")] > 2 * world["states"]["trained"][0, KGZ]


def test_equipment_and_harmony_align(world):
    world["states"]["supply"][0, KGZ, index("homes", "CHN")] = 0.5
    world["dyads"]["harmony"][0, dyad("KGZ", "RUS")] = 0.4
    run(training, world, PARAMS)
    assert world["dyads"]["alignment"][0, dyad("KGZ", "CHN")] == pytest.approx(0.02)
    assert world["dyads"]["alignment"][0, dyad("KGZ", "RUS")] == pytest.approx(0.02)


def test_alignment_with_a_partner_that_is_no_home_stays(world):
    world["dyads"]["alignment"], world["dyads"]["home"][0, 0] = 0.5, NOBODY
    run(training, world, PARAMS)
    assert world["dyads"]["alignment"][0, 0] == 0.5
    assert world["dyads"]["alignment"][0, 1] == pytest.approx(0.49)
