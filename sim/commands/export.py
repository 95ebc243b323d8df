"""`steppe export`: results in the formats of pandas, xarray and R, with what they are and what they are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import DONE, Call
from sim.commands.progress import Progress
from sim.commands.tables import outcomes_declared, table
from sim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from sim.results.described import Column

FORMATS = {
    "csv": "tables as text, with a dictionary of their columns",
    "parquet": "tables for pandas, polars, DuckDB and R's arrow",
    "netcdf": "outcomes and trajectories for xarray and R's ncdf4",
    "rocrate": "an RO-Crate: what the files are and how they were made",
}
"""Every format with one line."""

KEYS = {
    "format": f"one or several of {', '.join(FORMATS)}; all unless told otherwise",
    "into": "folder for the files; DIR-export, beside DIR, unless told otherwise",
}

_FORMATS_TEXT = "\n".join(f"  {name:<8} {line}" for name, line in FORMATS.items())
_KEYS_TEXT = "\n".join(f"  {key:<8} {line}" for key, line in KEYS.items())

HELP = f"""
usage: steppe export DIR [format=csv,parquet,netcdf,rocrate] [into=FOLDER] [--json]

Write finished results so that other programs open them without Steppe. Numbers are those of the results, bit for bit;
question, scenarios, seed, version and caveats go with them. DIR itself stays as it is. A second export of the same
results into the same folder adds to it; anything else that a folder holds is never overwritten.

formats:
{_FORMATS_TEXT}

keys:
{_KEYS_TEXT}

examples:
  steppe export results/reference/4f0c2a91b7de
  steppe export results/reference/4f0c2a91b7de format=csv into=for_r
  steppe export results/reference/4f0c2a91b7de 'format=[netcdf,rocrate]' --json

--json           print results, into, files and digest as one JSON object
"""


def main(call: Call) -> int:
    """Export one folder of results and say what was written."""
    if len(call.words) != 1:
        raise InputError("steppe export takes one folder of results: steppe export results/reference/4f0c2a91b7de")
    folder = Path(call.words[0]).expanduser()
    asked = call.options(KEYS)
    formats = _formats(asked["format"]) if "format" in asked else tuple(FORMATS)

    from sim.results.export import export
    from sim.results.store import open_result

    result = open_result(folder)
    beside = folder.resolve()
    into = Path(asked["into"]).expanduser() if "into" in asked else beside.with_name(f"{beside.name}-export")
    known = _columns(result.manifest)
    with Progress(call.as_json) as progress:
        files = export(result, into, formats, known, progress)
    digest = result.manifest["digest"]
    answer = {"results": str(folder), "into": str(into), "files": files, "digest": digest}
    call.answer(answer, [*(f"file     {name}" for name in files), f"into     {into}", f"digest   {digest}"])
    return DONE


def _formats(text: str) -> tuple[str, ...]:
    """Return the formats that `a`, `a,b` or `[a,b]` names; InputError for one that is unknown."""
    found = re.fullmatch(r"\[(.*)\]|(.*)", text.strip())
    inside = (found[1] if found[1] is not None else found[2]) if found else text
    names = tuple(dict.fromkeys(name.strip(" '\"") for name in inside.split(",")))
    for name in names:
        if name not in FORMATS:
            raise InputError(f"format=: there is no format {name!r}.{did_you_mean(name, FORMATS)} "
                             f"Formats: {', '.join(FORMATS)}.")  # fmt: skip
    return names


def _columns(manifest: Mapping[str, Any]) -> dict[str, Column]:
    """Return unit and meaning of every column of a result that this version of the model declares."""
    from sim.parameters.register import load_register
    from sim.results.described import Column

    known = {f"parameters.{key}": Column(of.unit, of.meaning) for key, of in load_register().entries.items()}
    states, declared = table("states", "iso"), outcomes_declared()
    for name in manifest["outcomes"]:
        stem, _, state = name.partition(".")
        if stem in declared:
            of = declared[stem]
            where = f"{states[state]['name']}: " if state in states else ""
            known[name] = Column(str(of["unit"]), where + str(of["meaning"]))
    return known | _of_addresses(manifest["trajectories"])


def _of_addresses(addresses: Iterable[str]) -> dict[str, Column]:
    """Return unit and meaning of the numbers of the world at some addresses."""
    from sim.results.described import Column
    from sim.world.address import split_path
    from sim.world.records import TABLES

    fields = {(name, field.name): field for name, (declared, *_) in TABLES.items() for field in declared}
    paths = {address: split_path(address) for address in addresses}
    return {
        address: Column(fields[path].unit, fields[path].meaning) for address, path in paths.items() if path in fields
    }
