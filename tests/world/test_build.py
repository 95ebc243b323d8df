"""From tables to a world: what is read, by name and not by row; and every mistake named by file, line and column."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.numerics.draws import stable_id
from sim.world.build import World, build_world
from sim.world.calendar import parse_quarter
from sim.world.fields import ID, NEVER, NOBODY
from sim.world.records import TABLES
from sim.world.surveillance import MODELS
from tests.world.edited import Line, change, copied, insert, read, write


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return copied(tmp_path)


def any_row(row: Line) -> bool:
    return True


def with_shares(row: Line) -> bool:
    return bool(row["shares"])


def of_huawei(row: Line) -> bool:
    return row.get("firm", row.get("name")) == "Huawei"


TAMPERED = [
    ("firms", of_huawei, "home", "", "Huawei has no home."),
    ("firms", of_huawei, "home", "CHM", "'CHM' is not known. Did you mean 'CHN'?"),
    ("firms", of_huawei, "sectors", "networks;clouds", "'clouds' is not known. Did you mean 'cloud'?"),
    ("firms", of_huawei, "price", "cheap", "'cheap' is not a number."),
    ("firms", of_huawei, "price", "0", "0 lies outside 0.1..2"),
    ("firms", of_huawei, "quality", "1.2", "1.2 lies outside 0..1"),
    ("firms", of_huawei, "default_entry", "2001", "'2001' is not a quarter; write it as 2020Q1."),
    ("firms", of_huawei, "founded", "1987", "'1987' is not a quarter"),
    ("firms", of_huawei, "founded", "", "is empty; write a quarter such as 1998Q1."),
    ("firms", of_huawei, "founded", "1987Q1", "1987Q1 lies before the model's first quarter, 1991Q1."),
    ("firms", of_huawei, "name", "", "is empty."),
    ("firms", of_huawei, "name", "ZTE", "stands twice."),
    ("states", any_row, "ambition", "-0.1", "-0.1 lies outside 0..1"),
    ("states", any_row, "ambition", "nan", "nan lies outside 0..1"),
    ("states", any_row, "purse", "", "is empty; write a number of "),
    ("states", any_row, "iso", "kazakhstan", "write three capital letters such as KAZ."),
    ("states", any_row, "name", "", "is empty; write the name that readers see."),
    ("states", any_row, "population_class", "6", "6 lies outside 1..5"),
    ("states", any_row, "reported", "maybe", "'maybe' is not known."),
    ("states", any_row, "iso", "", "is empty."),
    ("homes", any_row, "iso", "CHM", "Whoever is named here needs a row in states.csv."),
    ("homes", any_row, "subsidy", "2", "2 lies outside 0..1"),
    ("homes", any_row, "motive", "-0.2", "-0.2 lies outside 0..1"),
    ("homes", any_row, "model", "technic", "'technic' is not known. Did you mean 'technical'?"),
    ("states", any_row, "civil_society", "1.1", "1.1 lies outside 0..1"),
    ("sectors", any_row, "visibility", "seen", "'seen' is not a number."),
    ("sectors", any_row, "model", "leagl", "'leagl' is not known. Did you mean 'legal'?"),
    ("sectors", any_row, "renewal", "2", "2 lies outside 4..80"),
    ("sectors", any_row, "by_law", "1.1", "1.1 lies outside 0..1"),
    ("sectors", any_row, "watches", "yes", "'yes' is not a number."),
    ("sectors", any_row, "lower", "netwrks", "'netwrks' is not known. Did you mean 'networks'?"),
    ("sectors", any_row, "tendered", "1", "'1' is not known."),
    ("sectors", any_row, "opens", "soon", "'soon' is not a quarter"),
    ("bases", with_shares, "shares", "Huawei=0.5;ZTE=0.4", "the shares sum to 0.9, not to 1."),
    ("bases", with_shares, "shares", "", "penetration is above 0, but nobody has a share."),
    ("bases", with_shares, "shares", "Huawei=most", "'Huawei=most': write Firm=0.5."),
    ("bases", with_shares, "shares", "Huawey=1", "'Huawey' is not known. Did you mean 'Huawei'?"),
    ("bases", with_shares, "shares", "Xiaomi=1", "Xiaomi does not sell in "),
    ("bases", with_shares, "sector", "network", "'network' is not known. Did you mean 'networks'?"),
    ("bases", with_shares, "iso", "XXX", "'XXX' is not known."),
    ("bases", with_shares, "penetration", "1.5", "1.5 lies outside 0..1"),
    ("bases", any_row, "penetration", "some", "'some' is not a number."),
    ("bases", any_row, "age", "-1", "-1 lies outside 0..1000"),
    ("entries", of_huawei, "entry", "1998Q5", "'1998Q5' is not a quarter"),
    ("entries", of_huawei, "entry", "1989Q1", "1989Q1 lies before the model's first quarter, 1991Q1."),
    ("entries", of_huawei, "firm", "Huwei", "'Huwei' is not known. Did you mean 'Huawei'?"),
    ("programmes", of_huawei, "from", "2016", "'2016' is not a quarter"),
    ("operators", any_row, "firm", "Bee line", "'Bee line' is not known. Did you mean 'Beeline'?"),
    ("operators", any_row, "iso", "KASACHSTAN", "'KASACHSTAN' is not known."),
    ("operators", any_row, "service", "1.4", "1.4 lies outside 0..1"),
    ("projects", any_row, "firm", "CEFK", "'CEFK' is not known. Did you mean 'CEFC'?"),
    ("projects", lambda row: row["iso"] == "CZE", "iso", "CZ", "'CZ' is not known."),
    ("projects", any_row, "presence", "much", "'much' is not a number."),
    ("dyads", any_row, "law", "2", "2 lies outside 0..1"),
    ("dyads", any_row, "trust", "1.1", "1.1 lies outside 0..1"),
    ("dyads", lambda row: row["iso"] != "*", "iso", "KASACHSTAN", "'KASACHSTAN' is not known."),
    ("members", any_row, "joins", "2001", "'2001' is not a quarter"),
    ("members", any_row, "institution", "SCOO", "'SCOO' is not known. Did you mean 'SCO'?"),
    ("members", any_row, "veto", "", "'' is not known. Write yes or no."),
    ("domains", any_row, "domain", "trades", "'trades' is not known. Did you mean 'trade'?"),
    ("domains", any_row, "benefit", "x", "'x' is not a number."),
    ("proposers", any_row, "zeal", "2", "2 lies outside 0..1"),
    ("groups", any_row, "theatre", "Idleb", "'Idleb' is not known. Did you mean 'Idlib'?"),
]


@pytest.mark.parametrize("case", TAMPERED, ids=lambda case: f"{case[0]}-{case[2]}-{case[3]}")
def test_a_wrong_cell_is_named_by_file_line_and_column(tables: Path, case: tuple) -> None:
    name, is_meant, column, text, says = case
    line = change(tables, name, is_meant, column, text)
    if says == "stands twice.":
        line = 2 + next(i for i, row in reversed(list(enumerate(read(tables, name)))) if row[column] == text)
    with pytest.raises(InputError) as caught:
        build_world(tables)
    message = str(caught.value)
    assert message.startswith(f"{name}.csv, line {line}, column {column}: "), message
    assert says in message
    assert "\n" not in message


def test_a_state_that_stands_twice_is_refused(tables: Path) -> None:
    insert(tables, "states", 3, {"name": "Another Kazakhstan", "iso": "KAZ"})
    with pytest.raises(InputError, match=r"^states\.csv, line 5, column iso: stands twice\.$"):
        build_world(tables)


@pytest.mark.parametrize(("name", "column"), [("states", "hedging"), ("firms", "sectors"), ("dyads", "interest")])
def test_a_missing_column_is_named_with_its_nearest_spelling(tables: Path, name: str, column: str) -> None:
    rows = read(tables, name)
    write(tables, name, [{(k if k != column else k + "s"): v for k, v in row.items()} for row in rows])
    with pytest.raises(InputError, match=rf"{name}\.csv: column '{column}' is missing. Did you mean '{column}s'\?"):
        build_world(tables)


@pytest.mark.parametrize("wrong", ["KAZ", "x," * 60])
def test_a_ragged_row_is_named(tables: Path, wrong: str) -> None:
    path = tables / "states.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[7] = wrong
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"^states\.csv, line 8: the row has another number of cells"):
        build_world(tables)


def test_a_missing_table_is_named(tables: Path) -> None:
    (tables / "proposers.csv").unlink()
    with pytest.raises(InputError, match=r"proposers\.csv: this table of the world is missing"):
        build_world(tables)


def test_a_table_in_another_encoding_is_refused(tables: Path) -> None:
    path = tables / "states.csv"
    path.write_bytes(
        path.read_text(encoding="utf-8").replace("Kazakhstan", "Kasachstan ü").encode("latin-1", "replace")
    )
    with pytest.raises(InputError, match=r"states\.csv"):
        build_world(tables)


def test_a_table_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(tables: Path, world: World) -> None:
    path = tables / "states.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert (build_world(tables).record == world.record).all()


def test_a_home_without_default_dyad_is_named(tables: Path) -> None:
    write(tables, "dyads", [row for row in read(tables, "dyads") if (row["iso"], row["partner"]) != ("*", "KOR")])
    with pytest.raises(InputError, match=r"dyads\.csv: there is no row \w+,KOR and no default row \*,KOR"):
        build_world(tables)


def test_a_member_that_leaves_before_it_joins_is_refused(tables: Path) -> None:
    change(tables, "members", lambda row: row["joins"] > "2000Q1", "leaves", "1995Q1")
    with pytest.raises(InputError, match="a member leaves before it joins"):
        build_world(tables)


def test_service_of_more_than_the_whole_of_a_state_is_refused(tables: Path) -> None:
    change(tables, "operators", lambda row: row["firm"] == "Kazakhtelecom", "service", "0.7")
    with pytest.raises(InputError, match=r"^operators\.csv: the shares of service in KAZ exceed one\.$"):
        build_world(tables)
    change(tables, "operators", lambda row: row["firm"] == "Kazakhtelecom", "service", "0.6")
    assert build_world(tables).record["firms"]["service"][0].sum(axis=0).max() == pytest.approx(1.0)


def test_a_firm_that_enters_before_it_is_founded_is_refused(tables: Path) -> None:
    change(tables, "firms", lambda row: row["name"] == "Xiaomi", "founded", "2014Q2")
    with pytest.raises(
        InputError,
        match=r"firms\.csv, line \d+, column default_entry: 2014Q1 lies before the firm is founded, see firms\.csv\.$",
    ):
        build_world(tables)
    change(tables, "firms", lambda row: row["name"] == "Xiaomi", "founded", "2010Q2")
    build_world(tables)
    change(tables, "firms", of_huawei, "founded", "1998Q2")
    with pytest.raises(InputError, match=r"entries\.csv, line \d+, column entry: 1991Q1 lies before"):
        build_world(tables)


def test_names_stand_in_the_order_of_the_tables(world: World) -> None:
    assert world.names.states == tuple(row["iso"] for row in read(world.folder, "states"))
    assert world.names.firms == tuple(row["name"] for row in read(world.folder, "firms"))
    assert world.names.reported == tuple(row["iso"] for row in read(world.folder, "states") if row["reported"] == "yes")
    assert world.names.label("KAZ") == "Kazakhstan"
    assert world.names.label("unheard of") == "unheard of"


def test_numbers_and_ids_are_those_of_the_tables(world: World) -> None:
    record = world.record[0]
    for s, row in enumerate(read(world.folder, "states")):
        assert record["states"]["ambition"][s] == float(row["ambition"])
        assert record["states"]["hedging_base"][s] == float(row["hedging"])
        for name, base in (("opacity", "opacity_base"), ("civil_society", "civil_base")):
            assert record["states"][name][s] == record["states"][base][s] == float(row[name])
        assert record["states"]["id"][s] == stable_id(f"state:{row['iso']}")
    for f, row in enumerate(read(world.folder, "firms")):
        assert record["firms"]["price"][f] == float(row["price"])
        assert world.names.homes[record["firms"]["home"][f]] == row["home"]
        assert record["firms"]["id"][f] == stable_id(f"firm:{row['name']}")


@pytest.mark.parametrize("table", ["sectors", "homes"])
def test_sectors_and_homes_stand_for_the_models_of_surveillance_that_the_tables_say(world: World, table: str) -> None:
    models = [MODELS[m] if m != NOBODY else "" for m in world.record[table]["model"][0]]
    assert models == [row["model"] for row in read(world.folder, table)]
    assert sorted(filter(None, models)) == sorted(MODELS)


def test_all_ids_differ(world: World) -> None:
    ids = np.concatenate([world.record[table]["id"].ravel() for table, (fields, _) in TABLES.items()
                          if any(f.kind == ID for f in fields)])  # fmt: skip
    assert len(np.unique(ids)) == len(ids)
    assert (ids > 0).all(), "0 stands for an absent id"


def test_a_dated_entry_goes_before_the_default(world: World, tables: Path) -> None:
    entry = world.record["firms"]["entry"][0]
    dated = {(row["firm"], row["iso"]): row["entry"] for row in read(tables, "entries")}
    for f, row in enumerate(read(tables, "firms")):
        for s, iso in enumerate(world.names.states):
            text = dated.get((row["name"], iso), row["default_entry"])
            assert entry[f, s] == (NEVER if text == "never" else parse_quarter(text)), (row["name"], iso)


def test_service_is_that_of_the_table_and_who_has_some_is_an_operator(world: World) -> None:
    firms, names = world.record["firms"][0], world.names
    expected = np.zeros(firms["service"].shape)
    for row in read(world.folder, "operators"):
        expected[names.index("firms", row["firm"]), names.index("states", row["iso"])] = float(row["service"])
    assert (firms["service"] == expected).all()
    assert (firms["is_operator"] == (expected.sum(axis=1) > 0.0)).all()


def test_projects_lie_where_the_table_says_and_else_where_the_homes_interest_does(world: World) -> None:
    firms, names = world.record["firms"][0], world.names
    cefc = firms["presence"][names.index("firms", "CEFC")]
    assert {names.states[s]: float(cefc[s]) for s in cefc.nonzero()[0]} == {"KAZ": 0.7, "CZE": 0.8, "RUS": 1.0}
    interest = world.record["dyads"]["interest"][0]
    for name in ("Huawei", "MegaFon"):
        firm = firms[names.index("firms", name)]
        home = names.homes[firm["home"]]
        for s, iso in enumerate(names.states):
            expected = 0.0 if iso == home else interest[world.dyad(iso, home)]
            assert firm["presence"][s] == expected, (name, iso)


def test_a_row_of_one_state_goes_before_the_row_of_all_in_projects(tables: Path) -> None:
    change(tables, "projects", lambda row: row["iso"] == "*", "presence", "0.2")
    write(tables, "projects", read(tables, "projects")[::-1])
    world = build_world(tables)
    cefc = world.record["firms"]["presence"][0, world.names.index("firms", "CEFC")]
    assert cefc[[world.names.index("states", iso) for iso in ("CZE", "KGZ")]].tolist() == [0.8, 0.2]


def test_as_it_began_is_as_the_tables_say(world: World) -> None:
    states, firms = world.record["states"][0], world.record["firms"][0]
    for row, state in zip(read(world.folder, "states"), states, strict=True):
        assert state["western_base"] == state["western_ties"] == float(row["western_ties"])
    for row, firm in zip(read(world.folder, "firms"), firms, strict=True):
        assert (firm["project_base"], firm["project_value"]) == (float(row["project_value"]), 0.0)
        assert firm["founded"] == parse_quarter(row["founded"])
    for row in read(world.folder, "dyads"):
        if row["iso"] != "*":
            assert world.record["dyads"]["law"][0, world.dyad(row["iso"], row["partner"])] == float(row["law"])


def test_sellers_fill_the_slots_in_the_order_of_the_table(world: World) -> None:
    firms = read(world.folder, "firms")
    for sector, key in zip(world.record["sectors"][0], world.names.sectors, strict=True):
        expected = [f for f, row in enumerate(firms) if key in row["sectors"].split(";")]
        n = int(sector["n_sellers"])
        assert list(sector["seller"][:n]) == expected
        assert list(sector["seller_home"][:n]) == [world.record["firms"]["home"][0, f] for f in expected]
        assert (sector["seller"][n:] == NOBODY).all()


def test_a_row_of_one_state_goes_before_the_row_of_all(tables: Path) -> None:
    write(
        tables,
        "bases",
        [
            {
                "iso": "KGZ",
                "sector": "networks",
                "penetration": "0.4",
                "age": "3",
                "shares": "Huawei=0.25; ZTE=0.75",
                "source": "",
            },
            {"iso": "*", "sector": "networks", "penetration": "0.1", "age": "8", "shares": "ZTE=1", "source": ""},
        ],
    )
    world = build_world(tables)
    k, kgz = world.names.index("sectors", "networks"), world.names.index("states", "KGZ")
    cells = world.record["cells"][0, :, k]
    assert cells["penetration"][kgz] == 0.4
    assert np.delete(cells["penetration"], kgz) == pytest.approx(0.1)
    assert sorted(cells["share"][kgz])[-2:] == [0.25, 0.75]
    chn = world.names.index("homes", "CHN")
    # Criticality 0.3 of networks, penetration 0.4, all of it Chinese.
    assert world.record["sectors"]["criticality"][0, k] == 0.3
    assert world.record["states"]["supply"][0, kgz, chn] == pytest.approx(0.12)


def test_every_client_has_a_dyad_with_every_home_but_itself(world: World) -> None:
    supplier = world.record["states"]["supplier_dyad"][0]
    dyads = world.record["dyads"][0]
    for s, iso in enumerate(world.names.states):
        for h, home in enumerate(world.names.homes):
            d = supplier[s, h]
            if iso == home:
                assert d == NOBODY
            else:
                assert (dyads["state"][d], dyads["home"][d]) == (s, h)
                assert d == world.dyad(iso, home)
                assert dyads["id"][d] == stable_id(f"dyad:{iso}>{home}")


def test_the_order_of_rows_changes_nobody(tables: Path, world: World) -> None:
    for name in ("states", "firms", "homes", "entries", "operators", "projects", "dyads", "members"):
        write(tables, name, read(tables, name)[::-1])
    moved = ["networks", "devices", "interception", "surveillance", "cloud", "ecommerce"]
    write(tables, "sectors", sorted(read(tables, "sectors"), key=lambda row: moved.index(row["key"])))
    turned = build_world(tables)
    assert turned.names.sectors == tuple(moved) != world.names.sectors
    back = [moved.index(key) for key in world.names.sectors]
    assert turned.names.states == world.names.states[::-1]
    one, other = world.record[0], turned.record[0]
    pointing = {"supplier_dyad", "supply", "dependence", "cum_awards"}
    for field in set(one["states"].dtype.names) - pointing:
        assert (one["states"][field] == other["states"][field][::-1]).all(), field
    assert np.allclose(one["states"]["supply"], other["states"]["supply"][::-1, ::-1], atol=1e-15)
    for field in ("entry", "service", "presence"):
        assert (one["firms"][field] == other["firms"][field][::-1, ::-1]).all(), field
    assert (one["cells"]["penetration"] == other["cells"]["penetration"][::-1][:, back]).all()
    assert (one["sectors"]["id"] == other["sectors"]["id"][back]).all()
    for field in ("id", "trust", "interest", "alignment", "law"):
        by_id = [dict(zip(w["dyads"]["id"].tolist(), w["dyads"][field].tolist(), strict=True)) for w in (one, other)]
        assert by_id[0] == by_id[1]
    assert (one["institutions"]["joins"] == other["institutions"]["joins"][:, ::-1]).all()


def test_a_sector_above_the_layer_below_it_is_refused(tables: Path) -> None:
    write(tables, "sectors", read(tables, "sectors")[::-1])
    with pytest.raises(InputError, match="ecommerce stands above cloud, the layer below it; lower layers come first"):
        build_world(tables)


def test_criticalities_that_sum_to_more_than_one_are_refused(tables: Path) -> None:
    change(tables, "sectors", lambda row: row["key"] == "networks", "criticality", "0.31")
    with pytest.raises(InputError, match="the criticalities of the sectors sum to more than one"):
        build_world(tables)


def test_building_twice_gives_equal_worlds(world: World) -> None:
    assert world.record.tobytes() == build_world().record.tobytes()


def test_names_are_found_or_corrected(world: World) -> None:
    assert world.names.states[world.names.index("states", "KGZ")] == "KGZ"
    with pytest.raises(InputError, match=re.escape("'huawei' is none of the firms. Did you mean 'Huawei'?")):
        world.names.index("firms", "huawei")
    with pytest.raises(InputError, match="KGZ>KGZ is none of the dyads"):
        world.dyad("KGZ", "KGZ")
