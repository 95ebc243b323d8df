"""Kills a sweep of the real model again and again, each time midway, and lets it finish in the end.

    python -m tests.faults.killer FOLDER POINTS RUNS KILLS [SHARE]

Each attempt is the same sweep in a process of its own, forked from this one, which has the compiled model ready. The
parent ends it with SIGKILL once it has acknowledged a few more shards, at a moment thrown by dice. Prints one JSON
object: the folder, receipts before and after each kill, those that did not stay, their number in all, and the digest.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sim.results.files import sha256_of
from tests.faults.small_world import SmallModel, digest, made, sweep

PATIENCE = 120.0
SHARD_RUNS = 50


def main() -> None:
    folder, points, runs, kills = Path(sys.argv[1]), *(int(text) for text in sys.argv[2:5])
    share = sys.argv[5] if len(sys.argv) > 5 else None
    SmallModel(points).warm()
    dice, told = random.Random(7), []
    engine = {"name": "threads", "threads": 2, "shard_runs": SHARD_RUNS}
    campaign = sweep(folder, points, runs, engine=engine, shard=share)
    within = None if campaign.share is None else campaign.share.tiles(campaign.plan)
    total = len(campaign.plan.missing([], SHARD_RUNS, within))
    lost = 0
    for left in range(kills, 0, -1):
        there = receipts(campaign.folder)
        more = dice.randint(1, max(1, (total - len(there)) // (left + 1)))
        _kill_after(campaign.folder, len(there) + more, lambda: made(campaign), dice)
        after = receipts(campaign.folder)
        told.append([len(there), len(after)])
        lost += len(there.items() - after.items())
    before = receipts(campaign.folder)
    with campaign.opened() as opened:
        resumed = digest(opened, opened.run())
    lost += len(before.items() - receipts(campaign.folder).items())
    answer = {"folder": str(campaign.folder), "kills": told, "lost": lost, "shards": total, "digest": resumed}
    print(json.dumps(answer))


def receipts(folder: Path) -> dict[str, tuple[int, str]]:
    """Return name to time and checksum: a receipt that is made again is another."""
    found = (folder / "receipts").glob("*.json")
    return {path.name: (path.stat().st_mtime_ns, sha256_of(path)) for path in found}


def _kill_after(folder: Path, wanted: int, run: Callable[[], object], dice: random.Random) -> None:
    """Fork a process that runs, and kill it a moment after it has so many receipts."""
    child = os.fork()
    if child == 0:
        try:
            run()
        finally:
            os._exit(0)  # only where it was not killed: then too many receipts tell
    deadline = time.monotonic() + PATIENCE
    while len(list((folder / "receipts").glob("*.json"))) < wanted and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(dice.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the sweep had ended before it was killed")


if __name__ == "__main__":
    main()
