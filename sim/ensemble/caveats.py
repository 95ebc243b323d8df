"""What a reader of results has to bear in mind: sentences for the manifest, drawn from what was run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sim.ensemble.points import theories_of
from sim.evidence.loader import load_findings
from sim.parameters.backing import backing
from sim.parameters.theories import QUESTIONS
from sim.parameters.worldviews import ALL, load_worldview
from sim.results.schema import WORLD
from sim.rules.couplings import held_of, load_couplings
from sim.rules.schedule import SCHEDULE

if TYPE_CHECKING:
    from sim.ensemble.prepare import Prepared

GENERAL = (
    "Results say what follows from the stated assumptions; they are no forecast.",
    f"Numbers show the {WORLD}: what is the case in a run. Only what is called reported, accused or believed shows "
    "what is told of it; patrons, powers and the public decide on that, all others in the model on what is.",
    "Bands and intervals show luck within the model. They leave out doubt about parameters and about the rules, which "
    "is larger.",
    "The documents speak of the reported states. What the model says of others rests on coarse assumptions.",
)
"""What holds for all results."""

MEASURING = ("technology/dependence",)
"""Rules that measure what is the case: without them nothing is known of their fields, whatever stands there."""

SUMMED = {
    "measures.dependence_focus": "states.dependence",
    "measures.dependence_other": "states.dependence",
    "measures.supply_focus": "states.supply",
    "measures.cum_gifts": "dyads.cum_gifts",
    "measures.cum_loans": "dyads.cum_loans",
    "measures.cum_bundles": "dyads.cum_bundles",
    "measures.service_lost": "states.service_lost",
    "measures.in_force": "channels.standing",
    "measures.signed": "channels.signed",
    "measures.cum_answers": "channels.cum_answers",
    "measures.cum_exposed": "channels.cum_exposed",
    "measures.cum_returned": "channels.cum_returned",
    "measures.control": "legs.control",
    "measures.cum_hazard": "groups.hazard",
    "measures.cum_hazard_clients": "groups.hazard",
    "measures.cum_hazard_all": "groups.hazard",
    "measures.cum_external": "groups.cum_external",
    "measures.cum_failures": "groups.cum_failures",
    "measures.cum_severity": "groups.cum_severity",
    "measures.cum_near": "groups.margin",
    "measures.cum_calm": "groups.attempts",
    "measures.cum_accused": "accusers.cum_accused",
    "measures.cum_right": "accusers.cum_right",
    "measures.cum_wrong": "accusers.cum_wrong",
    "measures.cum_unsettled": "accusers.cum_unsettled",
    "measures.cum_bare": "accusers.cum_bare",
    "measures.cum_defected": "groups.cum_defected",
    "measures.members": "groups.hard",
    "measures.rep_members": "groups.rep_members",
    "measures.pressure": "migrants.pressure",
    "measures.wrong": "migrants.wrong",
}
"""Measures over many states, and the field that each is summed or averaged from."""

FEW = 6
"""Most factors of a design that are named one by one."""

_FIELD = re.compile(r"(\w+)(?:\[[^\]]*\])?\.(\w+)")


def caveats(prepared: Prepared, is_dirty: bool) -> list[str]:
    """Return the caveats of a campaign, the general first: the one list that manifest, JSON, figures and page show."""
    table = backing(prepared.register, load_findings())
    counts = ", ".join(f"{table.count(kind)} {kind}" for kind in ("documented", "derived", "assumed"))
    found = [
        *GENERAL,
        f"Of {table.total} parameters, {counts}; {sum(row.count for row in table.rows if row.contested)} rest on "
        "contested facts, and the list of parameters marks them.",
    ]
    found += _of_theories(prepared)
    by_hand = prepared.config.parameter_values()
    found += [f"{key} was set by hand to {value:g}." for key, value in sorted(by_hand.items())]
    levers = sorted(prepared.config.lever_values().items())
    found += [f"The lever {key} was set by hand to {value:g}." for key, value in levers]
    outcomes = [(outcome.name, outcome.of) for outcome in prepared.observations.outcomes]
    found += _of_switches(prepared.config.switched_off(), outcomes)
    found += _of_couplings(held_of(prepared.config.couplings))
    found += _of_design(prepared)
    if prepared.config.pair:
        paired = "Every run but those at sampled points" if prepared.sampled else "Every run"
        found.append(
            f"{paired} was made a second time on the same dice without {', '.join(prepared.config.pair)}. In replay "
            "both share what is on record, also what the mechanism may have brought about: a pair shows too little."
        )
    for scenario in {arm.scenario.name: arm.scenario for arm in prepared.arms.fixed}.values():
        for key, value in sorted(scenario.parameters.items()):
            against = f", against {by_hand[key]:g} set by hand" if key in by_hand else ""
            found.append(f"The scenario {scenario.name} sets {key} to {value:g}{against}.")
    if is_dirty:
        found.append("The checkout had changes that were not committed; source_hash tells which code was compiled.")
    return found


def _of_theories(prepared: Prepared) -> list[str]:
    """Return what is to be said of theories other than those of the register, of claims dropped, and of variants."""
    config, usual = prepared.config, prepared.register.defaults()
    found = [
        f"Of the rival theories on {QUESTIONS[theory.question]}, {theory.title.lower()} holds ({theory.key})."
        for theory in theories_of(config)
        if any(usual[key] != value for key, value in theory.parameters.items())
    ]
    worldview = load_worldview(config.worldview)
    dropped = prepared.register.neutral(worldview.dropped(prepared.register, load_findings()))
    if config.worldview != ALL:
        found.append(
            f"The worldview {config.worldview} holds; the claims behind {len(dropped)} parameters are dropped."
        )
    if config.variants:
        found.append(
            f"Every run was also made on the same dice at {len(config.variants)} further points, under other theories "
            "or worldviews; where nothing else is said, what is shown is the default point."
        )
    return found


def _of_design(prepared: Prepared) -> list[str]:
    """Return what is to be said of sampled points."""
    told = prepared.sampled
    if not told:
        return []
    keys = [factor["key"] for factor in told["factors"]]
    over = ", ".join(keys) if len(keys) <= FEW else f"{len(keys)} factors"
    return [
        f"Every scenario was also run, on the same dice, at {told['points']} sampled points (design "
        f"{told['method'].replace('_', ' ')} over {over}). These runs stand in outcomes/, their points in "
        "design.parquet; figures and tables show the default point, which is none of them."
    ]


def _of_switches(switched_off: Collection[str], outcomes: Iterable[tuple[str, str]]) -> list[str]:
    """Return what is to be said of rules that are off; `outcomes` are (name, address)."""
    outcomes = [(name.partition(".")[0], address) for name, address in outcomes]
    found = [f"The mechanism {name} was switched off." for name in switched_off]
    lost = not_measured(switched_off, outcomes)
    still = [name for name in _read_off(idle_fields(switched_off), outcomes) if name not in lost]
    if lost:
        measuring = ", ".join(name for name in switched_off if name in MEASURING)
        found.append(f"Not measured, since {measuring} was switched off: {', '.join(lost)}.")
    if still:
        found.append(f"With what was switched off nothing moves these; they stay as they began: {', '.join(still)}.")
    return found


def _of_couplings(held: Iterable[str]) -> list[str]:
    """Return what is to be said of couplings that are held."""
    couplings = [load_couplings()[name] for name in held]
    return [
        f"The coupling {c.name} ({c.between}) was held: {', '.join(c.receivers)} read {', '.join(c.fields)} as in the "
        "same replication of the scenario's base."
        for c in couplings
    ]


def idle_fields(switched_off: Collection[str]) -> frozenset[str]:
    """Return the fields, as `table.field`, that no rule writes once these rules (`folder/file`) are switched off."""
    written = {field for rule in SCHEDULE if rule.NAME not in switched_off for field in rule.WRITES}
    idle = {field for rule in SCHEDULE if rule.NAME in switched_off for field in rule.WRITES} - written
    return frozenset(idle | {total for total, of in SUMMED.items() if of in idle})


def not_measured(switched_off: Collection[str], readings: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return which of some readings, each (name, address), are not measured with these rules switched off."""
    return _read_off(idle_fields([name for name in switched_off if name in MEASURING]), readings)


def _read_off(fields: Collection[str], readings: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the names of the readings whose address lies in one of these fields, each once."""
    found = ((name, _FIELD.match(address)) for name, address in readings)
    return tuple(dict.fromkeys(name for name, match in found if match and f"{match[1]}.{match[2]}" in fields))
