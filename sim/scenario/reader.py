"""Scenario files: what is asked, on which base, what is done from outside, and what the documents expect to follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import InputError, did_you_mean, in_words
from sim.locations import CONFIGS
from sim.parameters.strict_yaml import read_mapping

FOLDER = CONFIGS / "scenario"


class _Stated(BaseModel):
    """What a scenario file may contain."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    title: str
    question: str
    tag: Literal["document", "analyst"]
    source: str
    base: str | None = None
    expected: str | None = None
    injects: list[dict[str, Any]] = []
    parameters: dict[str, float | int] = {}


@dataclass(frozen=True)
class Scenario:
    """A scenario with all that its bases bring: injects as (place, entry) in order, parameters by key."""

    name: str
    title: str
    question: str
    tag: str
    source: str
    expected: str | None
    base: str | None
    injects: tuple[tuple[str, Mapping[str, Any]], ...]
    parameters: Mapping[str, float]
    path: Path


def list_scenarios(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of the scenarios of a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def _path_of(name: str, folder: Path, place: str) -> Path:
    """Return the file of a scenario: of that name in the folder, or the path of a file anywhere.

    `place` says where the name stands, for messages.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name).expanduser()
        if not path.is_file():
            raise InputError(f"{place}: there is no such file.")
        return path
    known = list_scenarios(folder)
    if name not in known:
        own = next((f"{name}{end}" for end in (".yaml", ".yml") if Path(f"{name}{end}").is_file()), "")
        hint = f" Did you mean './{own}'?" if own else did_you_mean(name, known)
        raise InputError(
            f"{place}: there is no such scenario.{hint} "
            "`steppe list scenarios` shows all; a file of your own is given by its path, such as ./mine.yaml."
        )
    return folder / f"{name}.yaml"


def _read(path: Path) -> _Stated:
    content = read_mapping(path)
    for key in content:
        if key not in _Stated.model_fields:
            raise InputError(f"{path.name}: unknown key {key!r}.{did_you_mean(str(key), _Stated.model_fields)}")
    try:
        return _Stated(**content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("float", "int"))
        raise InputError(f"{path.name}: {where}: {in_words(first)}.") from None


def load_scenario(name: str, folder: Path = FOLDER, above: tuple[str, ...] = (), place: str = "") -> Scenario:
    """Return a scenario by name or path, its bases composed; InputError naming file and key where anything is wrong.

    `place` says where the name stands: by default on the command line.
    """
    path = _path_of(name, folder, place or f"scenario={name}")
    stated = _read(path)
    if name in above:
        raise InputError(f"{path.name}: base: the scenarios {', '.join((*above, name))} stand on one another.")
    own: tuple[tuple[str, Mapping[str, Any]], ...] = tuple(
        (f"{path.name}: injects[{place}]", entry) for place, entry in enumerate(stated.injects)
    )
    injects, parameters = own, dict(stated.parameters)
    if stated.base is not None:
        where = f"{path.name}: base: {stated.base}"
        base = load_scenario(_beside(stated.base, path), folder, (*above, name), where)
        injects, parameters = (*base.injects, *own), {**base.parameters, **parameters}
    return Scenario(
        name=stated.name,
        title=stated.title,
        question=stated.question,
        tag=stated.tag,
        source=stated.source,
        expected=stated.expected,
        base=stated.base,
        injects=injects,
        parameters=parameters,
        path=path,
    )


def _beside(base: str, path: Path) -> str:
    """Return the base as it is looked up: a file's path counts from the file that names it."""
    if base.endswith((".yaml", ".yml")) and not Path(base).is_absolute():
        return str(path.parent / base)
    return base
