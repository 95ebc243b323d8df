"""A sweep of the model of faults as a command of its own: `python -m tests.faults.sweep FOLDER SETTINGS`.

Prints the digest and the runs that failed as JSON. Exit status as that of `steppe run`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.cli import main as command
from sim.ensemble.campaign import Campaign
from sim.ensemble.failures import failures_of
from sim.ensemble.plan import Shard
from sim.ensemble.receipts import Receipt
from sim.results.digest import digest_of
from sim.results.outcomes import read_parts
from sim.results.schema import part_name, receipt_name
from tests.ensemble.fakes import FakeWatcher
from tests.faults.model import FaultModel, campaign_of

ROOT = Path(__file__).resolve().parent.parent.parent


class Watcher(FakeWatcher):
    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def told(campaign: Campaign, shards: list[Shard]) -> dict[str, Any]:
    """Return digest and failures: (run, kind) of each."""
    failed = failures_of(Receipt.read(campaign.folder / receipt_name(shard.name)) for shard in shards)
    digest = digest_of(read_parts(campaign.folder, [part_name(shard.name) for shard in shards]))
    return {"digest": digest, "failures": [[failure.run, failure.kind] for failure in failed]}


def start(folder: Path, engine: dict[str, object], **model: object) -> subprocess.Popen[str]:
    """Start a sweep in a session of its own, as if from a terminal of its own."""
    settings = json.dumps({"engine": engine, "model": model})
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.sweep", str(folder), settings],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(condition: Callable[[], object], seconds: float = 180.0) -> None:
    """Wait until a condition holds; AssertionError where it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def session_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes of a sweep's session that are alive, itself included; zombies are dead."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == process.pid and state != "Z":
            found.append(int(path.parent.name))
    return found


def main(call: Any) -> int:
    """Run the sweep as a command does."""
    folder, settings = sys.argv[1], json.loads(sys.argv[2])
    model = FaultModel(**{name: tuple(v) if isinstance(v, list) else v for name, v in settings["model"].items()})
    with campaign_of(Path(folder), model, Watcher(), engine=settings["engine"]).opened() as campaign:
        answer = told(campaign, campaign.run())
    print(json.dumps(answer), flush=True)
    return 1 if answer["failures"] else 0


if __name__ == "__main__":
    from sim.commands import run

    run.main = main
    sys.exit(command(["run"]))
