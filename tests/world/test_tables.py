"""The default world's tables, checked as they lie on disk: counts, codes, references, ranges, dates and sources."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from sim.locations import TABLES
from sim.world.calendar import parse_quarter
from sim.world.records import DOMAINS, field
from tests.world.on_disk import column, known, rows, sellers, sources

FINDINGS = TABLES.parents[2] / "sim" / "evidence" / "findings.csv"
CORE = {"KAZ", "KGZ", "TJK", "UZB", "TKM"}
MAX_SELLERS = 8
SOURCED = {
    "states": "population_class economy_class ambition leader_demand local_capacity hedging openness aid_dependence "
    "western_ties opacity purse rights voice civil_society",
    "leaders": "from leader_demand appointed_by",
    "homes": "subsidy credit sender industry goodwill motive model",
    "firms": "price quality credit exposure project_value programme_size default_entry",
    "entries": "entry",
    "programmes": "from",
    "operators": "service",
    "projects": "presence",
    "sectors": "criticality tendered lock_in renewal cost operators displaces opens lower by_law watches "
    "model visibility",
    "bases": "penetration age shares",
    "dyads": "interest similarity trust alignment energy_leverage debt law",
    "institutions": "name security_from",
    "members": "joins veto",
    "domains": "opens benefit bindingness",
    "proposers": "zeal",
    "theatres": "name state node part control guarantors transit",
    "groups": "theatre state patron protector sponsor target size size_low size_high orientation hardliners dependence "
    "own_income line founded enters pools",
    "aims": "weight",
    "pledges": "to from",
    "group_leaders": "from line",
    "lineage": "former from",
    "designations": "from lifted interest veto weight",
    "pools": "persons",
    "custodies": "custodian persons capacity from",
    "accusers": "breadth publicity control",
    "audiences": "independence prior weight",
    "migrants": "presence accuser",
    "history": "start strength",
    "origins": "breadth priority repression contacts",
    "nodes": "issuer haven persons",
    "legs": "owner cost control",
    "channels": "acceptance solidarity sharing trust goodwill fugitives third",
    "treaties": "signed in_force",
}
RANGES = {
    ("states", "states"): "population_class economy_class purse ambition leader_demand local_capacity hedging openness "
    "aid_dependence western_ties opacity rights voice civil_society",
    ("leaders", "states"): "leader_demand",
    ("homes", "homes"): "subsidy credit sender industry goodwill motive",
    ("firms", "firms"): "price quality credit exposure project_value programme_size",
    ("operators", "firms"): "service",
    ("projects", "firms"): "presence",
    ("sectors", "sectors"): "criticality lock_in renewal cost operators displaces by_law watches visibility",
    ("bases", "cells"): "penetration age",
    ("dyads", "dyads"): "interest similarity trust alignment energy_leverage debt law",
    ("domains", "institutions"): "benefit bindingness",
    ("proposers", "institutions"): "zeal",
    ("origins", "origins"): "breadth priority repression contacts",
    ("nodes", "nodes"): "haven",
    ("legs", "legs"): "cost control",
    ("channels", "channels"): "acceptance solidarity sharing trust goodwill fugitives",
    ("theatres", "theatres"): "part",
    ("groups", "groups"): "size_low size_high orientation hardliners dependence line",
    ("designations", "designations"): "interest weight",
    ("custodies", "custodies"): "capacity",
    ("accusers", "accusers"): "breadth publicity control",
    ("audiences", "audiences"): "independence prior weight",
    ("migrants", "migrants"): "presence",
}
CHECKED_RANGES = [(table, record, name) for (table, record), names in RANGES.items() for name in names.split()]


@pytest.mark.parametrize(
    ("table", "n"), [("states", 50), ("firms", 30), ("institutions", 7), ("groups", 22), ("theatres", 3)]
)
def test_counts(table: str, n: int) -> None:
    assert len(rows(table)) == n


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("states", "iso"),
        ("homes", "iso"),
        ("firms", "name"),
        ("sectors", "key"),
        ("groups", "name"),
        ("theatres", "name"),
        ("institutions", "name"),
        ("institutions", "short"),
        ("entries", "firm iso"),
        ("programmes", "firm iso"),
        ("operators", "firm iso"),
        ("projects", "firm iso"),
        ("bases", "iso sector"),
        ("dyads", "iso partner"),
        ("members", "institution iso"),
        ("domains", "institution domain"),
        ("proposers", "institution iso domain"),
        ("leaders", "iso from"),
        ("origins", "name"),
        ("nodes", "name"),
        ("legs", "start end"),
        ("channels", "state origin"),
        ("treaties", "kind iso partner"),
        ("aims", "group state"),
        ("pledges", "group link from"),
        ("group_leaders", "group from"),
        ("lineage", "former"),
        ("designations", "group power"),
        ("pools", "name"),
        ("custodies", "custodian of"),
        ("accusers", "iso"),
        ("audiences", "name"),
        ("migrants", "host area"),
    ],
)
def test_keys_are_unique(table: str, key: str) -> None:
    counts = Counter(tuple(row[name] for name in key.split()) for row in rows(table))
    assert [k for k, n in counts.items() if n > 1] == []


def test_states_have_alpha_3_codes_and_the_reported_ones_are_the_core_five() -> None:
    assert [iso for iso in column("states", "iso") if not re.fullmatch(r"[A-Z]{3}", iso)] == []
    assert set(column("states", "reported")) == {"yes", "no"}
    assert {row["iso"] for row in rows("states") if row["reported"] == "yes"} == CORE


def test_homes_are_states_and_every_selling_firm_has_one() -> None:
    homes, states = known("homes"), known("states")
    assert homes <= states
    assert {firm["home"] for firm in rows("firms")} <= states
    assert [firm["name"] for firm in rows("firms") if firm["sectors"] and firm["home"] not in homes] == []


def test_a_firm_without_sector_never_enters() -> None:
    for firm in rows("firms"):
        if not firm["sectors"]:
            assert firm["default_entry"] == "never", firm["name"]
            assert firm["name"] not in column("entries", "firm")


def test_the_lower_layer_of_a_sector_stands_above_it_and_a_sector_has_at_most_eight_sellers() -> None:
    keys = column("sectors", "key")
    for place, lower in enumerate(column("sectors", "lower")):
        assert not lower or lower in keys[:place], keys[place]
    assert all(0 < len(found) <= MAX_SELLERS for found in sellers().values())
    assert set(column("sectors", "tendered")) == {"yes", "no"}
    assert {row["key"] for row in rows("sectors") if row["tendered"] == "no"} == {"devices", "ecommerce"}


def test_criticalities_sum_to_one_so_that_dependence_stays_a_share() -> None:
    assert sum(map(float, column("sectors", "criticality"))) == pytest.approx(1)


@pytest.mark.parametrize(("table", "record", "name"), CHECKED_RANGES)
def test_numbers_lie_in_the_range_of_their_field(table: str, record: str, name: str) -> None:
    declared = field(f"{record}.{name}")
    assert [row for row in rows(table) if not declared.low <= float(row[name]) <= declared.high] == []


def test_bases_name_sellers_of_their_sector_and_shares_sum_to_one() -> None:
    selling = sellers()
    assert {row["sector"] for row in rows("bases") if row["iso"] == "*"} == set(selling)
    for row in rows("bases"):
        assert row["iso"] in known("states") | {"*"}
        shares = dict(part.split("=") for part in filter(None, row["shares"].split(";")))
        assert set(shares) <= selling[row["sector"]]
        assert (float(row["penetration"]) > 0) == bool(shares)
        if shares:
            assert sum(map(float, shares.values())) == pytest.approx(1)


def test_the_reported_states_begin_without_foreign_equipment() -> None:
    assert [row for row in rows("bases") if row["iso"] in CORE | {"*"} and float(row["penetration"]) > 0] == []


def test_dyads_cover_every_home_by_default_and_none_joins_a_state_to_itself() -> None:
    found = {(row["iso"], row["partner"]) for row in rows("dyads")}
    states = known("states")
    assert {iso for iso, _ in found} <= states | {"*"}
    assert {partner for _, partner in found} <= states
    assert {("*", home) for home in known("homes")} <= found
    assert {(iso, home) for iso in CORE for home in ("CHN", "RUS")} <= found
    assert [pair for pair in found if pair[0] == pair[1]] == []


def test_firms_enter_and_train_in_known_states() -> None:
    for table in ("entries", "programmes"):
        assert set(column(table, "firm")) <= known("firms")
        assert set(column(table, "iso")) <= known("states")
    size = {firm["name"]: float(firm["programme_size"]) for firm in rows("firms")}
    assert {firm for firm in size if size[firm] > 0} == set(column("programmes", "firm"))


def test_operators_serve_known_states_and_no_state_more_than_wholly() -> None:
    served: Counter[str] = Counter()
    for row in rows("operators"):
        served[row["iso"]] += float(row["service"])
    assert set(column("operators", "firm")) == {"Beeline", "MegaFon", "Kazakhtelecom"}
    assert set(served) <= known("states")
    assert max(served.values()) <= 1.0


def test_projects_lie_in_known_states_abroad() -> None:
    homes = {firm["name"]: firm["home"] for firm in rows("firms")}
    for row in rows("projects"):
        assert row["iso"] in known("states") - {homes[row["firm"]]} | {"*"}
    lies = {row["iso"]: float(row["presence"]) for row in rows("projects") if row["firm"] == "CEFC"}
    assert {iso for iso, presence in lies.items() if presence > 0} == {"KAZ", "CZE", "RUS"}
    assert lies["*"] == 0


def test_firms_are_founded_before_they_enter_sell_train_or_are_acted_on() -> None:
    founded = {firm["name"]: parse_quarter(firm["founded"]) for firm in rows("firms")}
    dated = [(row["name"], row["default_entry"]) for row in rows("firms")]
    dated += [(row["firm"], row["entry"]) for row in rows("entries")]
    dated += [(row["firm"], row["from"]) for table in ("programmes", "launches") for row in rows(table)]
    dated += [(row["actor"], row["start"]) for row in rows("history") if row["actor"] in founded]
    assert [(firm, date) for firm, date in dated if date != "never" and parse_quarter(date) < founded[firm]] == []


def test_only_russias_law_was_copied_and_only_where_a_document_says_so() -> None:
    copied = {(row["iso"], row["partner"]): row for row in rows("dyads") if float(row["law"]) > 0}
    assert {partner for _, partner in copied} == {"RUS"}
    assert {("KAZ", "RUS"), ("KGZ", "RUS"), ("UZB", "RUS")} <= set(copied)
    assert max(float(row["law"]) for row in copied.values()) <= 0.8


def test_every_seller_sells_at_home() -> None:
    dated = {(row["firm"], row["iso"]): row["entry"] for row in rows("entries")}
    for firm in rows("firms"):
        if firm["sectors"]:
            assert dated.get((firm["name"], firm["home"]), firm["default_entry"]) != "never", firm["name"]


@pytest.mark.parametrize(
    ("table", "name", "also"),
    [
        ("firms", "founded", None),
        ("firms", "default_entry", "never"),
        ("entries", "entry", "never"),
        ("programmes", "from", None),
        ("leaders", "from", None),
        ("members", "joins", None),
        ("members", "leaves", ""),
        ("domains", "opens", None),
        ("history", "start", None),
        ("history", "end", ""),
        ("institutions", "security_from", "never"),
        ("groups", "founded", None),
        ("groups", "enters", None),
        ("pledges", "from", None),
        ("group_leaders", "from", None),
        ("lineage", "from", None),
        ("designations", "from", None),
        ("designations", "lifted", ""),
        ("custodies", "from", None),
    ],
)
def test_dates_are_quarters(table: str, name: str, also: str | None) -> None:
    for text in column(table, name):
        if text != also:
            assert parse_quarter(text) >= 0


def test_leaders_cover_the_core_from_the_start_in_order() -> None:
    assert set(column("leaders", "iso")) <= known("states")
    for iso in CORE:
        dates = [parse_quarter(row["from"]) for row in rows("leaders") if row["iso"] == iso]
        assert dates[0] == 0
        assert dates == sorted(dates)


def test_members_domains_and_proposers_belong_together() -> None:
    institutions, states = known("institutions"), known("states")
    members = {(row["institution"], row["iso"]) for row in rows("members")}
    domains = {(row["institution"], row["domain"]) for row in rows("domains")}
    assert {name for name, _ in members} == institutions
    assert {iso for _, iso in members} <= states
    assert {name for name, _ in domains} <= institutions
    assert {domain for _, domain in domains} <= set(DOMAINS)
    for row in rows("proposers"):
        assert (row["institution"], row["iso"]) in members
        assert (row["institution"], row["domain"]) in domains
    for row in rows("members"):
        assert row["veto"] in ("yes", "no")
        assert not row["leaves"] or parse_quarter(row["leaves"]) > parse_quarter(row["joins"])


def test_groups_stand_in_known_theatres_or_in_none() -> None:
    assert set(column("groups", "theatre")) == set(column("theatres", "name")) | {""}


def test_legs_join_known_nodes_and_reach_every_node_but_the_starts() -> None:
    nodes = known("nodes")
    for row in rows("legs"):
        assert {row["start"], row["end"]} <= nodes
        assert row["start"] != row["end"]
        assert row["owner"] in known("states")
    starts = {row["node"] for row in rows("origins")}
    assert nodes - {row["end"] for row in rows("legs")} == starts, "nobody goes back where they started"


def test_channels_name_known_states_and_a_third_country_that_is_another() -> None:
    homes = {row["name"]: row["state"] for row in rows("origins")}
    where = {row["name"]: row["state"] for row in rows("nodes")}
    for row in rows("channels"):
        assert row["state"] in known("states") - {homes[row["origin"]]} | {"*"}
        assert not row["third"] or where[row["third"]] not in (row["state"], homes[row["origin"]])
    assert {("*", origin) for origin in homes} <= {(row["state"], row["origin"]) for row in rows("channels")}


def test_borders_join_two_states_once() -> None:
    pairs = [(row["iso_a"], row["iso_b"]) for row in rows("borders")]
    assert {iso for pair in pairs for iso in pair} <= known("states")
    assert [pair for pair in pairs if pair[0] >= pair[1]] == [], "a border with itself, or written against the alphabet"
    assert len(set(pairs)) == len(pairs)
    assert {("CHN", "KAZ"), ("CHN", "KGZ"), ("CHN", "TJK")} <= set(pairs)
    assert ("CHN", "UZB") not in pairs
    assert ("CHN", "TKM") not in pairs


@pytest.mark.parametrize("table", sorted(SOURCED))
def test_every_attribute_has_a_source(table: str) -> None:
    with FINDINGS.open(encoding="utf-8", newline="") as stream:
        findings = {row["id"] for row in csv.DictReader(stream)}
    for row in rows(table):
        said = sources(row)
        assert set(SOURCED[table].split()) <= set(said), row
        assert set(said) <= set(row) - {"source"}, f"{table}: source names an attribute that is no column: {row}"
        for name, words in said.items():
            assert re.match(r"(assumption: \S|E\d{4}\b)", words), f"{table} {name}: {words!r}"
        unknown = set(re.findall(r"\bE\d+\b", row["source"])) - findings
        assert not unknown, f"{table}: {unknown} are in no finding"


def test_no_calibration_target_is_cited_as_the_source_of_a_number() -> None:
    targets = {f"E{n:04d}" for n in (92, 93, 94, 95, *range(109, 117), *range(139, 145))}
    cited = {i for table in SOURCED for row in rows(table) for i in re.findall(r"E\d{4}", row["source"])}
    assert not cited & targets
