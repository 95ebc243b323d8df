"""The register: loading, finding, the record and its errors; and the register that is shipped."""

from __future__ import annotations

import pickle
import re

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.evidence.loader import load_findings
from sim.parameters.register import FOLDER, RESERVED, Register, Unfit, load_register
from sim.parameters.schema import Entry
from tests.parameters.build import ENTRY, FACTS, entry, write


@pytest.fixture
def register(tmp_path) -> Register:
    """Two groups, written in an order that is not sorted."""
    write(
        tmp_path,
        vendors={"zeal": entry(value=2), "drive": entry(value=0.5, evidence=["E0003"])},
        tenders={"weight_quality": entry(value=1.5), "weight_price": entry()},
    )
    return load_register(tmp_path, FACTS)


def refusal(folder, facts=FACTS) -> str:
    """Return the words with which the register of this folder is refused."""
    with pytest.raises(InputError) as caught:
        load_register(folder, facts)
    return str(caught.value)


def test_entries_are_sorted_and_know_where_they_stand(register, tmp_path):
    assert list(register.entries) == ["tenders.weight_price", "tenders.weight_quality", "vendors.drive", "vendors.zeal"]
    found = register.entries["vendors.zeal"]
    assert (found.key, found.group, found.name) == ("vendors.zeal", "vendors", "zeal")
    assert found.file == str(tmp_path / "vendors.yaml")
    assert register.groups == {"tenders": ("weight_price", "weight_quality"), "vendors": ("drive", "zeal")}


def test_contested_follows_from_the_facts(register):
    assert [found.contested for found in register.entries.values()] == [False, False, True, False]


def test_groups_sort_as_names_not_as_keys(tmp_path):
    write(tmp_path, a={"z": entry()}, a_b={"a": entry()}, A={"b": entry()})
    register = load_register(tmp_path, FACTS)
    assert list(register.entries) == ["A.b", "a.z", "a_b.a"]
    assert list(register.dtype.names) == ["A", "a", "a_b"]


def test_the_record_is_nested_float64_without_padding(register):
    record = register.record()
    assert record.shape == (1,)
    assert record.dtype == register.dtype
    assert record.dtype.names == ("tenders", "vendors")
    assert record.dtype["vendors"].names == ("drive", "zeal")
    assert record.nbytes == 8 * len(register.entries)
    assert record.view("f8").tolist() == [1.2, 1.5, 0.5, 2.0]


def test_overrides_replace_only_what_they_name_and_leave_no_trace(register):
    record = register.record({"vendors.zeal": 1, "tenders.weight_price": np.float64(0.4)})
    assert record.view("f8").tolist() == [0.4, 1.5, 0.5, 1.0]
    record["vendors"]["zeal"] = 9.0
    assert register.record().view("f8").tolist() == [1.2, 1.5, 0.5, 2.0]
    assert register.defaults()["vendors.zeal"] == 2.0


def test_ranges(register):
    assert register.ranges == dict.fromkeys(register.entries, (0.4, 2.5))


def test_compiled_code_reads_fields_by_name(register):
    @numba.njit
    def product(record):
        params = record[0]
        return params.tenders.weight_price * params.vendors.zeal

    assert product(register.record({"tenders.weight_price": 0.5})) == 1.0


def test_interpreted_code_reads_fields_by_name(register):
    params = register.record().view(np.recarray)[0]
    assert params.tenders.weight_price == 1.2


def test_a_register_travels_between_processes(register):
    assert pickle.loads(pickle.dumps(register)) == register


def test_an_unknown_key_gets_a_hint(register):
    for call in (register.find, lambda key: register.record({key: 1.0})):
        with pytest.raises(InputError, match=r"'tenders.weight_prise'\. Did you mean 'tenders.weight_price'\?"):
            call("tenders.weight_prise")
    assert isinstance(register.find("vendors.zeal"), Entry)


def test_an_override_outside_the_range_names_file_key_and_range(register, tmp_path):
    with pytest.raises(InputError) as caught:
        register.record({"vendors.zeal": 2.51})
    words = (
        f"{tmp_path / 'vendors.yaml'}: vendors.zeal: 2.51 lies outside its range 0.4..2.5 (utility per unit of price)."
    )
    assert str(caught.value) == words
    assert isinstance(caught.value, Unfit)
    assert caught.value.key == "vendors.zeal"


@pytest.mark.parametrize("value", ["1", None, True, np.bool_(True), float("nan"), float("inf"), 1j, [1.0]])
def test_an_override_that_is_no_finite_number_is_refused(register, value):
    with pytest.raises(InputError, match=r"vendors\.zeal: .* is not a finite number"):
        register.record({"vendors.zeal": value})


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("zeal", {"units": "x"}, "unknown field 'units'"),
        ("zeal", {"unit": None}, "the field 'unit' is missing"),
        ("zeal", {"moves": None}, "the field 'moves' is missing"),
        ("zeal", {"value": 9}, "lies outside low..high"),
        ("zeal", {"evidence": ["E0001", "E0009"]}, "unknown fact 'E0009' in evidence. Did you mean 'E000"),
        ("zeal", {"evidence": ["E9999X"]}, "unknown fact 'E9999X' in evidence."),
        ("zeal", {"evidence": [], "assumption": None}, "it has neither"),
        ("size", {}, "'size' is an attribute of NumPy arrays"),
        ("max", {}, "'max' is an attribute of NumPy arrays"),
        ("T", {}, "'T' is an attribute of NumPy arrays"),
        ("lambda", {}, "'lambda' is not a plain Python name"),
        ("a-b", {}, "'a-b' is not a plain Python name"),
        ("a.b", {}, "'a.b' is not a plain Python name"),
        ("größe", {}, "'größe' is not a plain Python name"),
        ("_zeal", {}, "'_zeal' is not a plain Python name"),
    ],
)
def test_every_fault_names_file_and_key(tmp_path, name, changes, words):
    text = refusal(write(tmp_path, vendors={name: entry(**changes)}))
    assert text.startswith(f"{tmp_path / 'vendors.yaml'}: vendors.{name}: ")
    assert words in text


@pytest.mark.parametrize("group", ["base", "size", "class", "a b", "1st"])
def test_a_bad_group_name_names_the_file(tmp_path, group):
    text = refusal(write(tmp_path, **{group: {"zeal": entry()}}))
    assert text.startswith(f"{tmp_path / f'{group}.yaml'}: the group name {group!r} is")


def test_a_parameter_that_stands_twice_is_refused(tmp_path):
    text = "zeal: {value: 1}\nzeal: {value: 2}\n"
    assert "vendors.yaml, line 2: the key 'zeal' stands twice" in refusal(write(tmp_path, vendors=text))


@pytest.mark.parametrize(("text", "words"), [("", "holds nothing"), ("{}", "holds no parameter"), ("- a", "a list")])
def test_an_empty_file_is_refused(tmp_path, text, words):
    found = refusal(write(tmp_path, vendors=text))
    assert "vendors.yaml" in found
    assert words in found


def test_folders_without_parameters_are_refused(tmp_path):
    assert "no such folder" in refusal(tmp_path / "nowhere")
    assert "holds no .yaml file" in refusal(tmp_path)
    write(tmp_path, vendors={"zeal": entry()})
    (tmp_path / "tenders.yml").write_text("", encoding="utf-8")
    assert "tenders.yml: files of parameters must end in .yaml" in refusal(tmp_path)


def test_the_shipped_facts_are_the_default(tmp_path):
    contested = next(fact.id for fact in load_findings().values() if fact.contested)
    write(tmp_path, vendors={"zeal": entry(evidence=[contested])})
    assert load_register(tmp_path).find("vendors.zeal").contested
    assert "unknown fact" in refusal(tmp_path, facts={})


def test_reserved_names_are_those_that_arrays_and_records_have():
    assert {"base", "size", "data", "min", "max", "T", "shape", "field", "pprint"} <= RESERVED


@given(st.floats(0.4, 2.5), st.floats(0.4, 2.5))
def test_any_value_within_the_range_reaches_the_record(tmp_path_factory, price, quality):
    folder = tmp_path_factory.getbasetemp() / "within"
    folder.mkdir(exist_ok=True)
    register = load_register(write(folder, tenders={"price": ENTRY, "quality": ENTRY}), FACTS)
    record = register.record({"tenders.quality": quality, "tenders.price": price})
    assert record.view("f8").tolist() == [price, quality]


@given(st.floats(allow_nan=False).filter(lambda value: not 0.4 <= value <= 2.5))
def test_no_value_outside_the_range_reaches_the_record(tmp_path_factory, value):
    folder = tmp_path_factory.getbasetemp() / "outside"
    folder.mkdir(exist_ok=True)
    register = load_register(write(folder, tenders={"price": ENTRY}), FACTS)
    with pytest.raises(InputError, match=re.escape("tenders.yaml: tenders.price: ")):
        register.record({"tenders.price": value})


def test_the_shipped_register_loads_and_its_record_holds_the_defaults():
    register = load_register()
    record = register.record()
    for key, found in register.entries.items():
        assert record[found.group][found.name][0] == found.value == register.defaults()[key]
        assert found.file == f"configs/parameters/{found.group}.yaml"
    assert set(register.groups) == {path.stem for path in FOLDER.glob("*.yaml")}


def test_the_ends_of_every_shipped_range_can_be_set():
    register = load_register()
    for end in (0, 1):
        values = {key: ends[end] for key, ends in register.ranges.items()}
        assert register.record(values).view("f8").tolist() == list(values.values())
