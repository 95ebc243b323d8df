"""Worldviews: which claims each holds, and what becomes of the parameters that rest on others."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.parameters.register import Register, load_register
from sim.parameters.worldviews import Article, Worldview, load_worldview, rests_on_contested_alone, worldviews
from tests.parameters.build import FACTS, entry, write

REGISTER, FINDINGS = load_register(), load_findings()
VIEWS = {name: load_worldview(name) for name in worldviews()}
ARTICLES = {name: view.article for name, view in VIEWS.items() if view.article}
CONTESTED = {
    identity for found in REGISTER.entries.values() for identity in found.evidence if FINDINGS[identity].contested
}


def value_under(name: str, key: str) -> float:
    view = VIEWS[name]
    return REGISTER.values(view.parameters, view.dropped(REGISTER, FINDINGS))[key]


def test_there_is_one_that_holds_all_one_that_holds_none_and_one_for_each_article() -> None:
    assert set(VIEWS) - set(ARTICLES) == {"all", "cautious"}
    assert len(ARTICLES) == 16
    assert VIEWS["all"].dropped(REGISTER, FINDINGS) == ()
    assert VIEWS["all"].parameters == VIEWS["cautious"].parameters == {}


def test_every_contested_parameter_is_dropped_by_the_cautious_or_keeps_its_value_for_a_reason() -> None:
    dropped = VIEWS["cautious"].dropped(REGISTER, FINDINGS)
    neutral = REGISTER.neutral(dropped)
    for key, found in REGISTER.entries.items():
        if found.contested:
            rests_on_more = any(not FINDINGS[identity].contested for identity in found.evidence)
            assert (key in neutral) + bool(found.kept) + rests_on_more == 1, key
        else:
            assert key not in dropped
    assert len(neutral) > 50


def test_every_contested_fact_behind_a_parameter_stands_in_one_article() -> None:
    for identity in CONTESTED:
        holders = [name for name, article in ARTICLES.items() if article.holds(FINDINGS[identity])]
        assert len(holders) == 1, FINDINGS[identity].citation


def test_articles_do_not_overlap_and_cover_every_document() -> None:
    spans = sorted((article.document, *article.lines) for article in ARTICLES.values())
    for (document, first, last), (other, start, _) in pairwise(spans):
        assert first < last
        assert document != other or last < start
    assert {document for document, _, _ in spans} == {fact.document[:3] for fact in FINDINGS.values()}


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_drops_what_others_claim_and_nothing_of_its_own(name: str) -> None:
    view = VIEWS[name]
    dropped = set(view.dropped(REGISTER, FINDINGS))
    assert dropped <= set(VIEWS["cautious"].dropped(REGISTER, FINDINGS))
    for key, found in REGISTER.entries.items():
        if rests_on_contested_alone(found, FINDINGS) and key not in view.parameters:
            assert (key in dropped) != any(ARTICLES[name].holds(FINDINGS[identity]) for identity in found.evidence)


@pytest.mark.parametrize("name", ARTICLES)
def test_what_an_article_sets_lies_within_its_range_and_stands_in_one_of_its_lines(name: str) -> None:
    REGISTER.record(VIEWS[name].parameters)
    for key, words in VIEWS[name].says.items():
        line = re.match(r"(\d+): \w", words)
        assert line
        assert ARTICLES[name].lines[0] <= int(line[1]) <= ARTICLES[name].lines[1], key


def test_articles_of_one_file_contradict_each_other() -> None:
    assert value_under("speckhard_nes", "passage.rate_proxy") > 0.0
    assert value_under("botobekov_hts", "passage.rate_proxy") == 0.0
    assert value_under("surveillance_models", "bundles.conditionality") == 1.0
    assert value_under("rusi_sco", "bundles.conditionality") == 0.0
    assert value_under("botobekov_ktj", "accusation.mix_diversion") == 0.0
    assert value_under("botobekov_navalny", "accusation.mix_diversion") == 0.5


# What dropping means, on facts made for it


def made(tmp_path, **entries: dict[str, object]) -> Register:
    """A register with entries made from the usual one."""
    return load_register(write(tmp_path, group={name: entry(**fields) for name, fields in entries.items()}), FACTS)


NONE = Worldview("none", "None", "Nothing.", False, None, {}, {})


def test_an_entry_is_dropped_where_all_that_it_rests_on_is(tmp_path) -> None:
    register = made(
        tmp_path,
        alone={"evidence": ["E0003"], "neutral": 0.0},
        both={"evidence": ["E0003", "E0005"], "neutral": -1.0},
        mixed={"evidence": ["E0001", "E0003"]},
        stays={"evidence": ["E0005"], "kept": "a shape"},
        assumed={"evidence": []},
    )
    assert NONE.dropped(register, FACTS) == ("group.alone", "group.both", "group.stays")
    values = register.values({}, NONE.dropped(register, FACTS))
    assert values.pop("group.alone") == 0.0
    assert values.pop("group.both") == -1.0
    assert set(values.values()) == {1.2}
    third = replace(NONE, article=Article(document="000", lines=[3, 4], author="A", published="B"))
    assert third.dropped(register, FACTS) == ("group.stays",), "E0003 stands in line 3"
    assert set(replace(NONE, parameters={"group.alone": 2.0}).dropped(register, FACTS)) == {"group.both", "group.stays"}
    assert replace(NONE, holds_all=True).dropped(register, FACTS) == ()


def test_a_neutral_value_may_lie_out_of_the_range_but_no_typed_one(tmp_path) -> None:
    register = made(tmp_path, alone={"evidence": ["E0003"], "neutral": 0.0})
    assert register.values({}, ["group.alone"]) == {"group.alone": 0.0}
    assert register.values({"group.alone": 2.0}, ["group.alone"]) == {"group.alone": 2.0}
    with pytest.raises(InputError, match="0 lies outside its range"):
        register.values({"group.alone": 0.0})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"neutral": 0.0, "kept": "a shape"}, "states neutral and kept"),
        ({"neutral": 1.2}, r"neutral is the value \(1.2\) itself"),
        ({"neutral": "none"}, "neutral: must be a number, not 'none'"),
    ],
)
def test_a_fault_in_what_becomes_of_a_claim_is_named(tmp_path, fields: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=f"group.alone: .*{words}"):
        made(tmp_path, alone={"evidence": ["E0003"], **fields})


def test_an_unknown_worldview_is_refused() -> None:
    with pytest.raises(InputError, match=r"worldview: there is no 'cautios'\. Did you mean 'cautious'\? Known: all,"):
        load_worldview("cautios")
