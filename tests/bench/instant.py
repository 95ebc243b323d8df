"""The whole of `steppe run` over a kernel that takes no time: `python -m tests.bench.instant 100000 200 false FOLDER`.

Of the runs so many as the second number says are at the default point, which a report shows, and as many at each point
of a sampled design. Prints as JSON the peak memory in MB and the seconds of CPU.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from typing import Any

import numpy as np

from sim.cli import main as steppe
from sim.ensemble import campaign, prepare
from sim.kernel.run import Block
from tests.bench.commands import peak_memory


def instant(
    world: Any, params: Any, switches: Any, seen: Any, seed: int, replications: np.ndarray, quarters: int, *_: Any
) -> Block:
    """Return numbers as if runs had been made."""
    places = np.arange(len(seen.outcomes))
    values = np.sin(replications[:, None] + 1e-3 * seed) + 1e-2 * places
    return Block(values, np.zeros((len(replications), quarters, len(seen.columns)), np.float32))


def main() -> None:
    """Run the command and print what it took."""
    runs, at_default, report, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    prepare.run_block = instant  # type: ignore[assignment]
    assert campaign
    keys = ["experiment=cooperation", "scenario=baseline", "trajectories=false", f"runs={at_default}"]
    if points := runs // at_default - 1:
        keys += ["design=halton", f"design.n={points}", "design.over.parameters.tenders.weight_price=[0.5,2.0]"]
    begun = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        status = steppe(["run", *keys, f"report={report}", f"results_dir={folder}"])
    if status:
        sys.exit(status)
    print(json.dumps({"memory": peak_memory(), "cpu": time.process_time() - begun}))


if __name__ == "__main__":
    main()
