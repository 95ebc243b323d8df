"""A result in the formats of other programs: a folder beside it, which names what it is and opens without Steppe."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError
from sim.results.crate import METADATA, write_crate
from sim.results.described import KEY_COLUMNS, Column, about, readme
from sim.results.files import HOLDER, LOCK, held, storing, sync, write_whole
from sim.results.export_tables import read_batches, write_csv, write_dictionary, write_parquet
from sim.results.outcomes import read_parts
from sim.results.schema import CONFIG, DESIGN, QUANTILES, TRAJECTORIES
from sim.results.store import Result
from sim.results.watching import Watcher

if TYPE_CHECKING:
    import pyarrow as pa

README = "README.txt"
DICTIONARY = "columns.csv"
OUTCOMES_TABLE = "outcomes.parquet"
TABLES = {DESIGN: "points.parquet", QUANTILES: QUANTILES}
"""Tables of a result beside its outcomes, and what they are called outside; a result without one is exported without."""

WORDS = {
    "README": "what these files are, and what they are not",
    "config": "the configuration, resolved",
    "columns": "type, unit and meaning of every column of the tables",
    "outcomes": "one row a run: its keys, then every outcome",
    "outcomes.nc": "every outcome as a variable, by point, scenario, history and replication, or by run; group points",
    "points": "one row a point: theories, worldview and what was set by hand or differs",
    "quantiles": "quantiles over runs",
    "trajectories": "series: run × quarter × column, in single precision",
}
"""What each file holds, by its stem, or by its name where it differs from others of the stem."""

_STEMS = ("outcomes", "points", "quantiles", "trajectories")
_DATA = tuple(f"{stem}{suffix}" for stem in _STEMS for suffix in (".csv", ".parquet", ".nc"))
KNOWN = (README, DICTIONARY, CONFIG, METADATA, *_DATA)
"""Every file that an export may hold."""

_KEY = "into="
"""What names the folder on the command line."""

_DIGEST = re.compile(r"(?m)^digest: +([0-9a-f]+)$")


def export(
    result: Result, into: Path, formats: Collection[str], columns: Mapping[str, Column], watcher: Watcher
) -> list[str]:
    """Write a result in these formats into a folder outside it; return the names of all files there, sorted.

    `columns` are units and meanings by the names of outcomes, parameters and addresses. All files are made in a hidden
    folder beside `into` and moved when the last one is whole. What an earlier export of the same result left there
    stays, and its crate is made anew; a crate alone takes the Parquet files with it. Raises InputError where `into`
    lies in the result or holds anything else, where the result holds no run or a file of it is damaged, and where the
    disk refuses.
    """
    into = into.resolve()
    counts = result.manifest["counts"]
    if counts["runs"] == counts.get("failed", 0):
        raise InputError(f"{result.path}: holds no runs, since all of them failed; there is nothing to export.")
    check_target(result, into)
    result.check([*result.manifest["parts"], CONFIG, *TABLES, f"{TRAJECTORIES}/"])
    wanted = set(formats)
    if (into / METADATA).is_file():
        wanted.add("rocrate")
    if wanted == {"rocrate"} and not any((into / name).is_file() for name in _DATA):
        wanted.add("parquet")
    staging = into.with_name(f".{into.name}.part")
    watcher.say(f"Writing {counts['runs'] - counts.get('failed', 0):,} runs as {', '.join(sorted(wanted))}.")
    with held(staging, _KEY):
        try:
            _clear(staging)
            _Export(result, staging, into, {**KEY_COLUMNS, **columns}, about(result), watcher).write(wanted)
            with storing(into, _KEY):
                _move(staging, into)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return sorted(name for name in KNOWN if (into / name).is_file())


def check_target(result: Result, into: Path) -> None:
    """Raise InputError unless `into` lies outside the result and is free, or holds an earlier export of it."""
    if into.is_relative_to(result.path.resolve()):
        raise InputError(f"into=: {into} lies in the results, which are sealed by checksums; name a folder outside.")
    if into.exists() and not into.is_dir():
        raise InputError(f"into=: {into} is a file; name a folder.")
    if not into.is_dir() or not any(into.iterdir()):
        return
    readme = into / README
    found = _DIGEST.search(readme.read_text(encoding="utf-8", errors="replace")) if readme.is_file() else None
    if found is None:
        raise InputError(f"into=: {into} is not empty, and holds no export; name another folder.")
    if found[1] != result.manifest["digest"]:
        raise InputError(f"into=: {into} holds an export of other results (digest {found[1]}); name another folder.")


@dataclass(frozen=True)
class _Export:
    """One export under way: files are made in `staging`, beside what `into` holds already."""

    result: Result
    staging: Path
    into: Path
    columns: Mapping[str, Column]
    about: Mapping[str, str]
    watcher: Watcher

    def write(self, wanted: Collection[str]) -> None:
        """Make all files of some formats."""
        tables = self._tables() if wanted != {"rocrate"} else []
        if "csv" in wanted:
            for table in tables:
                self._csv(table)
            self._make(DICTIONARY, lambda path, _: write_dictionary(path, tables))
        if "netcdf" in wanted:
            self._netcdf(tables)
        if "parquet" not in wanted:
            for table in tables:
                table.unlink()
        if "rocrate" in wanted:
            self._make(CONFIG, lambda path, _: path.write_bytes((self.result.path / CONFIG).read_bytes()))
        files = self._files() | {README} | ({METADATA} if "rocrate" in wanted else set())
        page = readme(self.about, {name: words_of(name) for name in sorted(files)})
        self._make(README, lambda path, _: path.write_bytes(page.encode()))
        if "rocrate" in wanted:
            places = {name: self._place(name) for name in files - {METADATA}}
            words = {name: words_of(name) for name in places}
            self._make(METADATA, lambda path, _: write_crate(path, places, words, self.about))

    def _tables(self) -> list[Path]:
        """Make every table as Parquet, from which the other formats are made; return where they lie."""
        manifest = self.result.manifest
        parts = read_parts(self.result.path, manifest["parts"])
        tables: dict[str, Iterable[pa.Table]] = {OUTCOMES_TABLE: parts}
        for inside, name in TABLES.items():
            if (self.result.path / inside).is_file():
                tables[name] = read_batches(self.result.path / inside)
        for name, content in tables.items():
            self._parquet(name, content)
        return [self.staging / name for name in tables]

    def _parquet(self, name: str, content: Iterable[pa.Table]) -> None:
        rows = self._n_rows(name)
        self._make(name, lambda path, on: write_parquet(path, content, self.columns, self.about, on), rows)

    def _csv(self, table: Path) -> None:
        rows = self._n_rows(table.name)
        self._make(f"{table.stem}.csv", lambda path, on: write_csv(path, table, on), rows)

    def _netcdf(self, tables: Sequence[Path]) -> None:
        from sim.results.export_netcdf import write_outcomes, write_trajectories

        points = next((table for table in tables if table.name == TABLES[DESIGN]), None)
        told = (self.columns, self.about)
        self._make("outcomes.nc", lambda path, _: write_outcomes(path, tables[0], points, *told))
        series = self.result.trajectories
        if series is not None and len(series):
            self._make("trajectories.nc", lambda path, on: write_trajectories(path, series, *told, on), len(series))

    def _make(self, name: str, write: Callable[[Path, Callable[[int], None]], object], rows: int = 0) -> None:
        """Write a file whole, whose rows the watcher counts; `write` is given its place and what counts them."""

        def whole(path: Path) -> None:
            write(path, self.watcher.advance)

        if rows:
            self.watcher.begin(0, rows)
        try:
            write_whole(self.staging / name, whole, _KEY)
        finally:
            self.watcher.end()

    def _n_rows(self, table: str) -> int:
        """Return how many rows there are to count while a table is written: none of those that are small."""
        return int(self.result.manifest["counts"]["runs"]) if table == OUTCOMES_TABLE else 0

    def _files(self) -> set[str]:
        """Return the names of the files made, and of those of an earlier export that stay."""
        return {name for name in KNOWN if self._place(name).is_file()}

    def _place(self, name: str) -> Path:
        made = self.staging / name
        return made if made.is_file() else self.into / name


def words_of(name: str) -> str:
    """Return what a file of an export holds."""
    return WORDS.get(name) or WORDS.get(Path(name).stem, "what these files are and how they were made, as JSON-LD")


def _clear(folder: Path) -> None:
    """Remove what a process that was killed left behind."""
    for left in folder.iterdir():
        if left.name not in (LOCK, HOLDER):
            left.unlink()


def _move(staging: Path, into: Path) -> None:
    """Move all files, the one by which an export is known first, so that a second try finds it."""
    into.mkdir(parents=True, exist_ok=True)
    made = [path for path in staging.iterdir() if path.name not in (LOCK, HOLDER)]
    for path in sorted(made, key=lambda path: path.name != README):
        path.replace(into / path.name)
    sync(into)
