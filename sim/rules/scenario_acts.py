"""Scenario acts.

Summary of rule: what a scenario or the record of history sets from outside is put in force, before anybody decides.

What an inject sets is put back to its base when the inject ends; every inject that holds in this quarter raises it: the
strongest of several counts, but subsidies and prices add up, and a leader's demand, opacity and civil society are set
by the last in the list. Orders (gifts, loans, awards, agreements, crackdowns, joining and leaving, treaties, answers,
purges, scandals) are handed, in their first quarter, to the rule that carries them out; what moves members or land of
armed groups is carried out here. Who is behind an incident on record is drawn once a run; no rule makes anything of it
and nothing shows it.

Mechanisms: the what-ifs of the documents. Never switched off.
"""

from sim.numerics.compiled import compiled
from sim.numerics.ledger import note_act
from sim.numerics.stocks import clipped
from sim.rules import group_acts, surveillance_acts
from sim.rules.cooperation_acts import (
    give_channel_order,
    hold_cooperation,
    is_of_cooperation,
    note_cooperation,
    release_cooperation,
)
from sim.rules.group_acts import AUTHORS, give_group_order, hold_level, is_of_groups, note_group_act, release_level
from sim.rules.surveillance_acts import (
    give_surveillance_order,
    hold_surveillance,
    is_of_surveillance,
    release_surveillance,
)
from sim.world.fields import NEVER, NOBODY
from sim.world.injects import CODES
from sim.world.records import GIFT, NO_AWARD, TENDER, TIED_LOAN

NAME = "scenario_acts"

READS = (
    "clock.quarter",
    "states.leader_base",
    "states.supplier_dyad",
    "homes.subsidy_base",
    "firms.home",
    "sectors.n_sellers",
    "sectors.seller",
    "origins.node",
    "legs.start",
    "legs.corridor",
    "legs.is_border",
    "channels.state",
    "channels.origin",
    "channels.talks",
    "channels.signed",
    "channels.in_force",
    "injects.kind",
    "injects.start",
    "injects.end",
    "injects.strength",
    "injects.actor",
    "injects.target",
    "injects.sector",
    *group_acts.READS,
    *surveillance_acts.READS,
)
WRITES = (
    "politics.pandemic_declared",
    "politics.tension_declared",
    "states.leader_demand",
    "states.drive",
    "states.expelled_industry",
    "homes.subsidy",
    "homes.price_shift",
    "homes.isolation",
    "dyads.training_order",
    "dyads.quarrel",
    "dyads.ordered_sector",
    "dyads.ordered_mode",
    "firms.sanction_declared",
    "firms.crackdown_order",
    "firms.failing_declared",
    "firms.ban_declared",
    "cells.ask_order",
    "cells.order_slot",
    "cells.order_mode",
    "cells.order_size",
    "institutions.joins",
    "institutions.leaves",
    "institutions.level_order",
    "institutions.proposal_order",
    "institutions.refusal_declared",
    "origins.repression_shift",
    "origins.salience_declared",
    "origins.hunt",
    "origins.deploy_law",
    "nodes.pull_declared",
    "legs.control_declared",
    "channels.talks",
    "channels.signed",
    "channels.in_force",
    "channels.suspension_declared",
    "channels.request_order",
    "channels.swap_order",
    "channels.papers_declared",
    "channels.answer_order",
    "channels.answer_size",
    "channels.accusation_order",
    *group_acts.WRITES,
    *surveillance_acts.WRITES,
)
DRAWS = (AUTHORS,)

_PANDEMIC, _TENSION, _LEADER, _DRIVE = (
    CODES[name] for name in ("pandemic", "tension", "leader_demand", "capacity_drive")
)
_SUBSIDY, _PRICE, _ISOLATION, _QUARREL = (CODES[name] for name in ("subsidy", "price", "isolation", "quarrel"))
_SANCTION, _BAN, _CRACKDOWN, _OUTAGE = (CODES[name] for name in ("sanction", "ban", "crackdown", "outage"))
_EXPELLED, _TRAINING, _GIFT, _LOAN = (CODES[name] for name in ("expelled_industry", "training", "gift", "tied_loan"))
_AWARD, _AGREEMENT, _JOIN, _LEAVE = (CODES[name] for name in ("award", "agreement", "join", "leave"))
_PROPOSAL, _REFUSAL = (CODES[name] for name in ("proposal", "refusal"))
_ASK, _OFFER_GIFT, _OFFER_LOAN = (CODES[name] for name in ("ask", "offer_gift", "offer_loan"))


@compiled
def order_offer(world, inject, sector, mode):
    """Hand an offer in a sector to the dyad of the state and the home named, or nobody's to withdraw it."""
    d = world.states[inject.target].supplier_dyad[inject.actor]
    if d != NOBODY:
        world.dyads[d].ordered_sector = sector
        world.dyads[d].ordered_mode = mode


@compiled
def withdraw_order(world, inject):
    """Withdraw the order that an inject gave."""
    kind, a = inject.kind, inject.actor
    if kind == _CRACKDOWN:
        world.firms[a].crackdown_order = 0.0
    elif kind == _AGREEMENT:
        world.institutions[a].level_order[inject.sector] = -1.0
    elif kind == _PROPOSAL:
        world.institutions[a].proposal_order[inject.sector] = NOBODY
    elif kind == _REFUSAL:
        world.institutions[a].refusal_declared[inject.target, inject.sector] = 0.0
    elif kind == _GIFT or kind == _LOAN or kind == _AWARD:
        cell = world.cells[inject.target, inject.sector]
        cell.order_slot = NOBODY
        cell.order_mode = NO_AWARD
        cell.order_size = 0.0
    elif kind == _ASK:
        world.cells[a, inject.sector].ask_order = 0.0
    elif kind == _OFFER_GIFT or kind == _OFFER_LOAN:
        order_offer(world, inject, NOBODY, NO_AWARD)


@compiled
def release_firm(world, inject):
    """Put the level of a firm that an inject sets back to none."""
    kind = inject.kind
    firm = world.firms[inject.actor]
    if kind == _SANCTION:
        firm.sanction_declared = 0.0
    elif kind == _OUTAGE:
        firm.failing_declared = 0.0
    elif kind == _BAN:
        firm.ban_declared[inject.target] = 0.0
    elif kind == _TRAINING:
        d = world.states[inject.target].supplier_dyad[firm.home]
        if d != NOBODY:
            world.dyads[d].training_order = 0.0


@compiled
def release_general(world, inject):
    """Put the level of everybody, a state or a home that an inject sets back to its base."""
    kind, a = inject.kind, inject.actor
    if kind == _PANDEMIC:
        world.politics.pandemic_declared = 0.0
    elif kind == _TENSION:
        world.politics.tension_declared = 0.0
    elif kind == _LEADER:
        world.states[a].leader_demand = world.states[a].leader_base
    elif kind == _DRIVE:
        world.states[a].drive = 0.0
    elif kind == _EXPELLED:
        world.states[a].expelled_industry = 0.0
    elif kind == _SUBSIDY:
        world.homes[a].subsidy = world.homes[a].subsidy_base
    elif kind == _PRICE:
        world.homes[a].price_shift = 0.0
    elif kind == _ISOLATION:
        world.homes[a].isolation = 0.0
    elif kind == _QUARREL:
        d = world.states[a].supplier_dyad[inject.target]
        if d != NOBODY:
            world.dyads[d].quarrel = 0.0


@compiled
def is_level_of_firm(kind):
    """Return whether an inject of this kind holds a level for a firm."""
    return kind == _SANCTION or kind == _BAN or kind == _OUTAGE or kind == _TRAINING


@compiled
def order_award(world, inject, mode):
    """Hand an award to the cell that it names, in the slot of its firm; nothing where the firm does not sell there."""
    sector = world.sectors[inject.sector]
    for j in range(sector.n_sellers):
        if sector.seller[j] == inject.actor:
            cell = world.cells[inject.target, inject.sector]
            cell.order_slot = j
            cell.order_mode = mode
            cell.order_size = inject.strength


@compiled
def hold_general(world, inject):
    """Put in force an inject that holds a level for everybody, a state or a home."""
    kind, a, x = inject.kind, inject.actor, inject.strength
    if kind == _PANDEMIC:
        world.politics.pandemic_declared = max(world.politics.pandemic_declared, x)
    elif kind == _TENSION:
        world.politics.tension_declared = max(world.politics.tension_declared, x)
    elif kind == _LEADER:
        world.states[a].leader_demand = x
    elif kind == _DRIVE:
        world.states[a].drive = max(world.states[a].drive, x)
    elif kind == _EXPELLED:
        world.states[a].expelled_industry = max(world.states[a].expelled_industry, x)
    elif kind == _SUBSIDY:
        world.homes[a].subsidy = clipped(world.homes[a].subsidy + x)
    elif kind == _PRICE:
        world.homes[a].price_shift = max(-0.9, min(1.0, world.homes[a].price_shift + x))
    elif kind == _ISOLATION:
        world.homes[a].isolation = max(world.homes[a].isolation, x)
    elif kind == _REFUSAL:
        refusal = world.institutions[a].refusal_declared
        refusal[inject.target, inject.sector] = max(refusal[inject.target, inject.sector], x)
    elif kind == _QUARREL:
        d = world.states[a].supplier_dyad[inject.target]
        if d != NOBODY:
            world.dyads[d].quarrel = max(world.dyads[d].quarrel, x)


@compiled
def hold_firm(world, inject):
    """Put in force an inject that holds a level for a firm."""
    kind, x = inject.kind, inject.strength
    firm = world.firms[inject.actor]
    if kind == _SANCTION:
        firm.sanction_declared = max(firm.sanction_declared, x)
    elif kind == _OUTAGE:
        firm.failing_declared = max(firm.failing_declared, x)
    elif kind == _BAN:
        firm.ban_declared[inject.target] = max(firm.ban_declared[inject.target], x)
    elif kind == _TRAINING:
        d = world.states[inject.target].supplier_dyad[firm.home]
        if d != NOBODY:
            world.dyads[d].training_order = max(world.dyads[d].training_order, x)


@compiled
def give_order(world, inject, quarter):
    """Hand an order to the rule that carries it out."""
    kind, a = inject.kind, inject.actor
    if kind == _CRACKDOWN:
        world.firms[a].crackdown_order = max(world.firms[a].crackdown_order, inject.strength)
    elif kind == _GIFT:
        order_award(world, inject, GIFT)
    elif kind == _LOAN:
        order_award(world, inject, TIED_LOAN)
    elif kind == _AWARD:
        order_award(world, inject, TENDER)
    elif kind == _ASK:
        world.cells[a, inject.sector].ask_order = 1.0
    elif kind == _OFFER_GIFT or kind == _OFFER_LOAN:
        order_offer(world, inject, inject.sector, GIFT if kind == _OFFER_GIFT else TIED_LOAN)
    elif kind == _AGREEMENT:
        world.institutions[a].level_order[inject.sector] = inject.strength
    elif kind == _PROPOSAL:
        world.institutions[a].proposal_order[inject.sector] = inject.target
    elif kind == _JOIN:
        world.institutions[a].joins[inject.target] = quarter
        world.institutions[a].leaves[inject.target] = NEVER
    elif kind == _LEAVE:
        world.institutions[a].leaves[inject.target] = quarter


@compiled
def note(inject, ledger):
    """Write the line of an inject that begins, so that what follows can rest on it."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    is_of_state = kind == _LEADER or kind == _DRIVE or kind == _EXPELLED or kind == _QUARREL or is_of_surveillance(kind)
    is_of_home = kind == _SUBSIDY or kind == _PRICE or kind == _ISOLATION
    is_of_institution = kind in (_AGREEMENT, _JOIN, _LEAVE, _PROPOSAL, _REFUSAL)
    if kind == _PANDEMIC or kind == _TENSION:
        note_act(ledger, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    elif is_of_state:
        note_act(ledger, a, b, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    elif is_of_home:
        note_act(ledger, NOBODY, a, NOBODY, NOBODY, NOBODY, NOBODY, kind, x)
    elif is_of_institution:
        note_act(ledger, b, NOBODY, NOBODY, a, NOBODY, NOBODY, kind, x)
    elif kind == _ASK:
        note_act(ledger, a, NOBODY, NOBODY, NOBODY, inject.sector, NOBODY, kind, x)
    elif kind == _OFFER_GIFT or kind == _OFFER_LOAN:
        note_act(ledger, b, a, NOBODY, NOBODY, inject.sector, NOBODY, kind, x)
    else:
        note_act(ledger, b, NOBODY, a, NOBODY, inject.sector, NOBODY, kind, x)


@compiled
def begin(world, inject, quarter, params, dice, ledger):
    """Give the order of an inject that begins, and write its line."""
    if is_of_groups(inject.kind):
        give_group_order(world, inject, params, dice)
        note_group_act(world, inject, ledger)
    elif is_of_cooperation(inject.kind):
        give_channel_order(world, inject, quarter)
        note_cooperation(world, inject, ledger)
    elif is_of_surveillance(inject.kind):
        give_surveillance_order(world, inject)
        note(inject, ledger)
    else:
        give_order(world, inject, quarter)
        note(inject, ledger)


@compiled
def release(world, inject):
    """Put what an inject sets back to its base."""
    if is_level_of_firm(inject.kind):
        release_firm(world, inject)
    elif is_of_cooperation(inject.kind):
        release_cooperation(world, inject)
    elif is_of_groups(inject.kind):
        release_level(world, inject)
    elif is_of_surveillance(inject.kind):
        release_surveillance(world, inject)
    else:
        release_general(world, inject)
        withdraw_order(world, inject)


@compiled
def hold(world, inject):
    """Put in force the level that an inject holds."""
    if is_level_of_firm(inject.kind):
        hold_firm(world, inject)
    elif is_of_cooperation(inject.kind):
        hold_cooperation(world, inject)
    elif is_of_groups(inject.kind):
        hold_level(world, inject)
    elif is_of_surveillance(inject.kind):
        hold_surveillance(world, inject)
    else:
        hold_general(world, inject)


@compiled
def apply(world, params, dice, ledger):
    """Put every inject that holds or begins in this quarter in force, and undo those that have just ended."""
    quarter = world.clock.quarter
    for inject in world.injects:
        if inject.kind != 0 and inject.start <= quarter <= inject.end:
            release(world, inject)
    for inject in world.injects:
        if inject.kind != 0 and inject.start <= quarter < inject.end:
            hold(world, inject)
            if inject.start == quarter:
                begin(world, inject, quarter, params, dice, ledger)
