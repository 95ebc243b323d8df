"""Make results/reference/ anew (make reference): twenty runs of each arm of the reference experiment.

Made twice by one source of the model, it is the same but for times (receipts, run.log, manifest.json) and, on another
machine, its description. `steppe verify results/reference share=1` compares with it.
"""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sim.cli import main  # noqa: E402
from sim.ensemble import finalise  # noqa: E402
from sim.results.manifest import checksums  # noqa: E402
from sim.results.schema import MANIFEST  # noqa: E402

KEPT = ROOT / "results" / "reference"
OVERRIDES = ("experiment=reference", "runs=20", "report=false", "trajectories=[]", "engine.shard_runs=240")
"""One shard and no bands over series, so that there are few files and small ones."""


def make(place: Path) -> Path:
    """Run the reference experiment in a folder and return that of its result."""
    # The commit of a result that is kept is the one that holds it, which cannot stand in it.
    finalise.commit = lambda: {"commit": None, "dirty": None}
    with contextlib.chdir(place):
        if status := main(["run", *OVERRIDES, "results_dir=results"]):
            sys.exit(status)
    return next((place / "results" / "reference").iterdir())


def keep(made: Path, place: Path = KEPT) -> None:
    """Put a result in the place of the one that is kept; what else stands there is left alone."""
    place.mkdir(parents=True, exist_ok=True)
    names = {name.partition("/")[0] for name in (*checksums(made), MANIFEST)}
    for name in names:
        old = place / name
        if old.is_dir():
            shutil.rmtree(old)
        shutil.move(made / name, old)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        keep(make(Path(folder)))
