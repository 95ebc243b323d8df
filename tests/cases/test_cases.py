"""In each documented situation the answer that was given is the most likely one, with the register's own weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import InputError
from sim.world.cooperation import ANSWERS
from tests.cases.situation import Case, all_cases, consent, put_on_stage, read_case, utilities
from tests.evidence.test_wording import COMMUNITY
from tests.rules.made_world import default_world, register

NAMES = sorted(all_cases())
every_case = pytest.mark.parametrize("name", NAMES)

WHOLE = """
title: A case
reports: What was reported.
evidence: [E0880]
state: THA
origin: Western China
situation:
  salience: {value: 0.2, why: a guess}
expected: [refuse]
"""


def case(name: str) -> Case:
    return read_case(all_cases()[name])


def written(folder: Path, text: str) -> Path:
    path = folder / "made.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_cases_are_those_that_the_documents_tell():
    assert NAMES == [
        "central_asian_signer",
        "indonesia_2016",
        "malaysia_2013_2016",
        "malaysia_2018",
        "thailand_2015",
        "thailand_after_2015",
        "turkey_2015",
        "turkey_2018",
    ]


@every_case
def test_the_most_likely_answer_is_the_one_reported(name):
    told = case(name)
    found = utilities(told, default_world(), register().record()[0])
    assert ANSWERS[int(np.argmax(found))] in told.expected, dict(zip(ANSWERS, found.round(2), strict=True))


@every_case
def test_it_is_so_by_a_clear_margin(name):
    told = case(name)
    found = dict(zip(ANSWERS, utilities(told, default_world(), register().record()[0]), strict=True))
    reported = max(found[answer] for answer in told.expected)
    assert reported - max(value for answer, value in found.items() if answer not in told.expected) > 0.15


@pytest.mark.parametrize("name", [name for name in NAMES if case(name).swap])
def test_a_swap_is_answered_as_reported(name):
    told = case(name)
    assert (consent(told, default_world(), register().record()[0]) > 0.5) == (told.swap == "consented")


@every_case
def test_a_case_speaks_of_states_and_areas_only(name):
    assert not COMMUNITY.search(all_cases()[name].read_text(encoding="utf-8"))


@every_case
def test_a_situation_changes_only_what_it_names(name):
    told = case(name)
    world = default_world()
    record, _ = put_on_stage(told, world)
    changed = {
        f"{table}.{column}"
        for table in record.dtype.names
        for column in record.dtype[table].base.names
        if not np.array_equal(record[table][column], world.record[table][column])
    }
    assert len(changed) <= len(told.situation)
    assert np.array_equal(world.record["nodes"]["persons"], record["nodes"]["persons"])


def test_a_whole_case_is_read(tmp_path):
    read = read_case(written(tmp_path, WHOLE))
    assert read.situation == {"salience": 0.2}
    assert read.expected == ("refuse",)
    assert read.swap is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[refuse]", "[refused]", r"made\.yaml: expected: unknown 'refused'.*Did you mean 'refuse'\?"),
        ("salience:", "saliense:", r"made\.yaml: situation\.saliense: unknown 'saliense'.*Did you mean 'salience'\?"),
        ("[E0880]", "[E9999]", r"made\.yaml: evidence: unknown 'E9999'"),
        ("value: 0.2", "value: 1.2", r"made\.yaml: situation\.salience: must lie between 0 and 1, not 1\.2"),
        ("value: 0.2", "value: yes", r"made\.yaml: situation\.salience: must lie between 0 and 1, not True"),
        (", why: a guess", "", r"made\.yaml: situation\.salience: needs a value and why"),
        ("title:", "titel:", r"made\.yaml: titel: unknown 'titel'.*Did you mean 'title'\?"),
        ("[refuse]", "refuse", r"made\.yaml: expected: must be a list"),
        ("expected: [refuse]", "", r"made\.yaml: expected: is missing"),
        ("expected:", "swap: perhaps\nexpected:", r"made\.yaml: swap: unknown 'perhaps'"),
    ],
)
def test_a_faulty_case_is_refused_with_file_and_key(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        read_case(written(tmp_path, WHOLE.replace(old, new)))
