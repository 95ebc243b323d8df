"""Benchmarks: `make bench`. Prints a table and stores it as results/bench.json.

Speeds are runs per second of CPU time of one thread; everything compared is measured in turn, in one process, so that
the machine's moods cancel. Whole commands run as processes of their own, with the CPU time that the system counted.
"""

from __future__ import annotations

import json
import resource
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
from tests.bench.faces import handle_lines, oracle_lines, runner_lines
from tests.bench.kernel import kernel_lines, rule_lines, size_lines
from tests.bench.measuring import QUARTERS, Line, Ready

RESULT = Path("results") / "bench.json"
WIDTH = 44
THIRD = ("restraint/", "information/", "world_politics/protest")
"""How the names of the third module's rules begin."""


def main() -> None:
    """Measure everything, printing each line as it is known, and store the table."""
    world = stage(build_world(), load_scenario("baseline"), "free", 0, QUARTERS - 1)
    bare, observed = Ready(world), Ready(world, observations_of(world, ()))
    third = [name for name in NAMES if name.startswith(THIRD)]
    rest = [name for name in NAMES if name.startswith(("cooperation/", "surveillance/"))]
    technology = Ready(world, switched_off=[*third, *rest])
    parts: list[tuple[str, Callable[[], list[Line]]]] = [
        ("The kernel", lambda: kernel_lines(bare, observed, Ready(world, switched_off=third), technology)),
        ("The size of the world", size_lines),
        ("The rules, each by itself", lambda: rule_lines(bare)),
        ("Plain Mesa", lambda: oracle_lines(technology)),
        ("Handles and runners", lambda: [*handle_lines(), *runner_lines(observed)]),
        ("Whole commands", command_lines),
    ]
    lines: list[Line] = []
    for title, measure in parts:
        print(f"\n{title}")
        for line in measure():
            print(f"{line.what:{WIDTH}}  {line.figure:9.3g} {line.unit:22} {line.wanted}", flush=True)
            lines.append(line)
    RESULT.parent.mkdir(exist_ok=True)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    content = {
        "model_version": sim.__version__,
        "source_hash": source_hash(),
        "versions": versions(),
        "machine": machine(),
        "lines": [asdict(line) for line in lines],
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }
    RESULT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"\nstored in {RESULT}")


if __name__ == "__main__":
    main()
