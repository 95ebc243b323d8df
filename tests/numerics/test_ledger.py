"""The decision ledger: closed it takes nothing, full it takes nothing more, and a line says what was decided."""

from __future__ import annotations

import numpy as np
import pytest

from sim.numerics.ledger import (
    ACT,
    CHOICE,
    HAZARD,
    KINDS,
    MAX_OPTIONS,
    NOBODY,
    Ledger,
    is_open,
    make_ledger,
    note_act,
    note_act_on_group,
    note_answer,
    note_between,
    note_choice,
    note_group,
    note_hazard,
    note_link,
    note_vote,
)

OPTIONS, UTILITIES = np.array([NOBODY, 4]), np.array([0.25, 1.5])


def write_one_of_each(ledger: Ledger) -> None:
    note_hazard(ledger, 1, 2, NOBODY, NOBODY, 5, 0.3, 0.2, 0.54)
    note_choice(ledger, 1, 2, 4, 5, 3, OPTIONS, UTILITIES, 2, 1, 1.25)
    note_act(ledger, NOBODY, NOBODY, NOBODY, 3, NOBODY, NOBODY, 18, 0.5)
    note_vote(ledger, 1, 3, 2, 6, 0.3, 0.4, -0.44)


def test_lines_between_a_state_and_an_origin_name_both() -> None:
    ledger = make_ledger(4)
    note_between(ledger, 1, 2, 1, 3, 0.3, 0.2)
    note_answer(ledger, 1, 2, np.array([0.5, -1.0, 2.0]), 3, 2, 1.5)
    event, answer = ledger.entries[:2]
    assert ledger.cursor[0] == 2
    assert event["who"].tolist() == answer["who"].tolist() == [1, NOBODY, NOBODY, NOBODY, NOBODY, 2, NOBODY, NOBODY]
    assert (event["kind"], event["by"], event["about"], event["chosen"], event["draw"]) == (HAZARD, 1, 3, 1, 0.2)
    assert event["margin"] == pytest.approx(np.log(0.3 / 0.7) - np.log(0.2 / 0.8))
    assert (answer["kind"], answer["about"], answer["mode"]) == (CHOICE, NOBODY, NOBODY)
    assert (answer["chosen"], answer["n_options"], answer["margin"]) == (2, 3, 1.5)
    assert answer["option"][:3].tolist() == [0, 1, 2]
    assert answer["utility"][:3].tolist() == [0.5, -1.0, 2.0]
    closed = make_ledger(0)
    note_between(closed, 1, 2, 1, 3, 0.3, 0.2)
    note_answer(closed, 1, 2, np.array([0.5]), 1, 0, 1.5)
    assert closed.cursor[0] == 0


def test_lines_of_groups_name_group_theatre_and_the_other() -> None:
    ledger = make_ledger(3)
    note_group(ledger, 3, 5, 1, 7, 6, 0.3, 0.4)
    note_link(ledger, NOBODY, 5, 20, OPTIONS, UTILITIES, 2, 1, 1.25)
    note_act_on_group(ledger, 3, 5, 1, 40, 0.5)
    event, link, act = ledger.entries
    assert event["who"].tolist() == act["who"].tolist() == [3, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, 5, 1]
    assert link["who"].tolist() == [NOBODY] * 6 + [5, NOBODY]
    assert (event["kind"], event["by"], event["about"], event["chosen"]) == (HAZARD, 7, 6, 0)
    assert (link["kind"], link["by"], link["chosen"], link["margin"]) == (CHOICE, 20, 1, 1.25)
    assert link["option"][:2].tolist() == [NOBODY, 4]
    assert (act["kind"], act["about"], act["strength"]) == (ACT, 40, 0.5)
    closed = make_ledger(0)
    note_group(closed, 3, 5, 1, 7, 6, 0.3, 0.4)
    note_link(closed, NOBODY, 5, 20, OPTIONS, UTILITIES, 2, 1, 1.25)
    note_act_on_group(closed, 3, 5, 1, 40, 0.5)
    assert closed.cursor[0] == 0


def test_a_closed_ledger_takes_nothing() -> None:
    ledger = make_ledger(0)
    assert not is_open(ledger)
    write_one_of_each(ledger)
    assert (ledger.cursor == 0).all()


@pytest.mark.parametrize("capacity", [1, 2, 5])
def test_a_full_ledger_takes_nothing_more(capacity: int) -> None:
    room = np.zeros(capacity + 2, make_ledger(1).entries.dtype)
    room["rule"] = 77
    ledger = Ledger(room[:capacity], np.zeros(3, np.int64))
    for _ in range(3):
        write_one_of_each(ledger)
    assert ledger.cursor[0] == capacity
    assert not is_open(ledger)
    assert (room["rule"][:capacity] == 0).all()
    assert (room["rule"][capacity:] == 77).all(), "a line was written past the end"


def test_lines_say_who_decided_what_and_by_how_much() -> None:
    ledger = make_ledger(8)
    ledger.cursor[1:] = 6, 84
    write_one_of_each(ledger)
    lines = ledger.entries[:4]
    hazard, choice, act, vote = lines
    assert ledger.cursor.tolist() == [4, 6, 84]
    assert set(lines["rule"].tolist()) == {6}
    assert set(lines["quarter"].tolist()) == {84}
    assert lines["kind"].tolist() == [HAZARD, CHOICE, ACT, HAZARD]
    assert [KINDS[kind] for kind in lines["kind"]] == ["hazard", "choice", "act", "hazard"]
    assert hazard["who"].tolist() == [1, 2, NOBODY, NOBODY, 5, NOBODY, NOBODY, NOBODY]
    assert (hazard["chosen"], hazard["probability"], hazard["draw"], hazard["margin"]) == (1, 0.3, 0.2, 0.54)
    assert choice["who"].tolist() == [1, 2, 4, NOBODY, 5, NOBODY, NOBODY, NOBODY]
    assert (choice["mode"], choice["chosen"], choice["n_options"], choice["margin"]) == (3, 1, 2, 1.25)
    assert choice["option"][:2].tolist() == [NOBODY, 4]
    assert choice["utility"][:2].tolist() == [0.25, 1.5]
    assert act["who"].tolist() == [NOBODY, NOBODY, NOBODY, 3, NOBODY, NOBODY, NOBODY, NOBODY]
    assert (act["about"], act["by"], act["strength"]) == (18, NOBODY, 0.5)
    assert vote["who"].tolist() == [1, NOBODY, NOBODY, 3, NOBODY, NOBODY, NOBODY, NOBODY]
    assert (vote["about"], vote["by"]) == (2, 6)
    assert (vote["chosen"], vote["probability"], vote["draw"], vote["margin"]) == (0, 0.3, 0.4, -0.44)
    assert lines[["about", "by"]][:2].tolist() == [(NOBODY, NOBODY)] * 2, "no vote, and nothing that a scenario does"
    assert lines["mode"].tolist() == [0, 3, 0, 0], "only choices have one"
    assert (lines["rests_on"] == NOBODY).all()


@pytest.mark.parametrize(("draw", "chosen"), [(0.29, 1), (0.3, 0), (0.31, 0)])
def test_an_event_happens_below_its_probability(draw: float, chosen: int) -> None:
    ledger = make_ledger(1)
    note_hazard(ledger, 0, 0, 0, 0, 0, 0.3, draw, 0.0)
    assert ledger.entries["chosen"][0] == chosen


def test_acts_and_votes_follow_one_another_in_the_order_written() -> None:
    ledger = make_ledger(3)
    for kind in range(4):
        note_act(ledger, 0, 0, 0, 0, 0, 0, kind, kind / 4.0)
    assert ledger.entries["about"].tolist() == [0, 1, 2]
    assert ledger.entries["strength"].tolist() == [0.0, 0.25, 0.5]


def test_of_very_many_options_the_first_are_kept_and_their_number_is_told() -> None:
    ledger, n = make_ledger(1), MAX_OPTIONS + 9
    note_choice(ledger, 0, 0, 0, 0, 1, np.arange(n), np.arange(n) / 2.0, n, n - 1, 0.5)
    line = ledger.entries[0]
    assert (line["n_options"], line["chosen"]) == (n, n - 1)
    assert line["option"].tolist() == list(range(MAX_OPTIONS))
    assert line["utility"].tolist() == [j / 2.0 for j in range(MAX_OPTIONS)]
