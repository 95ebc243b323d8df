"""The table of traced runs: every line by its names, and in each column only what its kind of line has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.numerics.ledger import (
    ENTRY,
    Ledger,
    note_act,
    note_act_on_group,
    note_choice,
    note_group,
    note_hazard,
    note_link,
    note_vote,
)
from sim.results.ledger import NOTHING, Traced, write_ledger
from sim.world.conflict import CEASEFIRE, CLASH, EVENTS, PLEDGE, SEVERITIES, STATEHOOD
from sim.world.cooperation import ANSWERS, KINDS, STATUSES
from sim.world.fields import NOBODY
from sim.world.injects import CODES
from sim.world.names import Names
from sim.world.surveillance import MODELS as WATCHING
from sim.world.records import GIFT, MODES, TENDER, TIED_LOAN

NAMES = Names(
    states=("KAZ", "KGZ"),
    homes=("CHN",),
    firms=("Huawei", "ZTE"),
    sectors=("networks",),
    institutions=("SCO",),
    domains=("digital", "trade"),
    groups=("Hub", "Client"),
    theatres=("Idlib",),
    origins=(),
    nodes=(),
    corridors=(),
    kinds=KINDS,
    answers=ANSWERS,
    statuses=STATUSES,
    holders=("KAZ", "KGZ"),
    patrons=(),
    custodies=(),
    pools=(),
    accusers=(),
    audiences=(),
    severities=SEVERITIES,
    models=WATCHING,
    reported=("KAZ",),
    labels={},
)
OF_ONE_KIND = {
    "act": {"act", "strength"},
    "hazard": {"happened", "probability", "draw", "margin"},
    "vote": {"happened", "probability", "draw", "margin", "domain", "proposer"},
    "choice": {"mode", "winner", "options", "utilities", "margin"},
}
"""The columns that lines of a kind fill beside those of all lines; a vote is a hazard."""


def read(path: Path, entries: np.ndarray) -> list[dict]:
    target = path / "ledger.parquet"
    write_ledger(target, [Traced("baseline", "free", 0, entries)], ["one", "two"], NAMES)
    return pq.read_table(str(target)).to_pylist()


@pytest.fixture
def lines(tmp_path: Path) -> list[dict]:
    """An act, a hazard, a vote, a tender that ZTE wins, and an offer that is declined."""
    ledger = Ledger(np.zeros(5, ENTRY), np.zeros(3, np.int64))
    ledger.cursor[1:] = 1, 5
    note_act(ledger, 1, NOBODY, 0, NOBODY, 0, NOBODY, CODES["gift"], 0.25)
    note_hazard(ledger, 1, NOBODY, NOBODY, NOBODY, 0, 0.25, 0.1, 1.1)
    note_vote(ledger, 0, 0, 1, 1, 0.25, 0.4, -0.7)
    note_choice(ledger, 1, 0, NOBODY, 0, TENDER, np.array([0, 1]), np.array([0.5, 0.75]), 2, 1, 0.3)
    note_choice(ledger, 1, 0, 0, 0, GIFT, np.array([NOBODY, 0]), np.array([-0.5, 0.75]), 2, 0, 0.2)
    ledger.entries[3]["rests_on"][:2] = 1, 0
    return read(tmp_path, ledger.entries)


def test_lines_say_when_where_and_on_what_they_rest(lines: list[dict]) -> None:
    assert [line["line"] for line in lines] == [0, 1, 2, 3, 4]
    assert {(line["quarter"], line["rule"]) for line in lines} == {("1992Q2", "two")}
    assert [line["kind"] for line in lines] == ["act", "hazard", "hazard", "choice", "choice"]
    assert [line["state"] for line in lines] == ["KGZ", "KGZ", "KAZ", "KGZ", "KGZ"]
    assert [line["firm"] for line in lines] == ["Huawei", None, None, None, "Huawei"]
    assert [line["institution"] for line in lines] == [None, None, "SCO", None, None]
    assert [line["rests_on"] for line in lines] == [[], [], [], [1, 0], []]


def test_an_act_says_what_the_scenario_does_and_how_strongly(lines: list[dict]) -> None:
    assert (lines[0]["act"], lines[0]["strength"]) == ("gift", 0.25)


def test_an_event_says_whether_it_happened(lines: list[dict]) -> None:
    assert [line["happened"] for line in lines[1:3]] == [True, False]
    assert [line["probability"] for line in lines[1:3]] == [0.25, 0.25]
    assert [line["draw"] for line in lines[1:3]] == [0.1, 0.4]
    assert [line["margin"] for line in lines[1:3]] == [1.1, -0.7]


def test_a_vote_says_on_what_and_by_whom(lines: list[dict]) -> None:
    assert (lines[2]["domain"], lines[2]["proposer"]) == ("trade", "KGZ")


def test_a_choice_names_its_winner_and_its_options_as_firms(lines: list[dict]) -> None:
    tender, offer = lines[3:]
    assert (tender["winner"], tender["options"], tender["utilities"]) == ("ZTE", ["Huawei", "ZTE"], [0.5, 0.75])
    assert (offer["winner"], offer["options"], offer["utilities"]) == (NOTHING, [NOTHING, "Huawei"], [-0.5, 0.75])
    assert (tender["margin"], offer["margin"]) == (0.3, 0.2)


@pytest.mark.parametrize("mode", [GIFT, TIED_LOAN, TENDER])
def test_a_choice_says_by_which_mode_of_procurement(tmp_path: Path, mode: int) -> None:
    ledger = Ledger(np.zeros(1, ENTRY), np.zeros(3, np.int64))
    note_choice(ledger, 1, 0, 0, 0, mode, np.array([NOBODY, 0]), np.array([-0.5, 0.75]), 2, 0, 0.2)
    (line,) = read(tmp_path, ledger.entries)
    assert line["mode"] == MODES[mode] == {GIFT: "gift", TIED_LOAN: "tied_loan", TENDER: "tender"}[mode]


def test_a_proposal_names_its_own_state_as_the_proposer(tmp_path: Path) -> None:
    ledger = Ledger(np.zeros(1, ENTRY), np.zeros(3, np.int64))
    note_vote(ledger, 1, 0, 1, 1, 0.25, 0.1, 0.7)
    (line,) = read(tmp_path, ledger.entries)
    assert (line["state"], line["proposer"], line["domain"], line["happened"]) == ("KGZ", "KGZ", "trade", True)


@pytest.mark.parametrize(("row", "kind"), list(enumerate(["act", "hazard", "vote", "choice"])))
def test_what_is_not_of_a_lines_kind_is_empty(lines: list[dict], row: int, kind: str) -> None:
    particular = set().union(*OF_ONE_KIND.values())
    assert {name for name in particular if lines[row][name] is not None} == OF_ONE_KIND[kind]


def test_a_tender_without_award_is_won_by_nothing(tmp_path: Path) -> None:
    ledger = Ledger(np.zeros(1, ENTRY), np.zeros(3, np.int64))
    note_choice(ledger, 1, NOBODY, NOBODY, 0, TENDER, np.array([0, 1]), np.array([0.5, -np.inf]), 2, NOBODY, 0.3)
    (line,) = read(tmp_path, ledger.entries)
    assert (line["winner"], line["options"]) == (NOTHING, ["Huawei", "ZTE"])


GROUP_COLUMNS = ("state", "group", "theatre", "event", "other")


def test_events_of_groups_say_which_and_between_whom(tmp_path: Path) -> None:
    ledger = Ledger(np.zeros(3, ENTRY), np.zeros(3, np.int64))
    note_group(ledger, NOBODY, 0, 0, CLASH, 1, 0.3, 0.2)
    note_group(ledger, NOBODY, NOBODY, 0, CEASEFIRE, NOBODY, 0.3, 0.4)
    note_group(ledger, 1, 0, 0, STATEHOOD, NOBODY, 0.3, 0.2)
    lines = read(tmp_path, ledger.entries)
    assert [tuple(line[name] for name in GROUP_COLUMNS) for line in lines] == [
        (None, "Hub", "Idlib", "clash", "Client"),
        (None, None, "Idlib", "cease_fire", None),
        ("KGZ", "Hub", "Idlib", "statehood", None),
    ]
    assert [line["happened"] for line in lines] == [True, False, True]
    assert {line["kind"] for line in lines} == {"hazard"}
    assert all(line[name] is None for line in lines for name in ("domain", "proposer", "instrument", "act", "winner"))


@pytest.mark.parametrize("event", range(PLEDGE))
def test_every_event_of_groups_has_its_name(tmp_path: Path, event: int) -> None:
    ledger = Ledger(np.zeros(1, ENTRY), np.zeros(3, np.int64))
    note_group(ledger, NOBODY, 0, NOBODY, event, NOBODY, 0.3, 0.2)
    (line,) = read(tmp_path, ledger.entries)
    assert line["event"] == EVENTS[event]


def test_a_choice_among_groups_names_its_options_as_groups(tmp_path: Path) -> None:
    ledger = Ledger(np.zeros(2, ENTRY), np.zeros(3, np.int64))
    options, utilities = np.array([NOBODY, 0]), np.array([0.0, 0.75])
    note_link(ledger, NOBODY, 1, PLEDGE, options, utilities, 2, 1, 0.4)
    note_link(ledger, 1, NOBODY, EVENTS.index("accused"), options[1:], utilities[1:], 1, 0, 0.4)
    pledge, accused = read(tmp_path, ledger.entries)
    assert (pledge["group"], pledge["event"], pledge["winner"]) == ("Client", "pledge", "Hub")
    assert (pledge["options"], pledge["utilities"], pledge["margin"]) == ([NOTHING, "Hub"], [0.0, 0.75], 0.4)
    assert (accused["state"], accused["group"], accused["event"]) == ("KGZ", None, "accused")
    assert (accused["winner"], accused["options"]) == ("Hub", ["Hub"])
    assert all(
        line[name] is None for line in (pledge, accused) for name in ("other", "mode", "happened", "probability")
    )


def test_an_act_on_a_group_or_a_theatre_names_it(tmp_path: Path) -> None:
    ledger = Ledger(np.zeros(2, ENTRY), np.zeros(3, np.int64))
    note_act_on_group(ledger, 1, 0, NOBODY, CODES["designate"], 1.0)
    note_act_on_group(ledger, NOBODY, NOBODY, 0, CODES["war"], 0.5)
    lines = read(tmp_path, ledger.entries)
    assert [tuple(line[name] for name in ("act", "state", "group", "theatre", "strength")) for line in lines] == [
        ("designate", "KGZ", "Hub", None, 1.0),
        ("war", None, None, "Idlib", 0.5),
    ]
    assert all(line[name] is None for line in lines for name in ("event", "other", "happened", "options"))
