"""What `steppe list` and `steppe show` tell of the documents' what-ifs."""

from __future__ import annotations

from sim.commands.tables import Detail, Kind


def _lines() -> dict[str, str]:
    from sim.scenario.whatifs import load_whatifs

    found = load_whatifs().values()
    return {str(one.number): f"{one.whatif} ({', '.join(one.scenarios) or 'no scenario'})" for one in found}


def _detail(name: str) -> Detail:
    from sim.scenario.reader import load_scenario
    from sim.scenario.whatifs import load_whatifs

    one = load_whatifs()[int(name)]
    asked = {scenario: load_scenario(scenario).question for scenario in one.scenarios}
    told = {"what if": one.whatif, "document": ", ".join(one.source), "scenarios": asked, "reason": one.reason}
    if asked:
        told["what the library found"] = "docs/expectations.md, under the names of the scenarios"
    return {"file": "sim/scenario/whatifs.csv", **told}


KIND = Kind(
    "what the documents suppose, by number, and the scenarios that ask it",
    _lines,
    _detail,
    range=" Numbers run 1 to 39.",
    is_part=True,
)
"""A bare number means a mechanism, so that what-ifs are shown by their kind alone."""
