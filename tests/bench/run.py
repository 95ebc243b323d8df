"""Benchmarks: `make bench`, or a part of them, `make bench PART=sweeps`. Prints a table and stores it in results/.

Speeds are runs per second of CPU time of one thread; everything compared is measured in turn, in one process, so that
the machine's moods cancel. Whole commands run as processes of their own, with the CPU time that the system counted.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import sim
from sim.ensemble.observed import observations_of
from sim.numerics.compiled import source_hash
from sim.results.manifest import machine, versions
from sim.rules.schedule import NAMES
from sim.scenario.reader import load_scenario
from sim.scenario.stage import stage
from sim.world.build import build_world
from tests.bench.commands import command_lines
from tests.bench.faces import handle_lines, oracle_lines
from tests.bench.kernel import kernel_lines, rule_lines, size_lines
from tests.bench.measuring import QUARTERS, Line, Ready
from tests.bench.sweeps import sweep_lines

RESULTS = Path("results")
WIDTH = 72
THIRD = ("restraint/", "information/", "world_politics/protest")
"""How the names of the third module's rules begin."""


Parts = dict[str, tuple[str, Callable[[], list[Line]]]]
"""Name of a part, as it is asked for, to its title and what measures it."""


def main() -> None:
    """Measure everything or the part that is named, printing each line as it is known, and store the table."""
    parts = _parts()
    asked = sys.argv[1:] or list(parts)
    if unknown := [name for name in asked if name not in parts]:
        sys.exit(f"there is no part {unknown[0]!r}; known are {', '.join(parts)}.")
    lines: list[Line] = []
    for title, measure in (parts[name] for name in asked):
        print(f"\n{title}")
        for line in measure():
            print(f"{line.what:{WIDTH}}  {line.figure:9.3g} {line.unit:22} {line.wanted}", flush=True)
            lines.append(line)
    _store(lines, "-".join(["bench", *sys.argv[1:]]))


def _parts() -> Parts:
    world = stage(build_world(), load_scenario("baseline"), "free", 0, QUARTERS - 1)
    bare, observed = Ready(world), Ready(world, observations_of(world, ()))
    third = [name for name in NAMES if name.startswith(THIRD)]
    rest = [name for name in NAMES if name.startswith(("cooperation/", "surveillance/"))]
    technology = Ready(world, switched_off=[*third, *rest])
    return {
        "kernel": (
            "The kernel",
            lambda: kernel_lines(bare, observed, Ready(world, switched_off=third), technology),
        ),
        "size": ("The size of the world", size_lines),
        "rules": ("The rules, each by itself", lambda: rule_lines(bare)),
        "mesa": ("Plain Mesa", lambda: oracle_lines(technology)),
        "handles": ("Handles", handle_lines),
        "sweeps": ("Sweeps", sweep_lines),
        "commands": ("Whole commands", command_lines),
    }


def _store(lines: list[Line], name: str) -> None:
    """Store the table with the machine that it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    content = {
        "model_version": sim.__version__,
        "source_hash": source_hash(),
        "versions": versions(),
        "machine": machine(),
        "lines": [asdict(line) for line in lines],
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"\nstored in {path}")


if __name__ == "__main__":
    main()
