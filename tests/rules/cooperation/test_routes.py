"""Routes: what a leg costs, the cheapest plan, who chooses it, who is seen, and that nobody is made or lost."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import bellman_ford

from sim.rules.cooperation import routes
from sim.world.cooperation import HELD, IRREGULAR, PAPERS
from sim.world.fields import NOBODY
from tests.rules.cooperation.made_routes import CHN, KAZ, bare, given, lay, persons, put
from tests.rules.made_world import default_world, lively, register, run

MOBILE = (IRREGULAR, PAPERS)


def everybody(world):
    return world["nodes"]["persons"][0].sum() + world["origins"]["returned"][0].sum()


def prices(world, status, params):
    """Prices of all legs in plain NumPy, inf where nobody can go."""
    legs, closure = world["legs"][0], params["routes"]["weight_closure"] * world["politics"]["contact_restriction"][0]
    detection = np.where(legs["owner"] >= 0, world["states"]["detection"][0][legs["owner"]], 0.0)
    hazard = np.maximum(legs["control"], min(1.0, closure)) * detection
    relief = 1.0 - params["routes"]["weight_papers"] if status == PAPERS else 1.0
    price = legs["cost"] + params["routes"]["weight_hazard"] * hazard * relief
    return np.where((legs["start"] >= 0) & (legs["end"] >= 0), price, np.inf), hazard


def stays(world, params):
    nodes, origin = world["nodes"][0], world["origins"][0, 0]
    stay = params["routes"]["weight_stay"] * (1.0 - np.maximum(nodes["haven"], nodes["pull_declared"]))
    stay[origin["node"]] = params["routes"]["weight_home"] * origin["repression"]
    return stay


def cheapest(world, status, params):
    """Costs of the best plans by SciPy: the way to a sink that stands for staying, from every node."""
    price, _ = prices(world, status, params)
    legs, stay = world["legs"][0], stays(world, params)
    n = len(stay)
    matrix = np.full((n + 1, n + 1), np.inf)
    for start, end, cost in zip(legs["start"], legs["end"], price, strict=True):
        if cost < np.inf:
            matrix[end, start] = min(matrix[end, start], cost)
    matrix[n, :n] = stay
    # Explicit zeros are legs that cost nothing; what is infinite is no leg.
    rows, columns = np.nonzero(matrix < np.inf)
    graph = csr_array((matrix[rows, columns], (rows, columns)), shape=matrix.shape)
    return bellman_ford(graph, indices=n)[:n]


def scatter(world, seed):
    """Draw a random graph, with persons of every status at its nodes."""
    random = np.random.default_rng(seed)
    n_nodes, n_legs = len(world["nodes"][0]), len(world["legs"][0])
    used = random.integers(3, n_nodes + 1)
    nodes, legs = world["nodes"][0], world["legs"][0]
    nodes["haven"], nodes["pull_declared"] = random.random(n_nodes), random.random(n_nodes) ** 4
    nodes["state"] = random.integers(0, len(world["states"][0]), n_nodes)
    nodes["persons"] = 10.0 ** random.uniform(-3, 5, nodes["persons"].shape) * (
        random.random(nodes["persons"].shape) < 0.7
    )
    legs["start"], legs["end"] = random.integers(0, used, n_legs), random.integers(0, used, n_legs)
    legs["owner"] = random.integers(-1, len(world["states"][0]), n_legs)
    legs["cost"] = random.integers(0, 8, n_legs) * random.choice([0.5, 1.0])
    legs["control"], legs["control_base"] = random.random(n_legs), 0.1
    world["states"]["detection"] = random.random(len(world["states"][0]))
    world["origins"]["repression"], world["origins"]["abroad"] = random.random(), random.random()
    world["politics"]["contact_restriction"] = random.random()


def test_a_leg_and_a_stay_by_hand():
    params = given(weight_hazard=10.0, weight_papers=0.6, weight_closure=0.5, weight_stay=8.0, weight_home=10.0)
    assert routes.hazard_of(0.4, 0.0, 0.5, params) == pytest.approx(0.2)
    assert routes.hazard_of(0.4, 1.0, 0.5, params) == pytest.approx(0.25), "a closed border counts as control 0.5"
    assert routes.hazard_of(0.7, 1.0, 0.5, params) == pytest.approx(0.35), "a border that is harder already stays so"
    assert routes.price_of(1.5, 0.2, IRREGULAR, params) == pytest.approx(3.5)
    assert routes.price_of(1.5, 0.2, PAPERS, params) == pytest.approx(1.5 + 10.0 * 0.2 * 0.4)
    node = bare()["nodes"][0, 1]
    node["haven"], node["pull_declared"] = 0.25, 0.0
    assert routes.stay_cost(node, False, 0.3, params) == pytest.approx(6.0)
    node["pull_declared"] = 0.75
    assert routes.stay_cost(node, False, 0.3, params) == pytest.approx(2.0)
    assert routes.stay_cost(node, True, 0.3, params) == pytest.approx(3.0), "where they start, repression counts"


def test_with_its_weight_a_war_draws_only_where_armed_groups_hold_land():
    # 10 · (1 − 0.8 · (1 − 0.5 + 0.5 · 0.4)) = 4.4.
    node = bare()["nodes"][0, 0]
    node["pull_declared"], node["held"] = 0.8, 0.4
    assert routes.stay_cost(node, False, 0.3, given(weight_stay=10.0, weight_held=0.5)) == pytest.approx(4.4)
    assert routes.stay_cost(node, False, 0.3, given(weight_stay=10.0)) == 10.0 * (1.0 - 0.8), "none by default"
    node["held"] = 0.5
    assert routes.stay_cost(node, False, 0.3, given(weight_stay=10.0, weight_held=0.5)) < 4.4


def test_more_reconsider_at_home_when_kin_are_abroad():
    params = given(rate_leave=0.02, weight_kin=4.0, rate_move=0.3)
    assert routes.reconsidering(True, 0.0, params) == pytest.approx(0.02)
    assert routes.reconsidering(True, 0.5, params) == pytest.approx(0.06)
    assert routes.reconsidering(False, 0.5, params) == pytest.approx(0.3)
    assert routes.reconsidering(True, 1.0, given(rate_leave=0.5, weight_kin=9.0)) == 1.0


def test_the_best_plan_by_hand():
    # Staying costs 4 at home (node 0), 8 at 1, 2 at 2 and 0 at 3. By 1 to 2: 1 + 0.5 + 2 = 3.5; straight: 1.5 + 2
    # = 3.5; to 3 by 2: 1.5 + 1 = 2.5.
    world = bare()
    lay(world, [(0, 1, 1.0), (1, 2, 0.5), (0, 2, 1.5), (2, 3, 1.0)])
    world["nodes"]["haven"][0, :4] = 0.0, 0.0, 0.75, 1.0
    world["origins"]["repression"] = 0.4
    run(routes, world, given(weight_stay=8.0, weight_home=10.0))
    np.testing.assert_allclose(world["nodes"]["onward"][0, :4, 0, IRREGULAR], [2.5, 1.5, 1.0, 0.0])


@pytest.mark.parametrize("seed", range(60))
def test_the_way_found_is_the_cheapest(seed):
    world = bare() if seed else default_world().record.copy()
    if seed:
        scatter(world, seed)
    else:
        world["states"]["detection"] = np.random.default_rng(0).random(len(world["states"][0]))
    params = register().record()[0]
    expected = {status: cheapest(world, status, params) for status in MOBILE}
    run(routes, world, params)
    for status in MOBILE:
        np.testing.assert_allclose(world["nodes"]["onward"][0, :, 0, status], expected[status], rtol=1e-12)


def expected_flows(world, params):
    """Flows of all legs by status in plain NumPy, by a logit over staying and every leg."""
    legs, stay, values = world["legs"][0], stays(world, params), params["routes"]
    flows = np.zeros((2, len(legs)))
    for status in MOBILE:
        price, _ = prices(world, status, params)
        onward = cheapest(world, status, params)
        for n, node in enumerate(world["nodes"][0]):
            out = np.flatnonzero((legs["start"] == n) & (price < np.inf))
            costs = np.append(stay[n], price[out] + onward[legs["end"][out]])
            weights = np.exp(-(costs - costs.min()) / values["scale"])
            rate = values["rate_move"]
            if n == world["origins"][0, 0]["node"]:
                rate = values["rate_leave"] * (1.0 + values["weight_kin"] * world["origins"][0, 0]["abroad"])
            flows[status, out] = node["persons"][0, status] * min(1.0, rate) * (weights / weights.sum())[1:]
    return flows


@pytest.mark.parametrize("seed", range(30))
def test_shares_are_those_of_a_logit(seed):
    world, params = bare(), register().record()[0]
    scatter(world, seed)
    flows, (_, hazard) = expected_flows(world, params), prices(world, IRREGULAR, params)
    before = world["legs"]["cum_flow"][0].copy()
    run(routes, world, params)
    legs = world["legs"][0]
    caught = flows[IRREGULAR] * hazard * params["routes"]["share_arrested"]
    owner, start = legs["owner"], np.append(world["nodes"]["state"][0], -1)[legs["start"]]
    passed = flows.sum(0) - np.where((owner >= 0) & (owner == start), caught, 0.0)
    np.testing.assert_allclose(legs["flow"], passed, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(legs["hazard"], hazard, rtol=1e-12)
    np.testing.assert_allclose(legs["seen"], flows.sum(0) * hazard, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(legs["cum_flow"], before + legs["flow"])


def test_a_choice_between_two_by_hand():
    # Staying costs 2, leaving 1 + 0: of the 100 · 0.5 who reconsider, 1/(1 + e^-1) = 0.731 go.
    world = bare()
    put(world, 1, irregular=100.0)
    lay(world, [(1, 2, 1.0)])
    world["nodes"]["haven"][0, :3] = 0.0, 0.75, 1.0
    run(routes, world, given(weight_stay=8.0, rate_move=0.5))
    assert persons(world)[2, IRREGULAR] == pytest.approx(50.0 / (1.0 + np.exp(-1.0)))
    assert persons(world)[1, IRREGULAR] == pytest.approx(100.0 - persons(world)[2, IRREGULAR])


def test_all_move_at_once():
    # Who arrives in this quarter does not go on in it: 1 → 2 and 2 → 3 move what was found.
    world = bare()
    put(world, 1, irregular=100.0)
    lay(world, [(1, 2, 0.0), (2, 3, 0.0)])
    world["nodes"]["haven"][0, :4] = 0.0, 0.0, 0.0, 1.0
    run(routes, world, given(weight_stay=1e6, rate_move=0.5))
    np.testing.assert_allclose(persons(world)[:4, IRREGULAR], [0.0, 50.0, 50.0, 0.0])


def test_those_held_stay_where_they_are():
    world = bare()
    put(world, 1, held=10.0)
    lay(world, [(1, 2, 0.0)])
    world["nodes"]["haven"][0, 2] = 1.0
    run(routes, world, given(weight_stay=8.0, rate_move=1.0))
    assert persons(world)[1, HELD] == 10.0
    assert not world["legs"]["flow"].any()


@pytest.mark.parametrize(("start", "here", "there"), [(CHN, 0.0, 3.0), (KAZ, 3.0, 0.0)])
def test_arrests_at_a_border_where_people_stay_and_releases_by_hand(start, here, there):
    # 60 · 0.5 = 30 go; hazard 0.4 · 0.5 = 0.2; 30 · 0.2 · 0.5 = 3 are held on the guarded side, those with papers not.
    # Of the 30 who stay 0.1 · 0.5 are arrested: 1.5. Of 10 held before 0.2 are released: 2.
    world = bare()
    put(world, 1, irregular=60.0, papers=20.0, held=10.0)
    lay(world, [(1, 2, 0.0)], owner=KAZ)
    world["nodes"]["state"][0, 1:3] = start, KAZ
    world["legs"]["control"][0, 0], world["states"]["detection"] = 0.4, 0.5
    world["nodes"]["haven"][0, 2] = 1.0
    values = {"weight_stay": 1e6, "rate_move": 0.5, "share_arrested": 0.5, "rate_arrest": 0.1, "rate_release": 0.2}
    run(routes, world, given(**values))
    np.testing.assert_allclose(persons(world)[1], [60.0 - 30.0 - 1.5 + 2.0, 10.0, 10.0 + 1.5 - 2.0 + here])
    np.testing.assert_allclose(persons(world)[2], [27.0, 10.0, there])
    assert world["legs"]["seen"][0, 0] == pytest.approx(40.0 * 0.2)
    assert world["legs"]["flow"][0, 0] == pytest.approx(40.0 - here), "who is held before the border has not passed it"


def test_a_state_arrests_as_far_as_it_governs():
    # 0.2 · 0.5 · 0.3 of 100.
    world = bare()
    put(world, 1, irregular=100.0)
    world["states"]["detection"], world["nodes"]["governed"][0, 1] = 0.5, 0.3
    run(routes, world, given(rate_arrest=0.2))
    assert persons(world)[1, HELD] == pytest.approx(3.0)


def test_those_who_leave_are_counted_by_corridor():
    # 45 reconsider; staying and all four legs cost nothing, so that 9 choose each; one leg begins no corridor.
    world = bare()
    put(world, 0, irregular=90.0)
    put(world, 1, irregular=90.0)
    lay(world, [(0, 1, 0.0), (0, 2, 0.0), (0, 3, 0.0), (0, 4, 0.0), (1, 2, 0.0)])
    world["legs"]["corridor"][0, :5] = 0, 0, 2, NOBODY, 1
    world["origins"]["cum_left"] = 5.0
    run(routes, world, given(rate_leave=0.5, rate_move=0.5))
    origin = world["origins"][0, 0]
    np.testing.assert_allclose(origin["leaving"], [18.0, 0.0, 9.0])
    np.testing.assert_allclose(origin["cum_left"], [23.0, 5.0, 14.0])
    np.testing.assert_allclose(origin["corridor_share"], [2 / 3, 0.0, 1 / 3])
    put(world, 0)
    run(routes, world, given(rate_leave=0.5))
    assert not origin["leaving"].any()
    assert not origin["corridor_share"].any(), "of nobody, nobody"


def test_nobody_is_arrested_where_they_start():
    world = bare()
    put(world, 0, irregular=100.0)
    put(world, 1, irregular=100.0)
    world["states"]["detection"] = 1.0
    run(routes, world, given(rate_arrest=1.0))
    np.testing.assert_allclose(persons(world)[:2], [[100.0, 0.0, 0.0], [0.0, 0.0, 100.0]])


def test_the_share_abroad_is_noted():
    world = bare()
    put(world, 0, irregular=60.0)
    put(world, 1, irregular=20.0, papers=10.0, held=10.0)
    run(routes, world, given())
    assert world["origins"]["abroad"][0, 0] == pytest.approx(0.4)
    put(world, 0)
    put(world, 1)
    run(routes, world, given())
    assert world["origins"]["abroad"][0, 0] == 0.0, "of nobody, nobody is abroad"


@pytest.mark.parametrize("seed", range(40))
def test_nobody_is_made_or_lost(seed):
    world, params = bare(), (lively(), register().record()[0])[seed % 2]
    scatter(world, seed)
    before = everybody(world)
    for _ in range(180):
        run(routes, world, params)
        assert (persons(world) >= 0.0).all()
    assert everybody(world) == pytest.approx(before, rel=1e-9)


def test_nobody_is_lost_when_all_rates_are_at_their_most():
    world = bare()
    scatter(world, 3)
    before = everybody(world)
    rates = {"rate_move": 3.0, "rate_leave": 3.0, "rate_arrest": 3.0, "rate_release": 3.0, "share_arrested": 1.0}
    for _ in range(20):
        run(routes, world, given(**rates))
    assert everybody(world) == pytest.approx(before, rel=1e-9)
    assert (persons(world) >= 0.0).all()


def test_nobody_anywhere_is_no_fault():
    world = bare()
    world["origins"]["node"] = world["nodes"]["state"] = -1
    put(world, 1, irregular=5.0)
    run(routes, world, register().record()[0])
    assert persons(world)[1, IRREGULAR] == 5.0
