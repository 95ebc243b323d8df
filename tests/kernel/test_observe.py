"""What is kept of a run, each way against NumPy over a reference that steps quarter by quarter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import InputError
from sim.kernel.observe import Observations, read_outcomes
from sim.locations import TABLES
from sim.world.build import World
from sim.world.calendar import format_quarter, year_of
from tests.kernel.runs import run, walked

N, FIRST, REPLICATION = 150, 60, 2
"""Quarters run, first quarter reported, and the replication looked at."""

CHN = "states[KAZ].dependence[CHN]"


@pytest.fixture(scope="module")
def reported(world: World) -> World:
    """Return the busy world, reported from quarter `FIRST`."""
    record = world.record.copy()
    record["clock"]["first_reported"] = FIRST
    return world.with_record(record)


@pytest.fixture(scope="module")
def path(reported: World, params: np.ndarray) -> np.ndarray:
    """Return the worlds (quarters reported,) of the reference."""
    return walked(reported, params, REPLICATION, N)[FIRST:]


def outcome(world: World, params: np.ndarray, of: str, how: str) -> np.ndarray:
    """Return what is kept (outcomes,) of an address in one way."""
    entry = {"of": of, "how": how, "unit": "0-1", "meaning": "tested"}
    observed = Observations.of(world, {"tested": entry}, [])
    return run(world, params, [REPLICATION], observations=observed, n_quarters=N).outcomes[0]


def first_year(above: np.ndarray) -> float:
    return year_of(FIRST + int(above.argmax())) if above.any() else math.nan


@pytest.fixture(scope="module")
def dependence(reported: World, path: np.ndarray) -> np.ndarray:
    """Return the reference of `CHN` (quarters reported,)."""
    kaz, chn = reported.names.index("states", "KAZ"), reported.names.index("homes", "CHN")
    found = path["states"]["dependence"][:, kaz, chn]
    assert len(np.unique(found)) > 20, "the number looked at has to move"
    return found


def test_trajectories_equal_the_fields_quarter_by_quarter(
    reported: World, params: np.ndarray, path: np.ndarray
) -> None:
    names = reported.names
    texts = ["states[**].purse", "states[**].dependence[RUS]", "cells[**,devices].share[Xiaomi]", "politics.tension",
             "homes[CHN].industry", "firms[Huawei].sanction", "firms[Huawei].ban[UKR]", "dyads[UKR>RUS].trust",
             "institutions[SCO].level[digital]", "measures.market[CHN]", "sectors[cloud].renewal"]  # fmt: skip
    observed = Observations.of(reported, {}, texts)
    found = run(reported, params, [REPLICATION], observations=observed, n_quarters=N).trajectories[0]
    assert found.shape == (N - FIRST, 3 * reported.sizes.states + 8)
    xiaomi, devices = names.index("firms", "Xiaomi"), names.index("sectors", "devices")
    slot = list(reported.record["sectors"]["seller"][0, devices]).index(xiaomi)
    chn, rus = names.index("homes", "CHN"), names.index("homes", "RUS")
    huawei, ukr = names.index("firms", "Huawei"), names.index("states", "UKR")
    single = [
        path["politics"]["tension"], path["homes"]["industry"][:, chn], path["firms"]["sanction"][:, huawei],
        path["firms"]["ban"][:, huawei, ukr], path["dyads"]["trust"][:, reported.dyad("UKR", "RUS")],
        path["institutions"]["level"][:, names.index("institutions", "SCO"), names.index("domains", "digital")],
        path["measures"]["market"][:, chn], path["sectors"]["renewal"][:, names.index("sectors", "cloud")],
    ]  # fmt: skip
    expected = np.column_stack([
        path["states"]["purse"], path["states"]["dependence"][:, :, rus], path["cells"]["share"][:, :, devices, slot],
        *single,
    ])  # fmt: skip
    assert (found == expected.astype(np.float32)).all()


def test_end_mean_total_and_most(reported: World, params: np.ndarray, dependence: np.ndarray) -> None:
    assert outcome(reported, params, CHN, "end") == [dependence[-1]]
    assert outcome(reported, params, CHN, "most") == [dependence.max()]
    assert outcome(reported, params, CHN, "mean") == pytest.approx([dependence.mean()], rel=1e-12)
    assert outcome(reported, params, CHN, "total") == pytest.approx([dependence.sum()], rel=1e-12)


def test_most_of_what_is_negative(reported: World, params: np.ndarray, path: np.ndarray) -> None:
    shift = path["homes"]["price_shift"][:, 0]
    assert outcome(reported, params, f"homes[{reported.names.homes[0]}].price_shift", "most") == [shift.max()]


@pytest.mark.parametrize("quarter", [FIRST, FIRST + 37, N - 1])
def test_at_a_quarter(reported: World, params: np.ndarray, dependence: np.ndarray, quarter: int) -> None:
    assert outcome(reported, params, CHN, f"at {format_quarter(quarter)}") == [dependence[quarter - FIRST]]


@pytest.mark.parametrize("quarter", [FIRST - 1, N])
def test_at_a_quarter_that_is_not_reported_there_is_nothing(reported: World, params: np.ndarray, quarter: int) -> None:
    assert np.isnan(outcome(reported, params, CHN, f"at {format_quarter(quarter)}")).all()


def test_first_above_a_number(reported: World, params: np.ndarray, dependence: np.ndarray) -> None:
    levels = [-1.0, *np.quantile(dependence, [0.1, 0.5, 0.9]), dependence.max(), 2.0]
    for level in levels:
        found = outcome(reported, params, CHN, f"first above {level!r}".replace("np.float64(", "").replace(")", ""))
        assert np.array_equal(found, [first_year(dependence > level)], equal_nan=True)


def test_first_above_another_number(reported: World, params: np.ndarray, path: np.ndarray) -> None:
    names = reported.names
    rows = [names.index("states", iso) for iso in names.reported]
    of = path["states"]["dependence"][:, rows, names.index("homes", "CHN")]
    for home in ("RUS", "USA"):
        other = path["states"]["dependence"][:, rows, names.index("homes", home)]
        expected = [first_year(of[:, i] > other[:, i]) for i in range(len(rows))]
        found = outcome(reported, params, "states[*].dependence[CHN]", f"first above states[*].dependence[{home}]")
        assert np.array_equal(found, expected, equal_nan=True)
    single = path["states"]["local_capacity"][:, rows[0]]
    expected = [first_year(of[:, i] > single) for i in range(len(rows))]
    found = outcome(
        reported, params, "states[*].dependence[CHN]", f"first above states[{names.reported[0]}].local_capacity"
    )
    assert np.array_equal(found, expected, equal_nan=True)


def test_the_window_of_report_changes_what_counts_and_not_what_happens(
    world: World, reported: World, params: np.ndarray, dependence: np.ndarray
) -> None:
    assert outcome(world, params, CHN, "end") == outcome(reported, params, CHN, "end")
    assert outcome(world, params, CHN, "total") > outcome(reported, params, CHN, "total")
    observed = Observations.of(world, {}, [CHN])
    whole = run(world, params, [REPLICATION], observations=observed, n_quarters=N).trajectories
    part = run(reported, params, [REPLICATION], observations=observed, n_quarters=N).trajectories
    assert whole.shape == (1, N, 1)
    assert part.tobytes() == whole[:, FIRST:].tobytes()


def test_what_is_observed_changes_no_run(world: World, params: np.ndarray) -> None:
    one = Observations.of(world, {}, [CHN])
    many = Observations.of(world, read_outcomes(TABLES / "outcomes.yaml"), [CHN, "states[**].purse"])
    found = [run(world, params, [0], observations=o, n_quarters=60).trajectories[0, :, 0] for o in (one, many)]
    assert found[0].tobytes() == found[1].tobytes()


def test_an_integer_is_read_right_or_refused(reported: World, params: np.ndarray, path: np.ndarray) -> None:
    """The flat vector shows integers as their bits: a number read from them would be nonsense."""
    try:
        observed = Observations.of(reported, {}, ["firms[Huawei].home", "clock.quarter"])
    except InputError:
        return
    found = run(reported, params, [REPLICATION], observations=observed, n_quarters=N).trajectories[0]
    assert found[:, 1].tolist() == list(range(FIRST, N))


def test_the_declared_outcomes_of_the_default_world_can_all_be_read(world: World) -> None:
    declared = read_outcomes(TABLES / "outcomes.yaml")
    observed = Observations.of(world, declared, ["states[*].dependence[CHN]", "states[KAZ].dependence[CHN]"])
    assert len(set(observed.outcome_names)) == len(observed.outcome_names) == len(observed.probes)
    assert {name.partition(".")[0] for name in observed.outcome_names} == set(declared)
    assert len(observed.trajectory_names) == len(world.names.reported), "an address that is named twice is kept once"
    assert all(entry.unit and entry.meaning for entry in observed.outcomes)


GOOD = {"of": CHN, "how": "end", "unit": "0-1", "meaning": "tested"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"how": "last"}, r"outcomes\.yaml: tested: how is 'last'; write end, mean"),
        ({"how": "at 2020"}, "'2020' is not a quarter"),
        ({"how": "at 1980Q1"}, "1980Q1 lies before"),
        ({"how": "first above states[KAZ].dependance[CHN]"}, r"no field 'dependance'.* Did you mean 'dependence'\?"),
        ({"how": "first above much"}, "'much' is no address"),
        ({"of": "states[KAZ].dependance[CHN]"}, r"no field 'dependance'.* Did you mean 'dependence'\?"),
        ({"of": "states[**].purse", "how": "first above states[*].purse"}, "tested|states"),
        ({"units": "0-1"}, r"outcomes\.yaml: tested: unknown key 'units'"),
    ],
)
def test_a_wrong_outcome_is_refused(world: World, change: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Observations.of(world, {"tested": GOOD | change}, [])


@pytest.mark.parametrize("key", sorted(GOOD))
def test_an_outcome_without_a_key_is_refused(world: World, key: str) -> None:
    with pytest.raises(InputError, match=rf"outcomes\.yaml: tested: {key} is missing"):
        Observations.of(world, {"tested": {k: v for k, v in GOOD.items() if k != key}}, [])


def test_a_trajectory_that_names_nothing_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="'KAZZ' is none of the states"):
        Observations.of(world, {}, ["states[KAZZ].purse"])
