"""The order of a quarter: the one list of rules, and the only place that imports them.

Within a rule everybody decides from the values that it read, before anything is carried out; what is carried out for
one purse, firm or group and its people follows the order of rows. Deciders read their own records of this quarter; what
they know of others (markets, means over many states) was measured at the end of the last one.
"""

from __future__ import annotations

from types import ModuleType

from sim.errors import InputError, did_you_mean
from sim.numerics.compiled import compiled
from sim.rules import measures, scenario_acts
from sim.rules.cooperation import (
    borders,
    doctrine,
    instruments,
    intelligence,
    overseas_interests,
    passage,
    policy_at_home,
    requests,
    routes,
    swaps,
)
from sim.rules.information import accusation, belief, content, migrants, reports
from sim.rules.institutions import blocs, summits
from sim.rules.restraint import (
    alliances,
    conduct,
    detention,
    patron_effort,
    recognition,
    recruitment,
    state_patrons,
    succession,
    territory,
)
from sim.rules.technology import (
    bundles,
    consumer_markets,
    debt,
    dependence,
    displacement,
    home_government,
    local_capacity,
    outage,
    sanctions,
    tenders,
    training,
    vendors,
)
from sim.rules.world_politics import pandemic, protest, tension

SCHEDULE: tuple[ModuleType, ...] = (
    scenario_acts,
    tension,
    pandemic,
    protest,
    summits,
    blocs,
    vendors,
    home_government,
    sanctions,
    tenders,
    bundles,
    debt,
    consumer_markets,
    training,
    local_capacity,
    outage,
    displacement,
    dependence,
    instruments,
    doctrine,
    requests,
    swaps,
    passage,
    routes,
    borders,
    intelligence,
    policy_at_home,
    overseas_interests,
    patron_effort,
    succession,
    alliances,
    territory,
    detention,
    recognition,
    conduct,
    state_patrons,
    recruitment,
    reports,
    accusation,
    belief,
    migrants,
    content,
    measures,
)
"""Every rule in the order of a quarter, as `step` runs them; each holds `apply`, `READS`, `WRITES` and `DRAWS`."""

NAMES: tuple[str, ...] = tuple(rule.NAME for rule in SCHEDULE)
"""Names of the rules in order: `folder/file`."""

ALWAYS_ON = (scenario_acts.NAME, measures.NAME)
"""Rules that no switch turns off: without them a run has no scenario or no outcome."""


@compiled
def step(world, params, switches, dice, ledger):  # noqa: PLR0912, PLR0915  the list of rules, one branch each
    """Run every rule that is switched on (int64, one a rule) on the world, a record, in the order of `SCHEDULE`."""
    if switches[0] == 1:
        scenario_acts.apply(world, params, dice, ledger)
    if switches[1] == 1:
        tension.apply(world, params, dice, ledger)
    if switches[2] == 1:
        pandemic.apply(world, params, dice, ledger)
    if switches[3] == 1:
        protest.apply(world, params, dice, ledger)
    if switches[4] == 1:
        summits.apply(world, params, dice, ledger)
    if switches[5] == 1:
        blocs.apply(world, params, dice, ledger)
    if switches[6] == 1:
        vendors.apply(world, params, dice, ledger)
    if switches[7] == 1:
        home_government.apply(world, params, dice, ledger)
    if switches[8] == 1:
        sanctions.apply(world, params, dice, ledger)
    if switches[9] == 1:
        tenders.apply(world, params, dice, ledger)
    if switches[10] == 1:
        bundles.apply(world, params, dice, ledger)
    if switches[11] == 1:
        debt.apply(world, params, dice, ledger)
    if switches[12] == 1:
        consumer_markets.apply(world, params, dice, ledger)
    if switches[13] == 1:
        training.apply(world, params, dice, ledger)
    if switches[14] == 1:
        local_capacity.apply(world, params, dice, ledger)
    if switches[15] == 1:
        outage.apply(world, params, dice, ledger)
    if switches[16] == 1:
        displacement.apply(world, params, dice, ledger)
    if switches[17] == 1:
        dependence.apply(world, params, dice, ledger)
    if switches[18] == 1:
        instruments.apply(world, params, dice, ledger)
    if switches[19] == 1:
        doctrine.apply(world, params, dice, ledger)
    if switches[20] == 1:
        requests.apply(world, params, dice, ledger)
    if switches[21] == 1:
        swaps.apply(world, params, dice, ledger)
    if switches[22] == 1:
        passage.apply(world, params, dice, ledger)
    if switches[23] == 1:
        routes.apply(world, params, dice, ledger)
    if switches[24] == 1:
        borders.apply(world, params, dice, ledger)
    if switches[25] == 1:
        intelligence.apply(world, params, dice, ledger)
    if switches[26] == 1:
        policy_at_home.apply(world, params, dice, ledger)
    if switches[27] == 1:
        overseas_interests.apply(world, params, dice, ledger)
    if switches[28] == 1:
        patron_effort.apply(world, params, dice, ledger)
    if switches[29] == 1:
        succession.apply(world, params, dice, ledger)
    if switches[30] == 1:
        alliances.apply(world, params, dice, ledger)
    if switches[31] == 1:
        territory.apply(world, params, dice, ledger)
    if switches[32] == 1:
        detention.apply(world, params, dice, ledger)
    if switches[33] == 1:
        recognition.apply(world, params, dice, ledger)
    if switches[34] == 1:
        conduct.apply(world, params, dice, ledger)
    if switches[35] == 1:
        state_patrons.apply(world, params, dice, ledger)
    if switches[36] == 1:
        recruitment.apply(world, params, dice, ledger)
    if switches[37] == 1:
        reports.apply(world, params, dice, ledger)
    if switches[38] == 1:
        accusation.apply(world, params, dice, ledger)
    if switches[39] == 1:
        belief.apply(world, params, dice, ledger)
    if switches[40] == 1:
        migrants.apply(world, params, dice, ledger)
    if switches[41] == 1:
        content.apply(world, params, dice, ledger)
    if switches[42] == 1:
        measures.apply(world, params, dice, ledger)


def check_switches(switched_off: list[str]) -> None:
    """Raise InputError where a name is no rule, or is one that cannot be switched off; names as `folder/file`."""
    for name in switched_off:
        if name not in NAMES:
            raise InputError(f"rules.{name.replace('/', '.')}: there is no such rule.{did_you_mean(name, NAMES)}")
        if name in ALWAYS_ON:
            raise InputError(f"rules.{name}: this rule cannot be switched off; without it a run has no result.")


def summary(rule: ModuleType) -> str:
    """Return the rule's own sentence: what stands after *Summary of rule* in its docstring, on one line."""
    text = (rule.__doc__ or "").partition("Summary of rule:")[2].partition("\n\n")[0]
    return " ".join(text.split())
