"""Synthetic worlds: of any size, sound, drawn from the default world, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import InputError
from sim.numerics.draws import stable_id
from sim.world.build import World, build_world
from sim.world.fields import NEVER, NOBODY
from sim.world.invariants import violations
from sim.world.synthetic import synthetic_world

SIZES = [(2, 1), (5, 3), (7, 30), (8, 6), (50, 30), (400, 200)]


@pytest.fixture(scope="module")
def default() -> World:
    return build_world()


@pytest.mark.parametrize(("states", "firms"), SIZES)
def test_a_world_of_any_size_is_sound(default: World, states: int, firms: int) -> None:
    world = synthetic_world(states, firms)
    record = world.record[0]
    assert (
        (world.sizes.states, world.sizes.firms) == (states, firms) == (len(world.names.states), len(world.names.firms))
    )
    assert violations(world.record, world.names) == []
    assert world.names.homes == default.names.homes[: min(states, len(default.names.homes))]
    assert world.names.states[: len(world.names.homes)] == world.names.homes, "states that are homes come first"
    assert world.sizes.slots == max(1, record["sectors"]["n_sellers"].max())
    assert world.sizes.dyads == states * world.sizes.homes - world.sizes.homes
    assert record["firms"]["service"].sum(axis=0).max() <= 1.0 + 1e-9
    for table in ("states", "firms", "dyads"):
        assert len(np.unique(record[table]["id"])) == len(record[table])
    for name in (*world.names.states, *world.names.firms):
        assert world.names.label(name)


@pytest.mark.parametrize(("states", "firms"), SIZES)
def test_every_index_points_where_it_should(states: int, firms: int) -> None:
    world = synthetic_world(states, firms, seed=5)
    record, names = world.record[0], world.names
    assert [names.states[s] for s in record["homes"]["state"]] == list(names.homes)
    assert [iso for iso, focus in zip(names.states, record["states"]["is_focus"], strict=True) if focus] == list(
        names.reported
    )
    for place, dyad in enumerate(record["dyads"]):
        client, partner = names.states[dyad["state"]], names.states[dyad["partner"]]
        assert partner == names.homes[dyad["home"]]
        assert dyad["id"] == stable_id(f"dyad:{client}>{partner}")
        assert record["states"]["supplier_dyad"][dyad["state"], dyad["home"]] == place
    for sector in record["sectors"]:
        sellers = sector["seller"][: sector["n_sellers"]]
        assert len(set(sellers)) == len(sellers)
        assert (sector["seller_home"][: sector["n_sellers"]] == record["firms"]["home"][sellers]).all()
        assert (sector["seller"][sector["n_sellers"] :] == NOBODY).all()


def test_every_actor_is_like_one_of_the_default_world(default: World) -> None:
    world = synthetic_world(60, 45, seed=3)
    here, there = world.record[0], default.record[0]
    for s, name in enumerate(world.names.states):
        label = world.names.label(name)
        original = (
            default.names.states.index(name)
            if name in default.names.states
            else next(
                i for i, iso in enumerate(default.names.states) if label.endswith(f"like {default.names.label(iso)}")
            )
        )
        for field in ("ambition", "economy_class", "hedging_base", "is_focus"):
            assert here["states"][field][s] == there["states"][field][original]
        assert (here["institutions"]["joins"][:, s] == there["institutions"]["joins"][:, original]).all()
        assert (here["institutions"]["zeal"][:, s] == there["institutions"]["zeal"][:, original]).all()
        for h in range(world.sizes.homes):
            d, twin = here["states"]["supplier_dyad"][s, h], there["states"]["supplier_dyad"][original, h]
            assert (d == NOBODY) == (twin == NOBODY)
            if d != NOBODY:
                assert here["dyads"]["trust"][d] == there["dyads"]["trust"][twin]
    for f, name in enumerate(world.names.firms):
        original = default.names.firms.index(world.names.label(name).partition("like ")[2])
        assert here["firms"]["price"][f] == there["firms"]["price"][original]
        assert here["firms"]["home"][f] == there["firms"]["home"][original]
        assert here["firms"]["founded"][f] == there["firms"]["founded"][original]
        assert here["firms"]["is_operator"][f] == there["firms"]["is_operator"][original]
        sells = [[row in sector["seller"] for sector in w["sectors"]] for row, w in ((f, here), (original, there))]
        assert sells[0] == sells[1]


def test_rows_are_drawn_evenly(default: World) -> None:
    world = synthetic_world(200, 100)
    labels = [world.names.label(name) for name in world.names.firms]
    counts = np.unique([label.partition("like ")[2] for label in labels], return_counts=True)[1]
    assert len(counts) == default.sizes.firms
    assert counts.max() - counts.min() <= 1


def test_bases_pass_to_the_drawn_sellers(default: World) -> None:
    """With every firm drawn twice, all bases of the default world are there, parted equally between twins."""
    world = synthetic_world(300, 2 * default.sizes.firms)
    here, there = world.record[0], default.record[0]
    s = world.names.index("states", "USA")
    twin = default.names.index("states", "USA")
    assert there["cells"]["penetration"][twin].max() > 0.0
    assert (here["cells"]["penetration"][s] == there["cells"]["penetration"][twin]).all()
    assert here["states"]["supply"][s] == pytest.approx(there["states"]["supply"][twin])
    for k in range(world.sizes.sectors):
        assert sorted(here["cells"]["share"][s, k])[-1] == pytest.approx(there["cells"]["share"][twin, k].max() / 2)


def test_dates_of_entry_pass_on(default: World) -> None:
    world = synthetic_world(50, 30)
    dates = set(np.unique(default.record["firms"]["entry"]))
    assert set(np.unique(world.record["firms"]["entry"])) <= dates
    assert (world.record["firms"]["entry"] < NEVER).any()


def test_the_seed_decides(default: World) -> None:
    assert synthetic_world(20, 12, seed=4).record.tobytes() == synthetic_world(20, 12, seed=4).record.tobytes()
    assert synthetic_world(20, 12, seed=4).record.tobytes() != synthetic_world(20, 12, seed=5).record.tobytes()
    assert synthetic_world(20, 12, seed=4).names != synthetic_world(20, 12, seed=5).names


def test_drawn_actors_have_the_same_ids_in_worlds_of_any_size() -> None:
    small, large = synthetic_world(8, 6), synthetic_world(80, 60)
    assert small.record["states"]["id"][0].tolist() == large.record["states"]["id"][0, :8].tolist()
    assert small.record["firms"]["id"][0].tolist() == large.record["firms"]["id"][0, :6].tolist()


@pytest.mark.parametrize(
    ("states", "firms", "seed", "says"),
    [
        (1, 5, 1, "needs 2 states"),
        (0, 0, 1, "needs 2 states"),
        (8, 0, 1, "1 firm"),
        (-3, 5, 1, "-3"),
        (8, 6, -1, "seed"),
        (8, 5000, 1, "5000 firms are too many: .* at most 64 can"),
    ],
)
def test_impossible_sizes_are_refused(states: int, firms: int, seed: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        synthetic_world(states, firms, seed)
