"""The tables of facts, actors and mechanisms: what is shipped, and what a malformed row does."""

from __future__ import annotations

import csv
import dataclasses
import re
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.evidence.loader import (
    ACTOR_COLUMNS,
    FINDING_COLUMNS,
    GRADES,
    MECHANISM_COLUMNS,
    load_actors,
    load_findings,
    load_mechanisms,
)

FINDING = {
    "id": "E0001",
    "document": "000_a.txt",
    "paragraph": "85",
    "kind": "claim",
    "claim": "A claim.",
    "figure": "30",
    "unit": "percent",
    "year": "2019",
    "actors": "China; Kazakhstan",
    "mechanism": "stack_layering",
    "contested": "yes",
    "confidence": "low",
    "note": "a caveat",
}
ACTOR = {"name": "China", "type": "state", "aliases": "PRC;Beijing", "documents": "000_a.txt", "role": "Supplier."}
MECHANISM = {"number": "1", "title": "Price", "keys": "a;b", "section": "Technology", "sentence": "It happens."}


def table(path: Path, columns: tuple[str, ...], *rows: dict[str, str]) -> Path:
    """Write a table with these columns and rows."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def findings(folder: Path, *changes: dict[str, str]) -> Path:
    """Write a table of facts, each FINDING with changes."""
    return table(folder / "findings.csv", FINDING_COLUMNS, *(FINDING | change for change in changes))


def test_every_fact_is_there_with_ids_in_order():
    shipped = load_findings()
    assert list(shipped) == [f"E{number:04d}" for number in range(1, 1014)]
    assert all(key == finding.id for key, finding in shipped.items())


def test_the_shares_of_the_shipped_facts():
    shipped = load_findings().values()
    assert sum(finding.contested for finding in shipped) == 254
    assert [sum(finding.confidence == grade for finding in shipped) for grade in GRADES] == [292, 612, 109]
    assert sum(bool(finding.figure) for finding in shipped) == 409
    assert len({finding.document for finding in shipped}) == 5


def test_a_known_fact_reads_as_typed():
    fact = load_findings()["E0001"]
    assert (fact.citation, fact.paragraph, fact.year, fact.contested, fact.confidence) == (
        "000:3",
        3,
        None,
        False,
        "medium",
    )
    assert fact.actors == ("China", "Shanghai Cooperation Organisation", "Digital Silk Road")
    assert fact.mechanism == "firms_route_around_blockage"


def test_every_actor_of_a_fact_is_in_the_table_of_actors():
    actors = load_actors()
    unknown = {name for finding in load_findings().values() for name in finding.actors if name not in actors}
    assert not unknown


def test_every_actor_names_documents_that_the_facts_come_from():
    documents = {finding.document for finding in load_findings().values()}
    assert len(load_actors()) == 287
    assert all(actor.documents and set(actor.documents) <= documents for actor in load_actors().values())


def test_all_mechanisms_are_there_in_four_sections():
    shipped = load_mechanisms()
    assert list(shipped) == list(range(1, 145))
    sections = {entry.section.partition(":")[0] for entry in shipped.values()}
    assert sections == {
        "Technology dependence",
        "Law-enforcement cooperation",
        "External-attack restraint",
        "Cross-cutting",
    }
    assert shipped[1].keys == ("subsidised_price_advantage",)
    assert shipped[5].keys == ("stack_layering", "technology_interdependence", "data_infrastructure_entrenchment")


def test_every_mechanism_has_a_fact_behind_it():
    used = {finding.mechanism for finding in load_findings().values()}
    assert {key for entry in load_mechanisms().values() for key in entry.keys} <= used


def test_every_sentence_is_one_sentence_of_its_own():
    sentences = [entry.sentence for entry in load_mechanisms().values()]
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert sentence[0].isupper()
        assert re.fullmatch(r"[^.!?]{20,200}\.", sentence), sentence


def test_records_are_frozen_and_tables_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_findings()["E0001"].claim = "another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        load_findings()["E9999"] = load_findings()["E0001"]  # type: ignore[index]
    assert load_findings() is load_findings()


def test_a_row_reads_with_lists_split_and_blanks_empty(tmp_path):
    path = findings(tmp_path, {}, {"id": "E0002", "year": "", "actors": "", "contested": "no", "note": ""})
    first, second = load_findings(path).values()
    assert (first.year, first.actors, first.contested) == (2019, ("China", "Kazakhstan"), True)
    assert (second.year, second.actors, second.contested, second.note) == (None, (), False, "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": ""}, "id is empty"),
        ({"id": "F0002"}, "'F0002' is not E and four digits"),
        ({"id": "E0001"}, "'E0001' stands twice"),
        ({"contested": "maybe"}, "contested is 'maybe', not one of yes, no"),
        ({"contested": "True"}, "contested is 'True'"),
        ({"confidence": "hihg"}, "Did you mean 'high'?"),
        ({"kind": "clam"}, "Did you mean 'claim'?"),
        ({"paragraph": "0"}, "paragraph is '0', not a whole number above 0"),
        ({"paragraph": "²"}, "paragraph is '²'"),
        ({"year": "2019.5"}, "year is '2019.5'"),
        ({"claim": "  "}, "claim is empty"),
        ({"document": ""}, "document is empty"),
        ({"mechanism": ""}, "mechanism is empty"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path, change, words):
    path = findings(tmp_path, {}, {"id": "E0002"} | change)
    with pytest.raises(InputError) as caught:
        load_findings(path)
    assert f"{path}, line 3: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("column", FINDING_COLUMNS)
def test_a_missing_column_is_named(tmp_path, column):
    columns = tuple(name for name in FINDING_COLUMNS if name != column)
    path = table(tmp_path / "f.csv", columns, {name: FINDING[name] for name in columns})
    with pytest.raises(InputError, match=f"the column '{column}' is missing"):
        load_findings(path)


def test_an_unknown_or_repeated_column_is_refused(tmp_path):
    unknown = table(tmp_path / "u.csv", (*FINDING_COLUMNS, "colour"), FINDING)
    with pytest.raises(InputError, match="unknown column 'colour'"):
        load_findings(unknown)
    twice = table(tmp_path / "t.csv", (*FINDING_COLUMNS, "note"), FINDING)
    with pytest.raises(InputError, match="a column stands twice"):
        load_findings(twice)


def test_a_misspelt_column_gets_a_hint(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(",".join(FINDING_COLUMNS).replace("confidence", "confidance") + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"'confidence' is missing\. Did you mean 'confidance'\?"):
        load_findings(path)


@pytest.mark.parametrize("tail", ["E0002,000_a.txt,3", ",".join(["x"] * 14)])
def test_a_row_of_another_length_is_refused(tmp_path, tail):
    path = findings(tmp_path, {})
    path.write_text(path.read_text(encoding="utf-8") + tail + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3: the row does not have 13 cells"):
        load_findings(path)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: cannot be read"):
        load_findings(tmp_path / "nowhere.csv")
    path = findings(tmp_path, {"claim": "naïve"})
    path.write_bytes(path.read_bytes().replace("ï".encode(), b"\xef"))
    with pytest.raises(InputError, match=r"findings\.csv: is not UTF-8 text"):
        load_findings(path)
    path.write_text(",".join(FINDING_COLUMNS) + '\nE0001,"open', encoding="utf-8")
    with pytest.raises(InputError, match=r"findings\.csv, line \d: unexpected end of data"):
        load_findings(path)


def test_an_alias_of_two_actors_is_refused(tmp_path):
    other = {"name": "Beijing city", "type": "organisation", "aliases": "beijing"}
    path = table(tmp_path / "actors.csv", ACTOR_COLUMNS, ACTOR, ACTOR | other)
    with pytest.raises(InputError, match="line 3: the name 'beijing' already stands for 'China'"):
        load_actors(path)


def test_an_actor_of_an_unknown_type_is_refused(tmp_path):
    path = table(tmp_path / "actors.csv", ACTOR_COLUMNS, ACTOR | {"type": "sate"})
    with pytest.raises(InputError, match=r"Did you mean 'state'\?"):
        load_actors(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"number": "3"}, "number 3 where 2 is due"), ({"number": "2", "keys": " ; "}, "keys is empty")],
)
def test_bad_mechanisms_are_refused(tmp_path, change, words):
    path = table(tmp_path / "m.csv", MECHANISM_COLUMNS, MECHANISM, MECHANISM | change)
    with pytest.raises(InputError, match=words):
        load_mechanisms(path)
