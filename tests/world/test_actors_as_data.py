"""A state, a firm and a group are rows of tables: those of `docs/add-an-actor.md`, put into a copy of the default."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.ensemble.observed import observations_of
from sim.errors import InputError
from sim.numerics.draws import NO_ID, moment, stream, uniform
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import World, build_world
from sim.world.invariants import violations
from tests.world.edited import Line, copied, insert, read, write
from tests.world.interpreted import LAST, walked

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "add-an-actor.md").read_text(encoding="utf-8")
KEYS = {"states": "iso", "firms": "name", "groups": "name"}
PLACES = {"states": 10, "firms": 5, "groups": 6}
"""Where the rows are put in: in the middle, so that all that stand below move."""
OPTIONAL = {
    "states": {"region", "source"},
    "firms": {"sectors", "default_entry", "source"},
    "groups": {"theatre", "state", "patron", "protector", "sponsor", "target", "source"},
}
"""Columns that the page says may be empty."""
NEW = {"states": "GEO", "firms": "Example vendor", "groups": "Example group"}


def rows_of_page() -> dict[str, tuple[str, Line]]:
    """Return for each table the row that the page takes a copy of, and what it changes."""
    found = {}
    for table, like, cells in re.findall(r"```text\n(\w+)\.csv, like (.*)\n((?:\w+: .*\n)+)```", PAGE):
        found[table] = (like, dict(line.split(": ", 1) for line in cells.splitlines()))
    return found


def added(tables: Path, table: str, **changes: str) -> None:
    """Put the page's row into a table, with further changes."""
    like, cells = rows_of_page()[table]
    model = next(row for row in read(tables, table) if row[KEYS[table]] == like)
    insert(tables, table, PLACES[table], {**model, **cells, **changes})


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture(scope="module")
def default() -> World:
    return build_world()


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> World:
    tables = copied(tmp_path_factory.mktemp("larger"))
    for table in KEYS:
        added(tables, table)
    return build_world(tables)


def test_the_page_gives_a_row_for_each_kind_of_actor() -> None:
    assert {table: cells[KEYS[table]] for table, (_, cells) in rows_of_page().items()} == NEW


def test_one_row_each_is_enough(default: World, larger: World) -> None:
    for table, name in NEW.items():
        before, after = getattr(default.names, table), getattr(larger.names, table)
        assert after == (*before[: PLACES[table]], name, *before[PLACES[table] :])
    assert larger.names.label("GEO") == "Georgia"
    assert "Example group" in larger.names.holders
    assert "Example group" in larger.names.patrons


def test_a_reported_state_has_the_outcomes_of_the_reported_states(default: World, larger: World) -> None:
    before, after = (set(observations_of(world, ()).outcome_names) for world in (default, larger))
    assert "dependence_china.GEO" in after - before
    assert before <= after


def test_all_others_keep_their_ids(default: World, larger: World) -> None:
    n_tables = 0
    for table in default.record.dtype.names:
        if "id" in (default.record[table].dtype.names or ()):
            before, after = (set(np.ravel(world.record[table]["id"]).tolist()) for world in (default, larger))
            assert before <= after, table
            n_tables += 1
    assert n_tables > 10


def test_all_others_keep_their_draws(default: World, larger: World) -> None:
    """The luck of Rostec in a tender of Uzbekistan: both stand in another row of the larger world."""

    def luck(world: World) -> float:
        state, firm = world.names.states.index("UZB"), world.names.firms.index("Rostec")
        ids = (world.record["states"]["id"][0, state], world.record["firms"]["id"][0, firm])
        return uniform(moment(np.uint64(1), 80, stream("technology/tenders/options")), *ids, NO_ID)

    assert luck(default) == luck(larger)


@pytest.mark.parametrize("history", ["replay", "free"])
def test_it_goes_on_stage(larger: World, history: str) -> None:
    staged = stage(larger, load_scenario("baseline"), history, 0, LAST)
    assert staged.record["injects"]["kind"].any()


@pytest.fixture(scope="module")
def after(default: World, larger: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    """Return the records of both worlds after some quarters from 2013Q1 on, on the same dice."""
    folder = tmp_path_factory.mktemp("after")
    return tuple(walked(world, "2013Q1", 6, folder / name) for name, world in (("a", default), ("b", larger)))


def test_the_larger_world_runs_and_the_new_take_part(larger: World, after: tuple[np.ndarray, np.ndarray]) -> None:
    world, names = after[1][0], larger.names
    assert violations(after[1], names) == []
    state = world["states"][names.states.index("GEO")]
    assert state["supply"].sum() > 0.0, "something foreign is installed there"
    assert state["dependence"].sum() > 0.0
    firm = names.firms.index("Example vendor")
    sold = (world["sectors"]["seller"] == firm)[None] & (world["cells"]["share"] > 0.0)
    assert sold.any(), "somebody bought from the firm"
    group = world["groups"][names.groups.index("Example group")]
    assert group["cum_recruited"] > 0.0
    assert group["hazard"] > 0.0


def test_what_follows_from_draws_alone_is_as_it_was(
    default: World, larger: World, after: tuple[np.ndarray, np.ndarray]
) -> None:
    """How large groups may become and by how much reports of them err is drawn, group by group."""
    rows = [larger.names.groups.index(name) for name in default.names.groups]
    before, later = (record["groups"][0] for record in after)
    for drawn in ("ceiling", "noise"):
        assert before[drawn].tobytes() == later[drawn][rows].tobytes()
        assert (before[drawn] != default.record["groups"][0][drawn]).any(), "nothing was drawn"
    assert (before["other"] != later["other"][rows]).any(), "the new group takes nobody from the others"


def refusal(tables: Path) -> str:
    """Return what is said against a folder of tables; empty where nothing is."""
    try:
        build_world(tables)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("table", KEYS)
def test_every_cell_is_filled_or_said_to_be_optional(tables: Path, table: str) -> None:
    original = (tables / f"{table}.csv").read_bytes()
    for column in read(tables, table)[0]:
        added(tables, table, **{column: ""})
        says = refusal(tables)
        assert (not says) == (column in OPTIONAL[table]), f"{column}: {says}"
        assert not says or says.startswith(f"{table}.csv, line {PLACES[table] + 2}, column {column}: "), says
        (tables / f"{table}.csv").write_bytes(original)


def with_home(tables: Path) -> None:
    insert(tables, "homes", 0, {"iso": "TUR"})
    added(tables, "firms", home="TUR")


def with_share(tables: Path) -> None:
    added(tables, "firms")
    shares = {"iso": "KGZ", "sector": "cloud", "penetration": "0.1", "shares": "Example vendor=1"}
    insert(tables, "bases", 0, shares)


def semicolons(tables: Path) -> None:
    file = tables / "states.csv"
    file.write_text(file.read_text("utf-8").replace(",", ";"), "utf-8")


def twice(tables: Path) -> None:
    write(tables, "bases", [*(rows := read(tables, "bases")), next(row for row in rows if row["iso"] == "KAZ")])


REFUSED: dict[str, Callable[[Path], None]] = {
    r"states\.csv, line 12, column purse: is empty; write a number of 0\.\.60": lambda t: added(t, "states", purse=""),
    r"column home: 'TUR' is not known\. .*needs a row in homes\.csv": lambda t: added(t, "firms", home="TUR"),
    r"column iso: 'georgia' is no code of ISO 3166-1": lambda t: added(t, "states", iso="georgia"),
    r"column iso: stands twice": lambda t: added(t, "states", iso="KAZ"),
    r"bases\.csv, line \d+, column sector: KAZ, networks stands twice": twice,
    r"dyads\.csv: there is no row KAZ,TUR and no default row \*,TUR; write one of them": with_home,
    r"bases\.csv, line 2, column shares: Example vendor does not sell in cloud": with_share,
    r"column default_entry: 2002Q1 lies before the firm is founded": lambda t: added(
        t, "firms", default_entry="2002Q1"
    ),
    r"column state: it lies in no theatre": lambda t: added(t, "groups", theatre="", state=""),
    r"column patron: Islamic State enters later than Example group is tied to it": lambda t: added(
        t, "groups", founded="2010Q1", enters="2010Q1", protector="", patron="Islamic State"
    ),
    r"column pools: the shares of the areas sum to 0\.5, not to one": lambda t: added(
        t, "groups", pools="Central Asia=0.5"
    ),
    r"pools\.csv, line 3, column persons: 8000 are fewer than the first members of groups": lambda t: added(
        t, "groups", size="9000", size_high="20000"
    ),
    r"column 'iso' is missing\. The cells are divided by semicolons": semicolons,
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_is_missing_or_wrong_is_named(tables: Path, says: str) -> None:
    REFUSED[says](tables)
    with pytest.raises(InputError, match=says):
        build_world(tables)
