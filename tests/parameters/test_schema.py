"""The fields of one entry: what is refused, in which words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sim.errors import InputError
from sim.parameters.schema import stated
from tests.parameters.build import ENTRY, entry

PLACE = "tenders.yaml: tenders.weight_price"


def message(fields: object) -> str:
    """Return the words of the refusal."""
    with pytest.raises(InputError) as caught:
        stated(PLACE, fields)
    text = str(caught.value)
    assert text.startswith(f"{PLACE}: ")
    assert "\n" not in text
    return text


def test_a_sound_entry_reads_as_typed():
    read = stated(PLACE, entry(value=1, evidence=["E0001"]))
    assert (read.value, type(read.value), read.evidence) == (1.0, float, ("E0001",))
    assert (read.moves.outcome, read.moves.setting) == ("awards_china.KGZ", {"history": "free"})


def test_an_entry_is_frozen():
    with pytest.raises(ValidationError):
        stated(PLACE, ENTRY).value = 2.0  # type: ignore[misc]


@pytest.mark.parametrize("field", ["value", "low", "high", "distribution", "unit", "meaning", "moves"])
def test_a_missing_field_is_named(field):
    assert f"the field {field!r} is missing" in message(entry(**{field: None}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"units": "x"}, "unknown field 'units'. Did you mean 'unit'?"),
        ({"contested": True}, "unknown field 'contested'."),
        ({"key": "tenders.weight_price"}, "unknown field 'key'."),
        ({"file": "x"}, "unknown field 'file'."),
        ({"value": 2.6}, "value (2.6) lies outside low..high (0.4..2.5)"),
        ({"value": 0.39}, "value (0.39) lies outside low..high (0.4..2.5)"),
        ({"low": 2.5}, "low (2.5) must be below high (2.5)"),
        ({"low": 3}, "low (3) must be below high (2.5)"),
        ({"value": "1.2"}, "value: must be a number, not '1.2'."),
        ({"value": True}, "value: must be a number, not True."),
        ({"value": float("nan")}, "value: must be a finite number, not nan."),
        ({"high": float("inf")}, "high: must be a finite number, not inf."),
        ({"distribution": "unifrom"}, "unknown distribution 'unifrom'; there are uniform, loguniform, triangular. Did"),
        ({"distribution": "normal"}, "unknown distribution 'normal'"),
        ({"distribution": "loguniform", "low": 0}, "loguniform distribution needs low above 0, but low is 0."),
        ({"distribution": "loguniform", "low": -1}, "loguniform distribution needs low above 0, but low is -1."),
        ({"unit": "  "}, "unit is empty"),
        ({"unit": 1}, "unit: must be text, not 1."),
        ({"meaning": ""}, "meaning is empty"),
        ({"assumption": " "}, "assumption is empty"),
        ({"evidence": [], "assumption": None}, "needs evidence (ids of facts) or an assumption; it has neither."),
        ({"evidence": "E0001"}, "evidence: must be a list, not 'E0001'."),
        ({"evidence": [1]}, "evidence.0: must be text, not 1."),
        ({"evidence": ["E0001", "E0001"]}, "evidence names 'E0001' twice"),
        ({"moves": {"setting": {}}}, "the field 'moves.outcome' is missing"),
        ({"moves": {"outcome": "x", "settings": {}}}, "unknown field 'moves.settings'. Did you mean 'setting'?"),
        ({"moves": {"outcome": "x", "setting": {"a": [1]}}}, "moves.setting.a: must be a number, text, true or false"),
        ({"moves": "awards"}, "moves: must be a mapping of keys to values, not 'awards'."),
    ],
)
def test_a_fault_is_named_with_the_field(changes, words):
    told = message(ENTRY | changes)
    assert words in told
    assert "Input should" not in told


@pytest.mark.parametrize("fields", [1.2, "x", None, [1]])
def test_an_entry_that_is_no_mapping_is_refused(fields):
    assert f"the entry must be a mapping of keys to values, not {fields!r}." in message(fields)


def test_neither_evidence_nor_assumption_when_both_fields_are_left_out():
    fields = {name: value for name, value in ENTRY.items() if name not in ("evidence", "assumption")}
    assert "it has neither" in message(fields)


@pytest.mark.parametrize("value", [0.4, 2.5])
def test_the_ends_of_the_range_are_allowed(value):
    assert stated(PLACE, entry(value=value)).value == value


@pytest.mark.parametrize(
    ("evidence", "assumption", "backing"),
    [(["E0001"], None, "documented"), (["E0001"], "because", "derived"), ([], "because", "assumed")],
)
def test_the_three_kinds_of_backing(evidence, assumption, backing):
    assert stated(PLACE, entry(evidence=evidence, assumption=assumption)).backing == backing
