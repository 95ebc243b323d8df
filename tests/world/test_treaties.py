"""The table of instruments as it lies on disk, and what its reader refuses."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.locations import TABLES
from sim.world.build import HORIZON
from sim.world.calendar import parse_quarter
from sim.world.tables import Tables
from sim.world.treaties import FIRST_DAY, KINDS, LAST_DAY, Instrument, Span, of_kind, read_treaties
from tests.world.edited import change, copied, insert, read, write

FINDINGS = TABLES.parents[2] / "sim" / "evidence" / "findings.csv"
REPUBLICS = {"KAZ", "KGZ", "TJK", "UZB", "TKM"}
HEAD = "kind,iso,partner,signed,in_force,source"


@pytest.fixture(scope="module")
def instruments() -> tuple[Instrument, ...]:
    return read_treaties(Tables(TABLES))


@pytest.fixture(scope="module")
def findings() -> dict[str, dict[str, str]]:
    with FINDINGS.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def of(instruments: tuple[Instrument, ...], kind: str, iso: str) -> Instrument:
    return next(one for one in instruments if (one.kind, one.iso) == (kind, iso))


def made(folder: Path, *rows: str) -> tuple[Instrument, ...]:
    """Read rows (kind to in_force) as a table of their own, beside a table of three states."""
    (folder / "states.csv").write_text("iso\nTHA\nCHN\nFRA\n", encoding="utf-8")
    lines = [HEAD, *(f"{row},signed: assumption: made" for row in rows)]
    (folder / "treaties.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_treaties(Tables(folder))


def test_counts_are_those_of_the_documents(instruments: tuple[Instrument, ...]) -> None:
    assert Counter(one.kind for one in instruments) == {
        "extradition": 36,
        "three_evils": 7,
        "sentenced_persons": 8,
        "intelligence": 1,
    }
    extradition = of_kind(instruments, "extradition")
    assert {one.iso for one in extradition if one.in_force is None} == {"VNM", "LKA", "MAR", "BEL", "TUR", "KEN"}
    assert all(one.is_force_known for one in extradition)
    assert {one.iso for one in of_kind(instruments, "three_evils")} == REPUBLICS | {"RUS", "PAK"}
    assert {one.partner for one in instruments} == {"CHN"}
    assert ("extradition", "MYS") not in {(one.kind, one.iso) for one in instruments}


def test_dates_are_those_of_the_register(
    instruments: tuple[Instrument, ...], findings: dict[str, dict[str, str]]
) -> None:
    for one in of_kind(instruments, "extradition"):
        cited = re.match(r"signed: (E\d{4})", one.source)
        assert cited, one.source
        told = re.match(r"signed=(\S+); in_force=(\S*);", findings[cited[1]]["note"])
        assert told, findings[cited[1]]
        assert one.signed == Span(date.fromisoformat(told[1]), date.fromisoformat(told[1]))
        assert (one.in_force.middle.isoformat() if one.in_force else "") == told[2]


def test_both_dates_of_every_row_have_a_source(findings: dict[str, dict[str, str]]) -> None:
    for row in read(TABLES, "treaties"):
        said = dict(part.split(": ", 1) for part in row["source"].split("; "))
        assert set(said) == {"signed", "in_force"}, row
        assert all(re.match(r"(assumption: \S|E\d{4}\b)", words) for words in said.values()), row
        assert set(re.findall(r"\bE\d+\b", row["source"])) <= set(findings), row


def test_dates_become_quarters(instruments: tuple[Instrument, ...]) -> None:
    thailand = of(instruments, "extradition", "THA")
    assert thailand.signed.quarters == (parse_quarter("1993Q3"),) * 2
    assert thailand.in_force is not None
    assert str(thailand.in_force) == "1999Q1"
    period = of(instruments, "three_evils", "KAZ")
    assert period.signed == Span(date(2002, 1, 1), date(2010, 12, 31))
    assert period.signed.quarters == (parse_quarter("2002Q1"), parse_quarter("2010Q4"))
    assert str(period.signed) == "2002Q1 to 2010Q4"
    assert (period.in_force, period.is_force_known) == (None, False)
    assert of(instruments, "sentenced_persons", "IRN").signed == Span(FIRST_DAY, date(2018, 7, 31))


def test_the_bounds_of_dates_are_those_of_the_model() -> None:
    assert Span(FIRST_DAY, LAST_DAY).quarters == (0, HORIZON)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2012-02-29", date(2012, 2, 29), date(2012, 2, 29)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2013", date(2013, 1, 1), date(2013, 12, 31)),
        ("2002-03..2010", date(2002, 3, 1), date(2010, 12, 31)),
        ("..2013", FIRST_DAY, date(2013, 12, 31)),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(tmp_path: Path, text: str, earliest: date, latest: date) -> None:
    (one,) = made(tmp_path, f"extradition,THA,CHN,{text},")
    assert one.signed == Span(earliest, latest)
    assert one.signed.earliest <= one.signed.middle <= one.signed.latest


def test_entry_into_force_on_the_day_or_within_the_span_of_signature_is_allowed(tmp_path: Path) -> None:
    rows = made(tmp_path, "extradition,THA,CHN,2001-05-05,2001-05-05", "extradition,FRA,CHN,2002..2010,2004-05")
    assert [one.in_force is not None for one in rows] == [True, True]


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("extradition,THA,CHN,1999-03-07,1993-08-26", "in_force", "1993-08-26 lies before the signature, 1999-03-07"),
        ("extradition,CHN,CHN,1993-08-26,", "partner", "binds two states, not CHN and itself"),
        ("extradition,TAH,CHN,1993-08-26,", "iso", "'TAH' is not known. Did you mean 'THA'?"),
        ("extradition,THA,CHIN,1993-08-26,", "partner", "'CHIN' is not known. Did you mean 'CHN'?"),
        ("extraditon,THA,CHN,1993-08-26,", "kind", "'extraditon' is not known. Did you mean 'extradition'?"),
        ("extradition,THA,CHN,1989-08-26,", "signed", "1989-08-26 lies outside 1991-01-01 to 2022-09-30"),
        ("extradition,THA,CHN,1993-08-26,2022-10-01", "in_force", "2022-10-01 lies outside"),
        ("extradition,THA,CHN,1993-02-29,", "signed", "'1993-02-29' is not in the calendar"),
        ("extradition,THA,CHN,1993-13,", "signed", "'1993-13' is not in the calendar"),
        ("extradition,THA,CHN,26 August 1993,", "signed", "'26 August 1993' is no date; write a day"),
        ("extradition,THA,CHN,1993Q3,", "signed", "'1993Q3' is no date"),
        ("extradition,THA,CHN,2002..,", "signed", "'2002..' is no date"),
        ("extradition,THA,CHN,2010..2002,", "signed", "2010..2002 ends before it begins"),
        ("extradition,THA,CHN,,", "signed", "is empty; write a day"),
        ("extradition,THA,CHN,unknown,", "signed", "'unknown' is no date"),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_column(tmp_path: Path, row: str, column: str, why: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"treaties.csv, line 3, column {column}: ")) as refused:
        made(tmp_path, "extradition,FRA,CHN,2007-03-20,2017-07-17", row)
    assert why in str(refused.value)


def test_an_instrument_stands_once_whoever_is_named_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 3, column partner: extradition between CHN and THA stands twice"):
        made(tmp_path, "extradition,THA,CHN,1993-08-26,", "extradition,CHN,THA,1994-08-26,")
    assert len(made(tmp_path, "extradition,THA,CHN,1993-08-26,", "intelligence,THA,CHN,1994-08-26,")) == 2


def test_an_empty_source_and_a_missing_column_are_refused(tmp_path: Path) -> None:
    tables = copied(tmp_path)
    line = change(tables, "treaties", lambda row: row["iso"] == "FRA", "source", "")
    with pytest.raises(InputError, match=f"treaties.csv, line {line}, column source: is empty"):
        read_treaties(Tables(tables))
    write(tables, "treaties", [{k: v for k, v in row.items() if k != "in_force"} for row in read(tables, "treaties")])
    with pytest.raises(InputError, match="column 'in_force' is missing"):
        read_treaties(Tables(tables))


def test_a_row_more_is_read_in_its_place(tmp_path: Path, instruments: tuple[Instrument, ...]) -> None:
    tables = copied(tmp_path)
    insert(tables, "treaties", 2, {"iso": "MYS", "signed": "2019-02", "in_force": ""})
    found = read_treaties(Tables(tables))
    assert [one.iso for one in found[:4]] == ["THA", "BGR", "MYS", "BLR"]
    assert (*found[:2], *found[3:]) == instruments


def test_a_kind_without_instruments_is_refused(instruments: tuple[Instrument, ...]) -> None:
    assert {one.kind for one in instruments} == set(KINDS)
    with pytest.raises(InputError, match="no instrument of the kind 'extradition'"):
        of_kind(of_kind(instruments, "three_evils"), "extradition")
