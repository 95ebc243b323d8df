"""Search over the facts, held against a plain filter of the shipped table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.evidence.loader import GRADES, load_actors, load_findings, load_mechanisms
from sim.evidence.search import find_actor, search

FACTS = load_findings()


def test_no_condition_gives_all_in_order():
    assert search(FACTS) == list(FACTS.values())


def test_text_ignores_case_and_looks_into_claim_figure_note_and_actors():
    found = search(FACTS, text="hUaWeI")
    assert found
    assert found == search(FACTS, text="Huawei")
    assert any("huawei" not in fact.claim.lower() and "Huawei" in fact.actors for fact in found)
    assert "E0001" in {fact.id for fact in search(FACTS, text="niva yau")}  # stands in the note alone
    figure = next(fact for fact in FACTS.values() if fact.figure == "27 April 1994")
    assert search(FACTS, text="27 april 1994") == [figure]


def test_text_that_stands_nowhere_finds_nothing():
    assert search(FACTS, text="zzzz") == []


def test_an_actor_is_found_by_name_and_by_alias():
    plain = [fact for fact in FACTS.values() if "China" in fact.actors]
    assert search(FACTS, actor="China") == search(FACTS, actor="beijing") == search(FACTS, actor=" PRC ") == plain


@pytest.mark.parametrize("name", sorted(load_actors()))
def test_every_spelling_of_an_actor_leads_to_it(name):
    actor = load_actors()[name]
    assert all(find_actor(spelling).name == name for spelling in (name, name.upper(), *actor.aliases))


def test_a_mechanism_is_found_by_number_and_by_key():
    assert {fact.mechanism for fact in search(FACTS, mechanism=5)} == set(load_mechanisms()[5].keys)
    assert search(FACTS, mechanism="5") == search(FACTS, mechanism=5)
    assert {fact.mechanism for fact in search(FACTS, mechanism="stack_layering")} == {"stack_layering"}


def test_a_label_that_no_mechanism_has_can_be_searched():
    assert len(search(FACTS, mechanism="source_provenance")) == 39


def test_every_mechanism_finds_facts():
    assert all(search(FACTS, mechanism=number) for number in load_mechanisms())


@pytest.mark.parametrize("spelling", ["003", "003_8565bbcc22765380", "003_8565bbcc22765380.txt"])
def test_a_document_is_found_by_prefix_stem_and_name(spelling):
    found = search(FACTS, document=spelling)
    assert len(found) == 42
    assert {fact.document for fact in found} == {"003_8565bbcc22765380.txt"}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"actor": "Huawai"}, "Unknown actor 'Huawai'. Did you mean 'Huawei'?"),
        ({"mechanism": "stack_layring"}, "Did you mean 'stack_layering'?"),
        ({"mechanism": 145}, "Unknown mechanism 145; they are numbered 1 to 144."),
        ({"mechanism": 0}, "Unknown mechanism 0"),
        ({"mechanism": -1}, "Unknown mechanism -1"),
        ({"document": "007"}, "Unknown document '007'"),
        ({"document": "003_8565bbcc2276538"}, "Did you mean '003_8565bbcc22765380'?"),
        ({"document": ""}, "Unknown document ''"),
        ({"confidence": "hgih"}, "Did you mean 'high'?"),
    ],
)
def test_what_does_not_exist_is_an_error_with_a_hint(condition, words):
    with pytest.raises(InputError) as caught:
        search(FACTS, **condition)
    assert words in str(caught.value)


@given(
    actor=st.none() | st.sampled_from(sorted(load_actors())),
    document=st.none() | st.sampled_from(["000", "001", "002", "003", "004"]),
    confidence=st.none() | st.sampled_from(GRADES),
    contested=st.none() | st.booleans(),
    text=st.none() | st.sampled_from(["a", "china", "2019", "treaty"]),
)
def test_conditions_together_are_the_overlap_of_each_alone(actor, document, confidence, contested, text):
    conditions = {
        "actor": actor,
        "document": document,
        "confidence": confidence,
        "contested": contested,
        "text": text,
    }
    together = {fact.id for fact in search(FACTS, **conditions)}
    alone = [{fact.id for fact in search(FACTS, **{name: value})} for name, value in conditions.items()]
    assert together == set.intersection(*alone)


@given(contested=st.booleans())
def test_contested_and_not_split_the_facts(contested):
    found = search(FACTS, contested=contested)
    assert all(fact.contested is contested for fact in found)
    assert len(found) + len(search(FACTS, contested=not contested)) == len(FACTS)
