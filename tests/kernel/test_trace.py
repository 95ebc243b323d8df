"""A traced run: the same to the last bit, with lines in order that rest on earlier lines."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernel import trace
from sim.kernel.run import switches_for
from sim.kernel.trace import Trace, trace_run, word_owners, words_read
from sim.numerics.ledger import ACT, CHOICE, ENTITIES, HAZARD, MAX_OPTIONS, NOBODY
from sim.rules.schedule import NAMES, SCHEDULE
from sim.world.address import resolve
from sim.world.build import World
from sim.world.conflict import ACCUSED, ATTEMPT, PLEDGE, PROTECTOR, RIVAL
from sim.world.conflict import EVENTS as GROUP_EVENTS
from sim.world.cooperation import ANSWERS, ENTRY_INTO_FORCE, EVENTS, KINDS, REQUEST, SIGNATURE, TALKS
from sim.world.records import GIFT, TENDER, TIED_LOAN
from tests.kernel.runs import ACTS, QUARTERS, SEED, last_worlds, run

ORIGIN = ENTITIES.index("origin")


def traced(world: World, params: np.ndarray, replication: int = 3) -> Trace:
    return trace_run(world, params, switches_for(), SEED, replication, QUARTERS)


@pytest.fixture(scope="module")
def one(world: World, params: np.ndarray) -> Trace:
    return traced(world, params)


@pytest.mark.parametrize("capacity", [0, 1, 500])
def test_tracing_changes_no_result_even_when_the_ledger_is_full(
    world: World, params: np.ndarray, one: Trace, monkeypatch: pytest.MonkeyPatch, capacity: int
) -> None:
    plain = last_worlds(world, run(world, params, [3]))
    assert one.record.tobytes() == plain.tobytes()
    monkeypatch.setattr(trace, "CAPACITY", capacity)
    short = traced(world, params)
    assert short.record.tobytes() == plain.tobytes()
    assert len(short.entries) == capacity
    assert short.entries.tobytes() == one.entries[:capacity].tobytes()


def test_tracing_twice_gives_the_same_lines(world: World, params: np.ndarray, one: Trace) -> None:
    assert traced(world, params).entries.tobytes() == one.entries.tobytes()
    assert traced(world, params, replication=4).entries.tobytes() != one.entries.tobytes()


def test_tracing_leaves_the_world_as_it_was(world: World, params: np.ndarray) -> None:
    before = world.record.tobytes()
    traced(world, params)
    assert world.record.tobytes() == before


def test_lines_stand_in_the_order_of_quarters_and_rules(one: Trace) -> None:
    assert len(one.entries) > 100
    place = one.entries["quarter"] * len(NAMES) + one.entries["rule"]
    assert (np.diff(place) >= 0).all()
    assert set(one.entries["quarter"]) <= set(range(QUARTERS))
    assert set(one.entries["rule"]) <= set(range(len(NAMES)))


def test_lines_concern_actors_that_exist(world: World, one: Trace) -> None:
    sizes = [len(world.record[f"{name}s"][0]) for name in ENTITIES]
    for column, size in enumerate(sizes):
        who = one.entries["who"][:, column]
        assert ((who == NOBODY) | ((who >= 0) & (who < size))).all(), ENTITIES[column]


def test_events_happen_where_the_draw_lies_below_the_probability(one: Trace) -> None:
    hazards = one.entries[one.entries["kind"] == HAZARD]
    assert len(hazards)
    assert ((hazards["draw"] > 0.0) & (hazards["draw"] < 1.0)).all()
    assert ((hazards["probability"] >= 0.0) & (hazards["probability"] <= 1.0)).all()
    happened = hazards["draw"] < hazards["probability"]
    assert (happened == (hazards["chosen"] == 1)).all()
    assert ((hazards["margin"] >= 0.0) >= happened).all()


def test_choices_name_an_option_and_a_lead(one: Trace) -> None:
    choices = one.entries[one.entries["kind"] == CHOICE]
    assert len(choices)
    assert (choices["chosen"] < choices["n_options"]).all()
    assert (choices["margin"] >= 0.0).all()
    for line in choices:
        kept = min(int(line["n_options"]), MAX_OPTIONS)
        assert len(set(line["option"][:kept].tolist())) == kept, "an option stands twice"
        assert not np.isnan(line["utility"][:kept]).any()


def test_lines_rest_on_earlier_lines_latest_first(one: Trace) -> None:
    for row, line in enumerate(one.entries):
        causes = [int(cause) for cause in line["rests_on"] if cause != NOBODY]
        assert all(0 <= cause < row for cause in causes)
        assert causes == sorted(set(causes), reverse=True)
        assert (line["rests_on"][len(causes) :] == NOBODY).all()
    assert (one.entries["rests_on"][:, 0] != NOBODY).any()


def test_every_inject_has_a_line_in_its_first_quarter(world: World, one: Trace) -> None:
    acts = one.entries[one.entries["kind"] == ACT]
    assert set(acts["rule"]) == {NAMES.index("scenario_acts")}
    injects = world.record["injects"][0, : len(ACTS)]
    written = zip(acts["quarter"].tolist(), acts["about"].tolist(), acts["strength"].tolist(), strict=True)
    ordered = zip(injects["start"].tolist(), injects["kind"].tolist(), injects["strength"].tolist(), strict=True)
    assert sorted(written) == sorted(ordered)


def test_a_tenders_choice_rests_on_the_event_just_before_it(one: Trace) -> None:
    rows = np.flatnonzero((one.entries["kind"] == CHOICE) & (one.entries["rule"] == NAMES.index("technology/tenders")))
    assert len(rows)
    for row in rows:
        choice, event = one.entries[row], one.entries[row - 1]
        assert (event["kind"], event["rule"], event["chosen"]) == (HAZARD, choice["rule"], 1)
        assert event["quarter"] == choice["quarter"]
        for place in (ENTITIES.index("state"), ENTITIES.index("sector")):
            assert event["who"][place] == choice["who"][place]
        assert choice["rests_on"][0] == row - 1


def test_votes_name_the_domain_and_the_member_that_proposed(world: World, one: Trace) -> None:
    entries = one.entries
    is_vote = (entries["kind"] == HAZARD) & (entries["rule"] == NAMES.index("institutions/summits"))
    assert is_vote.any()
    votes = entries[is_vote]
    assert set(votes["about"]) <= set(range(len(world.names.domains)))
    zeal = world.record[0]["institutions"]["zeal"]
    proposals = votes[votes["by"] == votes["who"][:, 0]]
    assert 0 < len(proposals) < len(votes)
    assert (proposals["chosen"] == 1).all(), "a proposal has a line when it is made"
    for vote in votes:
        institution = int(vote["who"][3])
        assert zeal[institution, vote["by"], vote["about"]] > 0.0
    for proposal in proposals:
        p = zeal[int(proposal["who"][3]), proposal["by"], proposal["about"]]
        assert proposal["probability"] == p
    technology = [place for place, name in enumerate(NAMES) if name.startswith("technology")]
    is_technology = np.isin(entries["rule"], technology)
    others = entries[is_technology & (entries["kind"] != ACT)]
    assert len(others)
    assert (others["about"] == NOBODY).all()
    assert (others["by"] == NOBODY).all()


def test_events_between_a_state_and_an_origins_name_what_happened_and_the_instrument(one: Trace) -> None:
    events = one.entries[(one.entries["who"][:, ORIGIN] != NOBODY) & (one.entries["kind"] == HAZARD)]
    assert (events["who"][:, ENTITIES.index("state")] != NOBODY).all()
    assert set(events["by"]) <= set(range(len(EVENTS)))
    assert {TALKS, SIGNATURE, ENTRY_INTO_FORCE, REQUEST} <= set(events["by"])
    is_of_one = np.isin(events["by"], (TALKS, SIGNATURE, ENTRY_INTO_FORCE))
    assert ((events["about"] >= 0) == is_of_one).all()
    assert set(events["about"][is_of_one]) <= set(range(len(KINDS)))
    for name in ("instruments", "requests"):
        assert (events["rule"] == NAMES.index(f"cooperation/{name}")).any()


def test_whether_a_group_attempts_anything_leaves_a_line_either_way(world: World, one: Trace) -> None:
    attempts = one.entries[(one.entries["by"] == ATTEMPT) & (one.entries["rule"] == NAMES.index("restraint/conduct"))]
    assert set(attempts["chosen"]) == {0, 1}
    assert (attempts["kind"] == HAZARD).all()
    assert (attempts["who"][:, ENTITIES.index("group")] != NOBODY).all()
    for group in set(attempts["who"][:, ENTITIES.index("group")]):
        quarters = attempts["quarter"][attempts["who"][:, ENTITIES.index("group")] == group]
        assert len(set(quarters)) == len(quarters), "once a quarter"


def test_events_of_groups_bear_a_name_and_what_was_chosen_was_an_option(one: Trace) -> None:
    rules = [place for place, name in enumerate(NAMES) if name.startswith(("restraint", "information"))]
    of_groups = one.entries[np.isin(one.entries["rule"], rules)]
    assert set(of_groups["by"]) <= set(range(len(GROUP_EVENTS)))
    choices = of_groups[of_groups["kind"] == CHOICE]
    assert set(choices["by"]) <= {PLEDGE, PROTECTOR, RIVAL, ACCUSED}
    assert (choices["chosen"] < choices["n_options"]).all()


def test_an_answer_has_all_answers_as_options_and_follows_its_request(one: Trace) -> None:
    rows = np.flatnonzero(
        (one.entries["kind"] == CHOICE) & (one.entries["rule"] == NAMES.index("cooperation/requests"))
    )
    assert len(rows)
    for row in rows:
        line, request = one.entries[row], one.entries[row - 1]
        assert (line["mode"], line["n_options"]) == (NOBODY, len(ANSWERS))
        assert line["option"][: len(ANSWERS)].tolist() == list(range(len(ANSWERS)))
        assert (request["by"], request["quarter"], request["chosen"]) == (REQUEST, line["quarter"], 1)
        assert request["who"].tolist() == line["who"].tolist()
        assert line["utility"][line["chosen"]] > -np.inf, "a third country that there is not is never chosen"


def test_every_vote_comes_after_the_proposal_that_it_is_on(one: Trace) -> None:
    votes = one.entries[one.entries["rule"] == NAMES.index("institutions/summits")]
    proposed = None
    for line in votes:
        key = (line["quarter"], line["who"][3], line["about"], line["by"])
        if line["by"] == line["who"][0]:
            proposed = key
        else:
            assert key == proposed


def test_choices_say_by_which_mode_and_bundles_are_loans(one: Trace) -> None:
    is_of_supplier = (one.entries["who"][:, ORIGIN] == NOBODY) & (one.entries["by"] == NOBODY)
    choices = one.entries[(one.entries["kind"] == CHOICE) & is_of_supplier]
    assert set(choices["mode"]) == {GIFT, TIED_LOAN, TENDER}
    is_offer = choices["option"][:, 0] == NOBODY
    assert set(choices["mode"][is_offer]) == {GIFT, TIED_LOAN}
    assert set(choices["mode"][~is_offer]) == {TENDER}
    assert set(choices["mode"][choices["rule"] == NAMES.index("technology/bundles")]) <= {TIED_LOAN}
    assert (one.entries["mode"][one.entries["kind"] != CHOICE] == 0).all()


def test_numbers_belong_to_whom_their_row_names(world: World) -> None:
    owners, names = word_owners(world), world.names
    kaz, rus = names.index("states", "KAZ"), names.index("homes", "RUS")
    huawei, cloud = names.index("firms", "Huawei"), names.index("sectors", "cloud")
    sco, west = names.index("institutions", "SCO"), names.index("origins", "Western China")
    kgz = names.index("states", "KGZ")
    jailed, idlib = names.index("groups", "Islamic State"), names.index("theatres", "Idlib")
    expected = {
        "states[KAZ].purse": (kaz, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        "states[KAZ].dependence[RUS]": (kaz, rus, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        "cells[KAZ,cloud].penetration": (kaz, NOBODY, NOBODY, NOBODY, cloud, NOBODY, NOBODY, NOBODY),
        "dyads[KAZ>RUS].debt": (kaz, rus, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        "firms[Huawei].ban[KAZ]": (kaz, NOBODY, huawei, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        "institutions[SCO].zeal[KAZ,trade]": (kaz, NOBODY, NOBODY, sco, NOBODY, NOBODY, NOBODY, NOBODY),
        "politics.tension": (NOBODY,) * 8,
        "origins[Western China].salience": (NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, west, NOBODY, NOBODY),
        "channels[KAZ>Western China].trust": (kaz, NOBODY, NOBODY, NOBODY, NOBODY, west, NOBODY, NOBODY),
        "nodes[Kazakhstan].haven": (kaz, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
        "nodes[Kazakhstan].stock[Western China]": (kaz, NOBODY, NOBODY, NOBODY, NOBODY, west, NOBODY, NOBODY),
        "groups[Islamic State].hard": (*(NOBODY,) * 6, jailed, NOBODY),
        "theatres[Idlib].truce": (*(NOBODY,) * 7, idlib),
        "theatres[Idlib].control[SYR]": (*(NOBODY,) * 7, idlib),
        "patrons[Islamic State].effort": (*(NOBODY,) * 6, jailed, NOBODY),
        "accusers[KGZ].lean[Islamic State]": (kgz, *(NOBODY,) * 5, jailed, NOBODY),
        "measures.cum_hazard[Idlib]": (*(NOBODY,) * 7, idlib),
        "legs[Kazakhstan>Kyrgyzstan].control": (kgz, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY),
    }
    for text, who in expected.items():
        assert tuple(owners[resolve(text, world)[0].offset]) == who, text


def test_what_a_rule_reads_is_found_in_the_flat_vector(world: World) -> None:
    reads = words_read(world)
    assert reads.shape == (len(SCHEDULE), world.record.dtype.itemsize // 8)
    pandemic = NAMES.index("world_politics/pandemic")
    assert reads[pandemic].sum() == 2 + world.sizes.states
    assert reads[pandemic, resolve("politics.contact_restriction", world)[0].offset]
