"""What a reader of results has to bear in mind: sentences for the manifest, drawn from what was run."""

from __future__ import annotations

from sim.ensemble.prepare import Prepared
from sim.evidence.loader import load_findings
from sim.parameters.backing import backing


def caveats(prepared: Prepared, is_dirty: bool) -> list[str]:
    """Return the caveats of a campaign, the general first."""
    table = backing(prepared.register, load_findings())
    counts = ", ".join(f"{table.count(kind)} {kind}" for kind in ("documented", "derived", "assumed"))
    found = [
        "Results say what follows from the stated assumptions; they are no forecast.",
        f"Of {table.total} parameters, {counts}; {sum(row.count for row in table.rows if row.contested)} rest on "
        "contested facts.",
    ]
    by_hand = prepared.config.parameter_values()
    found += [f"{key} was set by hand to {value:g}." for key, value in sorted(by_hand.items())]
    found += [f"The mechanism {name} was switched off." for name in prepared.config.switched_off()]
    for scenario in {arm.scenario.name: arm.scenario for arm in prepared.arms}.values():
        for key, value in sorted(scenario.parameters.items()):
            against = f", against {by_hand[key]:g} set by hand" if key in by_hand else ""
            found.append(f"The scenario {scenario.name} sets {key} to {value:g}{against}.")
    if is_dirty:
        found.append("The checkout had changes that were not committed; source_hash tells which code was compiled.")
    return found
