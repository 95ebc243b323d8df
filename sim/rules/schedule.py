"""The order of a quarter: the one list of rules, and the only place that imports them.

Within a rule everybody decides from the values that it read, before anything is carried out; what is carried out for
one purse, firm or group and its people follows the order of rows. Deciders read their own records of this quarter; what
they know of others (markets, means over many states) was measured at the end of the last one.
"""

from __future__ import annotations

from types import ModuleType

from sim.errors import InputError, did_you_mean
from sim.numerics.compiled import compiled
from sim.numerics.feed import begins, ends
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
from sim.rules.surveillance import data_access, demand, opinion, supplier_relation
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
    demand,
    opinion,
    data_access,
    supplier_relation,
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
def step(world, params, switches, dice, ledger, flat, feed):  # noqa: PLR0912, PLR0915  the list, one branch a rule
    """Run every rule that is switched on (int64, one a rule) on the world, a record, in the order of `SCHEDULE`.

    flat is the world as one vector; `feed` says what is put into it for which rule (`UNFED` for both: nothing is).
    Every receiver of a coupling has its place here where it is fed.
    """
    quarter = world.clock.quarter
    is_fed = feed.offsets.shape[0] > 0
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
        if is_fed:
            begins(8, quarter, flat, feed)
        sanctions.apply(world, params, dice, ledger)
        if is_fed:
            ends(8, flat, feed)
    if switches[9] == 1:
        if is_fed:
            begins(9, quarter, flat, feed)
        tenders.apply(world, params, dice, ledger)
        if is_fed:
            ends(9, flat, feed)
    if switches[10] == 1:
        if is_fed:
            begins(10, quarter, flat, feed)
        bundles.apply(world, params, dice, ledger)
        if is_fed:
            ends(10, flat, feed)
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
        if is_fed:
            begins(18, quarter, flat, feed)
        demand.apply(world, params, dice, ledger)
        if is_fed:
            ends(18, flat, feed)
    if switches[19] == 1:
        opinion.apply(world, params, dice, ledger)
    if switches[20] == 1:
        data_access.apply(world, params, dice, ledger)
    if switches[21] == 1:
        supplier_relation.apply(world, params, dice, ledger)
    if switches[22] == 1:
        if is_fed:
            begins(22, quarter, flat, feed)
        instruments.apply(world, params, dice, ledger)
        if is_fed:
            ends(22, flat, feed)
    if switches[23] == 1:
        if is_fed:
            begins(23, quarter, flat, feed)
        doctrine.apply(world, params, dice, ledger)
        if is_fed:
            ends(23, flat, feed)
    if switches[24] == 1:
        if is_fed:
            begins(24, quarter, flat, feed)
        requests.apply(world, params, dice, ledger)
        if is_fed:
            ends(24, flat, feed)
    if switches[25] == 1:
        if is_fed:
            begins(25, quarter, flat, feed)
        swaps.apply(world, params, dice, ledger)
        if is_fed:
            ends(25, flat, feed)
    if switches[26] == 1:
        passage.apply(world, params, dice, ledger)
    if switches[27] == 1:
        if is_fed:
            begins(27, quarter, flat, feed)
        routes.apply(world, params, dice, ledger)
        if is_fed:
            ends(27, flat, feed)
    if switches[28] == 1:
        if is_fed:
            begins(28, quarter, flat, feed)
        borders.apply(world, params, dice, ledger)
        if is_fed:
            ends(28, flat, feed)
    if switches[29] == 1:
        if is_fed:
            begins(29, quarter, flat, feed)
        intelligence.apply(world, params, dice, ledger)
        if is_fed:
            ends(29, flat, feed)
    if switches[30] == 1:
        policy_at_home.apply(world, params, dice, ledger)
    if switches[31] == 1:
        if is_fed:
            begins(31, quarter, flat, feed)
        overseas_interests.apply(world, params, dice, ledger)
        if is_fed:
            ends(31, flat, feed)
    if switches[32] == 1:
        patron_effort.apply(world, params, dice, ledger)
    if switches[33] == 1:
        if is_fed:
            begins(33, quarter, flat, feed)
        succession.apply(world, params, dice, ledger)
        if is_fed:
            ends(33, flat, feed)
    if switches[34] == 1:
        alliances.apply(world, params, dice, ledger)
    if switches[35] == 1:
        if is_fed:
            begins(35, quarter, flat, feed)
        territory.apply(world, params, dice, ledger)
        if is_fed:
            ends(35, flat, feed)
    if switches[36] == 1:
        if is_fed:
            begins(36, quarter, flat, feed)
        detention.apply(world, params, dice, ledger)
        if is_fed:
            ends(36, flat, feed)
    if switches[37] == 1:
        if is_fed:
            begins(37, quarter, flat, feed)
        recognition.apply(world, params, dice, ledger)
        if is_fed:
            ends(37, flat, feed)
    if switches[38] == 1:
        if is_fed:
            begins(38, quarter, flat, feed)
        conduct.apply(world, params, dice, ledger)
        if is_fed:
            ends(38, flat, feed)
    if switches[39] == 1:
        if is_fed:
            begins(39, quarter, flat, feed)
        state_patrons.apply(world, params, dice, ledger)
        if is_fed:
            ends(39, flat, feed)
    if switches[40] == 1:
        if is_fed:
            begins(40, quarter, flat, feed)
        recruitment.apply(world, params, dice, ledger)
        if is_fed:
            ends(40, flat, feed)
    if switches[41] == 1:
        reports.apply(world, params, dice, ledger)
    if switches[42] == 1:
        accusation.apply(world, params, dice, ledger)
    if switches[43] == 1:
        belief.apply(world, params, dice, ledger)
    if switches[44] == 1:
        migrants.apply(world, params, dice, ledger)
    if switches[45] == 1:
        content.apply(world, params, dice, ledger)
    if switches[46] == 1:
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
