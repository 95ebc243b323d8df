"""`steppe list` and `steppe show` of armed groups: who holds and lists them, what is kept of them, by which names."""

from __future__ import annotations

import json

import pytest

from sim.cli import main
from sim.rules.participants import rules_of_group
from sim.world.build import build_world

HTS, KTJ = "Hayat Tahrir al-Sham", "Katibat al-Tawhid wal-Jihad"
NAMES = build_world().names


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def detail(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    return json.loads(shown(capsys, "show", *words, "--json"))


def listed(capsys: pytest.CaptureFixture[str], kind: str) -> dict[str, str]:
    answer = json.loads(shown(capsys, "list", kind, "--json"))
    return {entry["name"]: entry["summary"] for entry in answer[kind]}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("groups", NAMES.groups),
        ("theatres", NAMES.theatres),
        ("accusers", NAMES.accusers),
        ("audiences", NAMES.audiences),
        ("designations", build_world().pair_names("designations")),
    ],
)
def test_everything_in_a_table_is_listed_and_can_be_shown(kind: str, names, capsys) -> None:
    assert tuple(listed(capsys, kind)) == names
    for name in names:
        assert shown(capsys, "show", kind, name).startswith(f"{name}  ({kind.removesuffix('s')})\nfile: configs/world/")


def test_patrons_are_the_groups_and_states_that_others_answer_to(capsys) -> None:
    world, patrons = build_world(), listed(capsys, "patrons")
    hubs = [name for name, row in zip(NAMES.groups, world.record["groups"][0], strict=True) if row["is_hub"]]
    sponsors = NAMES.patrons[len(NAMES.groups) :]
    assert list(patrons) == [*hubs, *sponsors]
    assert patrons["PAK"] == "sponsoring state; one client"
    assert patrons[HTS] == "group; 7 clients"
    assert "Turkestan Islamic Party (protected, from 2012Q3)" in detail(capsys, "patron", HTS)["clients"]


def test_a_group_is_shown_with_its_ties_its_lists_and_what_is_kept_of_it(capsys) -> None:
    told = detail(capsys, "group", HTS)
    assert told["theatre"] == "Idlib"
    assert told["members"].startswith("500 at first, true and as reported")
    assert {"to": "nobody", "link": "patron", "from": "2016Q3", "mode": "replay"} in told[
        "changes of ties (pledges.csv)"
    ]
    assert told["leaderships (group_leaders.csv)"] == [{"from": "2017Q1", "line": "0.15", "mode": "replay"}]
    assert [row["power"] for row in told["designations (designations.csv)"]] == ["RUS", "USA", "TUR"]
    assert f"{KTJ} (protected, at first)" in told["clients"]
    assert told["acts in"] == list(rules_of_group(HTS))
    assert {"hardliners_hts", "other_hts", "reported_hts", "effort_hts"} <= set(told["outcomes"])
    assert "E0583" in {fact["id"] for fact in told["facts"]}


@pytest.mark.parametrize(
    ("group", "aims"),
    [("Islamic State", {"FRA": "0.35", "USA": "0.15"}), (HTS, {"RUS": "1"}), ("Malhama Tactical", {})],
)
def test_aims_are_those_of_their_table_or_the_target(group: str, aims: dict, capsys) -> None:
    assert aims.items() <= detail(capsys, "group", group)["aims (aims.csv, or its target)"].items()


@pytest.mark.parametrize("words", [("group", "Jabhat al-Nusra"), ("jabhat al-nusra",), (HTS,), (HTS.lower(),)])
def test_a_group_goes_by_its_former_name_and_a_name_alone_means_the_group(words: tuple[str, ...], capsys) -> None:
    assert detail(capsys, *words) == detail(capsys, "groups", HTS)


def test_a_states_name_means_the_state_with_its_part_among_groups(capsys) -> None:
    assert detail(capsys, "TUR") == detail(capsys, "state", "TUR")
    told = detail(capsys, "state", "TUR")
    assert "Ahrar al-Sham" in told["sponsors (groups.csv)"]
    assert HTS in told["designates (designations.csv)"]
    assert told["accuses (accusers.csv)"] == [{"iso": "TUR", "breadth": "0.5", "publicity": "0.4", "control": "0.5"}]
    assert not detail(capsys, "state", "KAZ")["accuses (accusers.csv)"]


def test_theatres_and_those_who_accuse_or_believe_are_shown(capsys) -> None:
    idlib = detail(capsys, "theatre", "idlib")
    assert KTJ in idlib["groups at first (groups.csv)"]
    assert {"group": "Turkestan Islamic Party", "from": "2012Q3", "mode": "given"} in idlib[
        "groups that move there (pledges.csv)"
    ]
    assert "ceasefire_idlib" in idlib["outcomes"]
    assert any(KTJ in text for text in detail(capsys, "accuser", "RUS")["accusations on record, none a finding"])
    assert detail(capsys, "public in Russia")["kind"] == "audiences"
    listing = shown(capsys, "show", "designation", f"{HTS}>RUS")
    assert "veto: yes" in listing


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "group", "Hayat Tahrir al Sham"], f"Did you mean {HTS!r}?"),
        (["show", "patron", "Ahrar al-Sham"], "there is no 'Ahrar al-Sham' among the patrons."),
        (["show", "theatre", "Idlip"], "Did you mean 'Idlib'?"),
        (["list", "theatre", "Idlib"], "takes one kind"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_spelling(arguments, words: str, capsys) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
