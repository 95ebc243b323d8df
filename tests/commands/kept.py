"""Small results of the real model, and what may happen to their files afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.cli import main
from sim.ensemble.receipts import Failure, Receipt
from sim.results.digest import digest_of
from sim.results.files import read_signed, sha256_of, write_signed
from sim.results.manifest import checksums
from sim.results.outcomes import read_parts
from sim.results.schema import MANIFEST, RECEIPTS
from tests.ensemble.fakes import sign_again

RUNS = 4
OWN = "name: mine\ntitle: Mine\nquestion: Why?\ntag: analyst\nsource: a test\nparameters: {tenders.weight_price: 0.5}\n"
"""A scenario file."""
COLUMN = "states[KAZ].dependence[CHN]"
KEYS = ("experiment=cooperation", "scenario=baseline", "end=1996Q4", f"trajectories=['{COLUMN}']", "report=false")


def small_results(place: Path, scenario: Path | None = None) -> Path:
    """Run a few runs, of a scenario file beside the baseline where there is one; return the folder."""
    keys = [key for key in KEYS if not key.startswith("scenario=")]
    asked = f"scenario=[baseline,{scenario}]" if scenario else "scenario=baseline"
    assert main(["run", *keys, asked, f"runs={RUNS}", f"results_dir={place}"]) == 0
    return next((place / "cooperation").iterdir())


def manifest_of(folder: Path) -> dict[str, Any]:
    return read_signed(folder / MANIFEST)


def edit_manifest(folder: Path, **changes: Any) -> None:
    write_signed(folder / MANIFEST, {**manifest_of(folder), **changes})


def change_value(folder: Path, outcome: str, run: int, value: float) -> None:
    """Change one value and sign all anew, so that nothing but the run itself can tell."""
    part = manifest_of(folder)["parts"][0]
    table = pq.read_table(folder / part)
    values = table.column(outcome).to_numpy().copy()
    values[np.flatnonzero(table.column("run").to_numpy() == run)] = value
    pq.write_table(table.set_column(table.column_names.index(outcome), outcome, pa.array(values)), folder / part)
    sign(folder)


def sign(folder: Path) -> None:
    """Make receipts, digest and manifest fit the data as they are now."""
    files = Receipt.read(first_receipt(folder)).files
    sign_again(first_receipt(folder), files={name: sha256_of(folder / name) for name in files})
    digest = digest_of(read_parts(folder, manifest_of(folder)["parts"]))
    edit_manifest(folder, files=checksums(folder), digest=digest)


def let_fail(folder: Path, error: str) -> None:
    """Let the first receipt say that run 0 failed."""
    sign_again(first_receipt(folder), failures=(Failure(0, "raised", error),))


def first_receipt(folder: Path) -> Path:
    return min((folder / RECEIPTS).iterdir())


def content(folder: Path) -> dict[str, str]:
    """Path to checksum of every file."""
    return {**checksums(folder), MANIFEST: sha256_of(folder / MANIFEST)}
