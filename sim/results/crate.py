"""The metadata of an RO-Crate 1.1: what the files of an export are, and the run of the model that they come from.

Nothing is fetched, and nothing in it depends on when or where it is written. Creator and licence are left out, since
nobody has stated them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.results.files import sha256_of
from sim.results.schema import CONFIG

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

METADATA = "ro-crate-metadata.json"
PROCESS_RUN = "https://w3id.org/ro/wfrun/process/0.5"
"""The profile for runs of a program that the crate follows."""

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".nc": "application/netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
"""Media type of each kind of file."""

_LATER_TERMS = {"sha256": "http://schema.org/sha256", "usageInfo": "http://schema.org/usageInfo"}
"""Terms of schema.org that the context of RO-Crate 1.1 does not hold."""

_RESULTS = ("outcomes", "quantiles", "trajectories")
"""Stems of the files that a run of the model results in."""

_SOFTWARE, _CAVEATS, _RUN = "#steppe", "#caveats", "#run"


def write_crate(path: Path, files: Mapping[str, Path], words: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Write the metadata of a crate; `files` are its names and where they lie now, `words` what each holds."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms.update(_LATER_TERMS)
    for name, place in sorted(files.items()):
        crate.add_file(place, name, properties=_of_file(name, place, words))
    _describe(crate, about)
    _tell_run(crate, about, [name for name in sorted(files) if name.partition(".")[0] in _RESULTS])
    content = b"".join(piece for _, piece in crate.metadata.stream())
    path.write_bytes(content + b"\n")


def _of_file(name: str, place: Path, words: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": name,
        "description": words[name],
        "encodingFormat": MEDIA_TYPES[place.suffix],
        "contentSize": str(place.stat().st_size),
        "sha256": sha256_of(place),
    }


def _describe(crate: ROCrate, about: Mapping[str, str]) -> None:
    """Say in the root what the whole is, and what it is not."""
    root = crate.root_dataset
    root["name"] = about["title"]
    root["description"] = f"{about['question']}\n\nScenarios:\n{about['scenarios']}\n\nCaveats:\n{about['caveats']}"
    root["identifier"] = f"sha256:{about['digest']}"
    root["datePublished"] = about["date_created"]
    root["usageInfo"] = _add(crate, _CAVEATS, "CreativeWork", name="Caveats", text=about["caveats"])
    profile = _add(crate, PROCESS_RUN, "CreativeWork", name="Process Run Crate", version="0.5")
    root["conformsTo"] = [profile]


def _tell_run(crate: ROCrate, about: Mapping[str, str], results: list[str]) -> None:
    """Tell of the run of the model: with which program, from which configuration, to which files."""
    software = _add(
        crate,
        _SOFTWARE,
        "SoftwareApplication",
        name="Steppe",
        softwareVersion=about["model_version"],
        identifier=f"sha256:{about['source_hash']}",
        description="A scenario simulation of states, technology firms and armed groups across Eurasia.",
    )
    crate.root_dataset["mentions"] = _add(
        crate,
        _RUN,
        "CreateAction",
        name=f"steppe run: {about['title']}",
        description=f"{about['runs']} runs from {about['window']} with the seed {about['seed']}",
        instrument=software,
        object=[crate.get(CONFIG)],
        result=[crate.get(name) for name in results],
        endTime=about["date_created"],
    )


def _add(crate: ROCrate, place: str, kind: str, **properties: Any) -> Any:
    """Add an entity that is no file, and return it."""
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, place, properties={"@type": kind, **properties}))
