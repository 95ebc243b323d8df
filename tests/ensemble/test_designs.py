"""Sampled points: how each method fills the ranges, what grows, and what a user's table has to keep to."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sim.configuration import compose, designs
from sim.ensemble.checks import read_inputs
from sim.ensemble.design_table import NOTE, read_table, sample_joined
from sim.ensemble.designs import METHODS, MOST_POINTS, Sample, sample
from sim.ensemble.factors import Factor
from sim.errors import InputError
from sim.locations import CONFIGS
from sim.parameters.register import load_register
from sim.results.files import canonical_json
from sim.results.outcomes import write_design
from sim.settings import Design

FACTORS = (
    Factor("parameters.a.x", 0.0, 10.0),
    Factor("parameters.a.y", 1.0, 100.0, "loguniform"),
    Factor("theory.choice", levels=("one", "two", "three")),
)
REGISTER = load_register()


def drawn(method: str, n: int | None, factors: tuple[Factor, ...] = FACTORS, seed: int = 0) -> Sample:
    return sample(Design(method=method, n=n, seed=seed), factors)


def read(path: Path) -> Sample:
    return read_table(compose(["design=table", f"design.table={path}"]), REGISTER, [])


def test_every_method_keeps_to_ranges_and_has_the_size_that_it_says() -> None:
    for name, method in METHODS.items():
        n = None if name == "one_at_a_time" else 6
        found = drawn(name, n)
        assert len(found) == method.size(n or 0, FACTORS) == len(set(found.names)), name
        for j, factor in enumerate(FACTORS):
            column = found.values[:, j][~np.isnan(found.values[:, j])]
            high = 2 if factor.levels else factor.high
            assert column.min() >= factor.low, name
            assert column.max() <= high, name
        assert set(found.columns()["theory.choice"] if name != "one_at_a_time" else ["two"]) <= {"one", "two", "three"}


def test_latin_hypercubes_have_one_point_in_every_stratum() -> None:
    x = drawn("latin_hypercube", 40).values[:, 0]
    assert sorted(np.floor(x / 10.0 * 40).astype(int)) == list(range(40))


def test_a_loguniform_factor_has_its_median_at_the_geometric_mean_and_levels_equal_parts() -> None:
    values = drawn("sobol", 1024).values
    assert np.median(values[:, 1]) == pytest.approx(10.0, rel=0.01)
    assert np.bincount(values[:, 2].astype(int)) / 1024 == pytest.approx([1 / 3] * 3, abs=0.005)


def test_a_grid_has_every_combination_once_with_both_ends() -> None:
    found = drawn("grid", 3)
    assert len({tuple(row) for row in found.values}) == 27
    assert sorted(set(found.values[:, 0])) == [0.0, 5.0, 10.0]
    assert sorted(set(found.values[:, 1])) == pytest.approx([1.0, 10.0, 100.0])


def test_one_at_a_time_moves_one_factor_and_leaves_the_others_as_they_usually_are() -> None:
    usual = {"parameters.a.x": 4.0, "parameters.a.y": 5.0, "theory.choice": "four"}
    found = drawn("one_at_a_time", None).filled(usual)
    columns = found.columns()
    rows = list(zip(columns["parameters.a.x"], columns["parameters.a.y"], columns["theory.choice"], strict=True))
    assert rows == [
        *((0.0, 5.0, "four"), (10.0, 5.0, "four")),
        *((4.0, 1.0, "four"), (4.0, 100.0, "four")),
        *((4.0, 5.0, "one"), (4.0, 5.0, "two"), (4.0, 5.0, "three")),
    ]


def test_saltelli_and_morris_points_have_the_structure_that_indices_need() -> None:
    saltelli = drawn("saltelli", 8).values.reshape(8, 5, 3)
    for first, *crossed, last in saltelli:
        for j, row in enumerate(crossed):
            assert row[j] == last[j]
            assert np.delete(row, j).tolist() == np.delete(first, j).tolist()
    continuous = FACTORS[:2]
    for trajectory in drawn("morris", 5, continuous).values.reshape(5, 3, 2):
        assert ((np.diff(trajectory, axis=0) != 0).sum(axis=1) == 1).all()
    assert drawn("saltelli", 8).told()["calc_second_order"] is False


@pytest.mark.parametrize("method", ["sobol", "halton"])
def test_more_points_of_a_sequence_leave_the_first_as_they_are(method: str) -> None:
    small, large = drawn(method, 64), drawn(method, 256)
    assert large.values[:64].tobytes() == small.values.tobytes()
    assert large.names[:64] == small.names
    assert small.grown(256).values.tobytes() == large.values.tobytes()
    assert small.is_extensible
    assert drawn(method, 64, seed=1).values.tobytes() != small.values.tobytes()


def hashes() -> list[str]:
    """Return the sha256 of a sample of each method."""
    methods = ("sobol", "halton", "latin_hypercube", "saltelli", "morris")
    return [hashlib.sha256(drawn(method, 16, seed=3).values.tobytes()).hexdigest() for method in methods]


def test_points_are_the_same_in_every_process() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from tests.ensemble.test_designs import hashes; print(hashes())"],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, check=True, text=True,
    ).stdout.strip()  # fmt: skip
    assert told == str(hashes())


def test_names_sort_as_the_points_do_and_an_odd_size_is_spoken_of() -> None:
    found = drawn("sobol", 12)
    assert found.names[:2] == ["p0000000", "p0000001"]
    assert found.names == sorted(found.names)
    assert found.remarks == ("design.n=12 is no power of two, so that the sobol sample is not balanced; 16 would be.",)
    assert drawn("sobol", 16).remarks == drawn("halton", 12).remarks == ()


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("sobol", "halton")])
def test_a_design_that_cannot_grow_says_so_before_it_is_run(method: str) -> None:
    found = f"design={method} cannot grow by more points later; sobol and halton can."
    assert drawn(method, 4).remarks == (found,)


@pytest.mark.parametrize("damage", ["head", "tail", "all"])
def test_the_points_of_a_folder_that_are_damaged_are_named(tmp_path: Path, damage: str) -> None:
    path, sample = tmp_path / "design.parquet", drawn("sobol", 8)
    note = {NOTE: canonical_json({**sample.told(), "rows_before": 0})}
    write_design(path, {"point": sample.names, **sample.columns()}, note)
    assert sample_joined(drawn("sobol", 4), path, 8).values.tobytes() == sample.values.tobytes()
    whole = path.read_bytes()
    path.write_bytes({"head": b"\0" * 60 + whole[60:], "tail": whole[:-20], "all": b""}[damage])
    with pytest.raises(InputError, match=r"design\.parquet: cannot be read as a table \(.*written anew"):
        sample_joined(drawn("sobol", 4), path, 8)
    path.unlink()
    assert sample_joined(drawn("sobol", 4), path, 8).values.tobytes() == sample.values.tobytes()


def test_a_design_of_too_many_points_is_refused_before_it_is_made() -> None:
    many = tuple(Factor(f"parameters.a.x{i}") for i in range(30))
    with pytest.raises(InputError, match=r"design=grid has about 10\^14 points; there is room for 1,000,000"):
        drawn("grid", 3, many)
    with pytest.raises(InputError, match=r"there is room for 1,000,000\. Choose a smaller design\.n=\.$"):
        drawn("sobol", MOST_POINTS + 1)


def test_a_table_gives_names_values_and_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "point,tenders.weight_price,theory.choice,rules.technology.sanctions\n"
        "calm,0.5,imitation,true\nharsh,1.25,,false\n"
    )
    found = read(path)
    assert found.names == ["calm", "harsh"]
    assert [factor.key for factor in found.factors] == [
        "parameters.tenders.weight_price", "rules.technology.sanctions", "theory.choice",
    ]  # fmt: skip
    columns = found.filled({"theory.choice": "random_utility"}).columns()
    assert columns["theory.choice"] == ["imitation", "random_utility"]
    assert columns["parameters.tenders.weight_price"].tolist() == [0.5, 1.25]
    assert columns["rules.technology.sanctions"] == [True, False]
    pd.read_csv(path).to_parquet(tmp_path / "mine.parquet")
    assert read(tmp_path / "mine.parquet").names == found.names
    pd.read_csv(path).drop(columns="point").to_csv(tmp_path / "bare.csv", index=False)
    assert read(tmp_path / "bare.csv").names == ["p0000000", "p0000001"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tenders.weight_price\n80\n", "mine.csv: row 1 (p0000000): tenders.weight_price: 80 lies outside 0.4..3"),
        (
            "tenders.weight_price\n1\nnan\n",
            "mine.csv: row 2 (p0000001): tenders.weight_price: nan is no value; leave the",
        ),
        ("tenders.weight_price\n1\nNA\n", "mine.csv: row 2 (p0000001): tenders.weight_price: 'NA' is not a number"),
        ("rules.technology.sanctions\ntrue\nnan\n", "row 2 (p0000001): rules.technology.sanctions: there is no nan"),
        ("tenders.weight_prise\n1\n", "column 'tenders.weight_prise': there is no such factor. Did you mean"),
        ("tenders.weight_price\ncheap\n", "'cheap' is not a number"),
        ("tenders.weight_price\n2020-01-01\n", "row 1 (p0000000): tenders.weight_price: '2020-01-01' is not a number."),
        ("tenders.weight_price\n10:00:00\n", "'10:00:00' is not a number."),
        ("theory.choice\nimitatoin\n", "Did you mean 'imitation'"),
        ("point,worldview\na,all\na,cautious\n", "row 2: the point 'a' stands twice"),
        ("point,worldview\ndefault,all\n", "row 1: the point 'default' is another already"),
        ("point,worldview\na b,all\n", "needs a name of letters"),
        ("point,worldview\n", "holds no points"),
        ("point\na\n", "holds no column of a factor"),
        ("tenders.weight_price,parameters.tenders.weight_price\n1,1\n", "two columns are parameters.tenders"),
        ("tenders.theory\n1\n", "theory.choice=random_utility sets it"),
        ("scenario\nbaseline\n", "every point is run under every arm"),
    ],
)
def test_a_table_that_cannot_be_run_is_refused_by_point_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(InputError) as found:
        read(path)
    assert words in str(found.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"point,worldview\nK\xf6ln,all\n", "mine.csv: cannot be read as a table (.*invalid UTF8 data"),
        (b"worldview\nK\xf6ln\n", "mine.csv: column 'worldview': is not all text in UTF-8"),
        (b"world\xf6view\nall\n", "mine.csv: cannot be read as a table (.*can't decode byte 0xf6"),
    ],
)
def test_a_table_in_another_encoding_is_refused_as_such(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        read(tmp_path / "mine.csv")


@pytest.mark.parametrize("text", ["tenders.weight_price;theory.choice\n1,5;imitation\n", "a;b\n1;2\n", "a\tb\n1\t2\n"])
def test_a_table_with_other_marks_between_columns_is_told_which_they_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(InputError, match=r"Columns are separated by commas, decimals by points\.$"):
        read(tmp_path / "mine.csv")


def test_a_table_that_is_not_there_or_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="is a folder; name a CSV or Parquet file"):
        read(tmp_path)
    (tmp_path / "mine.parquet").write_text("nonsense")
    with pytest.raises(InputError, match="cannot be read as a table"):
        read(tmp_path / "mine.parquet")


def test_a_design_over_the_register_is_read_with_all_its_points() -> None:
    inputs = read_inputs(compose(["design=halton", "design.n=5", "design.over=[tenders.*]"]))
    assert inputs.sample is not None
    assert len(inputs.sample) == 5
    assert inputs.left_out == ("parameters.tenders.theory is not varied: theory.choice=random_utility sets it.",)


def test_points_of_a_table_that_are_alike_are_told_and_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("tenders.weight_price,theory.choice\n1,imitation\n2,imitation\n1,imitation\n1,satisficing\n")
    assert read(path).remarks == ("design.table: 1 of 4 points have the values of another one; they are run too.",)
    path.write_text("tenders.weight_price\n1\n2\n")
    assert read(path).remarks == ()


def test_rows_of_a_table_in_another_order_are_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("point,tenders.weight_price\na,1\nb,2\nc,2\n")
    there = read(path)
    folder = tmp_path / "held"
    columns = {"point": there.names, **there.columns()}
    write_design(folder / "design.parquet", columns, {NOTE: canonical_json({**there.told(), "rows_before": 0})})
    path.write_text("point,tenders.weight_price\na,1\nc,2\nb,2\nd,3\n")
    with pytest.raises(
        InputError, match=r"the order of its rows differs: row 2 is b there and c here\. Rows can be appended"
    ):
        sample_joined(read(path), folder / "design.parquet", 3)


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "designs.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_commands_on_the_page_are_understood() -> None:
    commands = [line for block in blocks("console") for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        steppe, run, *keys = shlex.split(command)
        assert (steppe, run) == ("steppe", "run")
        assert read_inputs(compose(keys)).sample is not None, command


def test_the_experiment_and_the_table_on_the_page_are_understood(tmp_path: Path) -> None:
    (stated,) = blocks("yaml")
    design = Design.model_validate(yaml.safe_load(stated)["design"])
    config = compose(["experiment=cooperation", "scenario=baseline"]).model_copy(update={"design": design})
    found = read_inputs(config).sample
    assert found is not None
    assert [factor.key for factor in found.factors] == [
        "parameters.tenders.weight_gap", "parameters.tenders.weight_price", "theory.choice",
    ]  # fmt: skip
    (tmp_path / "points.csv").write_text(blocks("csv")[0])
    assert read(tmp_path / "points.csv").names == ["cheap_wins", "as_others_do"]


def test_the_page_has_every_method() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", PAGE.split("## Methods")[1], flags=re.MULTILINE))
    assert listed == {*METHODS, "table"} == set(designs()) - {"none"}
    for method, n in re.findall(r"^\| `(\w+)` \|[^|]*\| ([^ ]+) \|", PAGE, flags=re.MULTILINE):
        usual = yaml.safe_load((CONFIGS / "design" / f"{method}.yaml").read_text())["n"]
        assert n == ("–" if usual is None else str(usual)), method
