"""Strict reading of YAML."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.parameters.strict_yaml import StrictLoader, read_mapping


def read(tmp_path, text):
    """Write the text to a file and read it."""
    path = tmp_path / "tenders.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: 2\na: 3\n", 3), ("a:\n  b: 1\n  b: 2\n", 3), ("a: {b: 1, b: 1}\n", 1)]
)
def test_a_key_that_stands_twice_is_refused_at_any_depth(tmp_path, text, line):
    with pytest.raises(InputError, match=rf"tenders\.yaml, line {line}: the key '[ab]' stands twice"):
        read(tmp_path, text)


def test_the_same_key_in_two_mappings_is_fine(tmp_path):
    assert read(tmp_path, "a: {x: 1}\nb: {x: 2}\n") == {"a": {"x": 1}, "b": {"x": 2}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds nothing"),
        ("- a\n", "holds a list"),
        ("word\n", "holds a str"),
        ("on: 1\n", "the key True is not text"),
        ("1: 2\n", "the key 1 is not text"),
        ("a: [1\n", r"tenders\.yaml, line 2"),
        ("[1]: 2\n", r"tenders\.yaml, line 1"),
        ("? [1]\n: 2\n", "unhashable"),
        ("a: !!python/object:os.system x\n", "could not determine a constructor"),
        ("a: \x01\n", "is not YAML"),
    ],
)
def test_other_faults_name_the_file(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path, text)
    assert "tenders.yaml" in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.yaml: cannot be read"):
        read_mapping(tmp_path / "nowhere.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml: is not UTF-8"):
        read_mapping(tmp_path / "latin.yaml")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_prints_reads_as_that_number(number):
    for text in (repr(number), f"{number:e}", f"{number:.17g}"):
        read_back = yaml.load(text, Loader=StrictLoader)
        assert isinstance(read_back, int | float)
        assert read_back == float(text)


@pytest.mark.parametrize("text", ["E0001", "1e", "e5", "2020Q1", "1e5x"])
def test_text_that_looks_like_a_number_stays_text(text):
    assert yaml.load(text, Loader=StrictLoader) == text


def test_the_strict_loader_leaves_plain_yaml_as_it_was():
    assert yaml.safe_load("1e-3") == "1e-3"
    assert yaml.safe_load("{a: 1, a: 2}") == {"a": 2}
