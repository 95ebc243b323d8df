"""The tables of law-enforcement cooperation: what is read, and every mistake named by file, line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from sim.world.cooperation import EXTRADITION, INTELLIGENCE, SENTENCED_PERSONS, THREE_EVILS
from sim.world.fields import NEVER, NOBODY
from sim.world.synthetic import synthetic_world
from tests.world.edited import Line, change, copied, insert, read, write


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return copied(tmp_path)


def any_row(row: Line) -> bool:
    return True


def of(column: str, text: str):
    return lambda row: row[column] == text


WRONG = [
    ("origins", any_row, "state", "CHX", "'CHX' is not known. Did you mean 'CHN'?"),
    ("origins", any_row, "node", "Western Chnia", "'Western Chnia' is not known. Did you mean 'Western China'?"),
    ("origins", any_row, "breadth", "2", "2 lies outside 0..1"),
    ("nodes", of("name", "Thailand"), "state", "TAH", "'TAH' is not known. Did you mean 'THA'?"),
    ("nodes", of("name", "Malaysia"), "issuer", "TRK", "'TRK' is not known."),
    ("nodes", of("name", "Turkey"), "haven", "1.5", "1.5 lies outside 0..1"),
    ("nodes", any_row, "persons", "Western China=-5", "a number of persons lies between 0 and 10 million."),
    ("nodes", any_row, "persons", "Western China=many", "'Western China=many': write Origin=1000."),
    ("nodes", any_row, "persons", "Eastern China=5", "'Eastern China' is not known. Did you mean 'Western China'?"),
    ("legs", any_row, "end", "Kazakstan", "'Kazakstan' is not known. Did you mean 'Kazakhstan'?"),
    ("legs", of("start", "Malaysia"), "end", "Malaysia", "a leg joins two nodes, not Malaysia and itself."),
    ("legs", any_row, "owner", "", "'' is not known."),
    ("legs", any_row, "cost", "-1", "-1 lies outside 0..100"),
    ("legs", any_row, "control", "1.1", "1.1 lies outside 0..1"),
    ("channels", of("state", "THA"), "third", "Turky", "'Turky' is not known. Did you mean 'Turkey'?"),
    ("channels", of("state", "THA"), "origin", "China", "'China' is not known."),
    ("channels", of("state", "THA"), "acceptance", "high", "'high' is not a number."),
    ("channels", of("state", "THA"), "state", "*", "*, Western China stands twice."),
    ("treaties", of("iso", "THA"), "partner", "THA", "an instrument binds two states, not THA and itself."),
    ("treaties", of("iso", "THA"), "in_force", "1990-01-01", "lies outside 1991-01-01"),
    ("treaties", of("iso", "THA"), "in_force", "1992-01-01", "1992-01-01 lies before the signature, 1993-08-26."),
    ("treaties", any_row, "kind", "extraditon", "'extraditon' is not known. Did you mean 'extradition'?"),
    ("institutions", any_row, "security_from", "2004", "'2004' is not a quarter; write it as 2020Q1."),
    ("states", any_row, "rights", "1.2", "1.2 lies outside 0..1"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case[0]}-{case[2]}-{case[3]}")
def test_a_wrong_cell_is_named_by_file_line_and_column(tables: Path, case: tuple) -> None:
    name, is_meant, column, text, says = case
    change(tables, name, is_meant, column, text)
    with pytest.raises(InputError) as caught:
        build_world(tables)
    message = str(caught.value)
    assert message.startswith(f"{name}.csv, line "), message
    assert f", column {column}: " in message
    assert says in message
    assert "\n" not in message


def test_a_leg_that_stands_twice_is_refused(tables: Path) -> None:
    insert(tables, "legs", 1, dict(read(tables, "legs")[0]))
    with pytest.raises(InputError, match=r"^legs\.csv, line 3, column end: the leg from .* stands twice\.$"):
        build_world(tables)


def test_a_state_without_row_needs_a_default(tables: Path) -> None:
    write(tables, "channels", [row for row in read(tables, "channels") if row["state"] != "*"])
    with pytest.raises(InputError, match=r"channels\.csv: there is no row .*,Western China and no default row \*,W"):
        build_world(tables)


def test_a_treaty_between_states_that_ask_for_nobody_is_refused(tables: Path) -> None:
    change(tables, "treaties", of("iso", "THA"), "partner", "MYS")
    with pytest.raises(InputError, match=r"treaties\.csv: neither THA nor MYS is the state of an origin\."):
        build_world(tables)


def test_every_other_state_has_a_channel_and_the_origins_own_has_none(world: World) -> None:
    channels = world.record["channels"][0]
    assert len(channels) == world.sizes.states - 1
    assert world.names.index("states", "CHN") not in channels["state"]
    dyads = world.record["dyads"][0][channels["dyad"]]
    assert (dyads["state"] == channels["state"]).all()
    assert (dyads["partner"] == world.names.index("states", "CHN")).all()
    assert (channels["signed"] == NEVER).all(), "nothing is signed as a run begins"


def test_the_record_of_instruments_is_read_to_the_quarter(world: World) -> None:
    channels = world.record["channels"][0]
    signed, in_force = channels["signed_on_record"], channels["in_force_on_record"]
    assert (signed < NEVER).sum(axis=0).tolist() == [36, 7, 8, 1]
    assert (in_force < NEVER).sum(axis=0).tolist() == [30, 7, 8, 1]
    thailand, turkey, malaysia, kazakhstan = (
        channels[world.pair("channels", f"{iso}>Western China")] for iso in ("THA", "TUR", "MYS", "KAZ")
    )
    assert thailand["signed_on_record"][EXTRADITION] == parse_quarter("1993Q3")
    assert thailand["in_force_on_record"][EXTRADITION] == parse_quarter("1999Q1")
    assert turkey["in_force_on_record"][EXTRADITION] == NEVER
    assert malaysia["signed_on_record"][INTELLIGENCE] == parse_quarter("2013Q4"), "no later than 2013: its end"
    assert kazakhstan["signed_on_record"][THREE_EVILS] == parse_quarter("2006Q3"), "2002 to 2010: the middle"
    agreement = kazakhstan["in_force_on_record"][SENTENCED_PERSONS]
    assert agreement == kazakhstan["signed_on_record"][SENTENCED_PERSONS], "no document says: with its signature"


def test_exits_belong_to_corridors_and_other_legs_to_none(world: World) -> None:
    legs, start = world.record["legs"][0], world.record["origins"]["node"][0, 0]
    assert ((legs["corridor"] != NOBODY) == (legs["start"] == start)).all()
    assert world.names.corridors == ("Central Asia", "Afghanistan and Pakistan", "South-East Asia")


def test_an_origin_and_a_state_more_are_rows_of_tables(tables: Path) -> None:
    insert(tables, "origins", 0, {"name": "Ruritania", "state": "KAZ", "node": "Kazakhstan"})
    default = next(row for row in read(tables, "channels") if row["state"] == "*")
    insert(tables, "channels", 0, {**default, "origin": "Ruritania"})
    made = build_world(tables)
    assert made.sizes.origins == 2
    assert made.sizes.channels == 2 * (made.sizes.states - 1)
    assert made.record["nodes"]["persons"].shape == (1, made.sizes.nodes, 2, 3)


def test_a_second_origin_in_one_state_is_refused(tables: Path) -> None:
    insert(tables, "origins", 0, {"name": "Ruritania", "state": "CHN", "node": "Kazakhstan"})
    says = r"^origins\.csv, line 3, column state: CHN has another origin already; a state has one at most\.$"
    with pytest.raises(InputError, match=says):
        build_world(tables)


def test_a_leg_between_neighbours_is_a_border_and_others_are_none(world: World) -> None:
    legs = world.record["legs"][0]
    for leg, is_border in (("Turkey>Syria", 1), ("Western China>Kazakhstan", 1), ("Thailand>Turkey", 0)):
        assert legs["is_border"][world.pair("legs", leg)] == is_border


@pytest.mark.parametrize("states", [2, 6, 80])
def test_synthetic_worlds_have_channels_that_point_into_them(states: int) -> None:
    made = synthetic_world(states, 5)
    record = made.record[0]
    for table, pointer in (("nodes", "state"), ("legs", "owner"), ("channels", "state"), ("origins", "state")):
        assert ((record[table][pointer] >= 0) & (record[table][pointer] < states)).all(), (table, pointer)
    assert (record["dyads"]["state"][record["channels"]["dyad"]] == record["channels"]["state"]).all()
    assert len(np.unique(record["channels"]["id"])) == states - 1


def test_a_channel_of_the_state_that_asks_is_refused(tables: Path) -> None:
    change(tables, "channels", of("state", "THA"), "state", "CHN")
    with pytest.raises(InputError, match=r"^channels\.csv, line \d+, column state: Western China lies in CHN"):
        build_world(tables)
