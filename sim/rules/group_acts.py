"""What a scenario or the record does to groups, theatres and those who accuse: the part of scenario acts for these.

Levels are put back when an inject ends; orders are carried out at once, by the functions that move people and land in
the rules, or handed to the rule that carries them out (purges, a state taken, accusations).
"""

from sim.numerics.compiled import compiled
from sim.numerics.draws import moment, stream, uniform
from sim.numerics.ledger import note_act_on_group
from sim.rules.followings import custody_of, defect, leave, release, seize, take_home, transfer
from sim.rules.groups import withdraw_support
from sim.rules.incidents import record_incident
from sim.rules.land import take_share
from sim.world.conflict import OTHER_AUTHOR, UNKNOWN
from sim.world.fields import NOBODY
from sim.world.injects import CODES

READS = (
    "politics.next_incident",
    "states.id",
    "states.returnees",
    "groups.id",
    "groups.theatre",
    "groups.pledge",
    "groups.protector",
    "groups.enters",
    "groups.aim",
    "groups.pool",
    "groups.size_high",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.line",
    "groups.loyalty",
    "groups.cum_defected",
    "groups.cum_fallen",
    "theatres.state",
    "theatres.transit",
    "theatres.control",
    "theatres.kept",
    "theatres.truce",
    "theatres.clash",
    "theatres.regained",
    "theatres.cum_displaced",
    "legs.owner",
    "legs.control",
    "patrons.disavowed",
    "patrons.acknowledged",
    "custodies.custodian",
    "custodies.of",
    "custodies.relatives",
    "custodies.hard",
    "custodies.other",
    "custodies.abandoned",
    "custodies.rights_cost",
    "custodies.cum_escaped",
    "custodies.cum_transferred",
    "designations.group",
    "designations.power",
    "designations.listed",
    "designations.veto_base",
    "designations.cum_lifted",
    "pools.gone",
    "pools.fallen",
    "pools.returned",
)
WRITES = (
    "politics.content_declared",
    "politics.next_incident",
    "states.protest_declared",
    "states.returnees",
    "groups.theatre",
    "groups.state",
    "groups.pledge",
    "groups.protector",
    "groups.hard",
    "groups.other",
    "groups.leaning_hard",
    "groups.leaning_other",
    "groups.orientation",
    "groups.line",
    "groups.tenure",
    "groups.loyalty",
    "groups.purge_order",
    "groups.state_order",
    "groups.cum_defected",
    "groups.cum_fallen",
    "theatres.war",
    "theatres.control",
    "theatres.support_declared",
    "theatres.kept",
    "theatres.backer",
    "theatres.guarantee",
    "theatres.ceasefire",
    "theatres.truce",
    "theatres.clash",
    "theatres.pressure_declared",
    "theatres.regained",
    "theatres.fell",
    "theatres.cum_displaced",
    "patrons.disavowed",
    "patrons.acknowledged",
    "custodies.relatives",
    "custodies.hard",
    "custodies.other",
    "custodies.abandoned",
    "custodies.rights_cost",
    "custodies.cum_escaped",
    "custodies.cum_transferred",
    "designations.listed",
    "designations.veto",
    "designations.cum_lifted",
    "pools.gone",
    "pools.fallen",
    "pools.returned",
    "incidents.quarter",
    "incidents.target",
    "incidents.severity",
    "incidents.author",
    "incidents.accused",
    "incidents.accuser",
    "incidents.is_simulated",
    "incidents.is_foiled",
    "incidents.is_exposed",
    "accusers.declared",
    "accusers.denial_declared",
    "accusers.exposure_declared",
)
AUTHORS = "scenario_acts/authors"
_AUTHORS = stream(AUTHORS)

_WAR, _SUPPORT, _GUARANTEE, _PRESSURE = (CODES[name] for name in ("war", "support", "guarantee", "pressure"))
_VETO, _PROTEST, _CONTENT, _CEASEFIRE = (CODES[name] for name in ("veto", "protest", "content", "ceasefire"))
_OFFENSIVE, _ABANDON, _PATRON, _PROTECTOR = (CODES[name] for name in ("offensive", "abandon", "patron", "protector"))
_MOVE, _LINE, _PURGE, _DEFECTION = (CODES[name] for name in ("move", "line", "purge", "defection"))
_ARREST, _MERGE, _CLASH, _TRUCE = (CODES[name] for name in ("arrest", "merge", "clash", "truce"))
_TRANSFER, _BREAK, _INCIDENT = (CODES[name] for name in ("transfer", "prison_break", "incident"))
_ACCUSE, _DENY, _EXPOSURE = (CODES[name] for name in ("accuse", "deny", "exposure"))
_DISAVOW, _ACKNOWLEDGE, _DESIGNATE, _STATE = (
    CODES[name] for name in ("disavow", "acknowledge", "designate", "become_state")
)
_REPATRIATION = CODES["repatriation"]


@compiled
def is_of_groups(kind):
    """Return whether an inject of this kind concerns groups, theatres, incidents or those who accuse."""
    return _WAR <= kind <= _STATE or kind == _REPATRIATION


@compiled
def release_level(world, inject):
    """Put the level that an inject sets back to what it was, and withdraw what it ordered for a quarter."""
    kind, a, b = inject.kind, inject.actor, inject.target
    if kind == _WAR:
        world.theatres[a].war = 0.0
    elif kind == _SUPPORT:
        world.theatres[inject.sector].support_declared[b] = 0.0
        world.theatres[inject.sector].backer[b] = NOBODY
    elif kind == _GUARANTEE:
        world.theatres[b].guarantee = 0.0
    elif kind == _PRESSURE:
        world.theatres[b].pressure_declared = 0.0
    elif kind == _VETO:
        for designation in world.designations:
            if designation.power == a and designation.group == b:
                designation.veto = designation.veto_base
    elif kind == _PROTEST:
        world.states[a].protest_declared = 0.0
    elif kind == _CONTENT:
        world.politics.content_declared = 0.0
    else:
        withdraw(world, inject)


@compiled
def withdraw(world, inject):
    """Withdraw what an inject ordered for one quarter."""
    kind, a, b = inject.kind, inject.actor, inject.target
    if kind == _PURGE:
        world.groups[b].purge_order = 0.0
    elif kind == _STATE:
        world.groups[a].state_order = 0.0
    elif kind == _ACCUSE:
        world.accusers[a].declared[b] = 0.0
    elif kind == _DENY:
        world.accusers[b].denial_declared[a] = 0.0
    elif kind == _EXPOSURE:
        world.accusers[a].exposure_declared = 0.0


@compiled
def hold_level(world, inject):
    """Put in force an inject that holds a level."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    if kind == _WAR:
        world.theatres[a].war = max(world.theatres[a].war, x)
    elif kind == _SUPPORT:
        theatre = world.theatres[inject.sector]
        if x > theatre.support_declared[b]:
            theatre.support_declared[b] = x
            theatre.backer[b] = a
    elif kind == _GUARANTEE:
        world.theatres[b].guarantee = x
    elif kind == _PRESSURE:
        world.theatres[b].pressure_declared = max(world.theatres[b].pressure_declared, x)
    elif kind == _VETO:
        for designation in world.designations:
            if designation.power == a and designation.group == b:
                designation.veto = x
    elif kind == _PROTEST:
        world.states[a].protest_declared = max(world.states[a].protest_declared, x)
    elif kind == _CONTENT:
        world.politics.content_declared = max(world.politics.content_declared, x)


@compiled
def record_real(world, inject, dice):
    """Write an incident on record; who is behind it is drawn once a run, and nothing that is shown tells it."""
    state = world.states[inject.target].id
    group = world.groups[inject.actor].id if inject.actor != NOBODY else state
    u = uniform(moment(dice, world.clock.quarter, _AUTHORS), state, group, state)
    author = UNKNOWN
    if u < inject.strength and inject.actor != NOBODY:
        author = inject.actor
    elif u < inject.strength + 0.5 * (1.0 - inject.strength):
        author = OTHER_AUTHOR
    record_incident(world, inject.target, inject.sector, author, 0, 0)


@compiled
def order_people(world, inject, params):
    """Move members as an inject orders: share `strength` of one group's hardliners, or of all its members."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    if kind == _PURGE:
        world.groups[b].purge_order = x
    elif kind == _DEFECTION:
        defect(world, a, b, x * world.groups[a].hard, 0.0)
    elif kind == _MERGE:
        defect(world, b, a, x * world.groups[b].hard, x * world.groups[b].other)
    elif kind == _ARREST:
        taken = x * world.groups[b].hard
        if seize(world, a, b, taken, 0.0):
            leave(world.groups[b], taken, 0.0)
    else:
        c = custody_of(world, a, b)
        if c != NOBODY and kind == _BREAK:
            release(world, c, x, params)
        elif c != NOBODY and kind == _TRANSFER:
            transfer(world, c, x, params)
        elif c != NOBODY:
            take_home(world, c, x)


@compiled
def break_circle(world, g, is_pledge):
    """End the tie by which a chain of pledges, or of protectors, that begins at g would come back to it."""
    h = g
    for _ in range(world.groups.shape[0]):
        above = world.groups[h].pledge if is_pledge else world.groups[h].protector
        if above == NOBODY:
            return
        if above == g:
            if is_pledge:
                world.groups[h].pledge = NOBODY
            else:
                world.groups[h].protector = NOBODY
                world.groups[h].loyalty = 0.0
            return
        h = above


@compiled
def are_together(world, g, h):
    """Return whether groups g and h are in one theatre."""
    return world.groups[g].theatre != NOBODY and world.groups[g].theatre == world.groups[h].theatre


@compiled
def order_ties(world, inject):
    """Change what ties a group to others, its leadership, or its place, as an inject orders."""
    kind, b = inject.kind, inject.target
    group = world.groups[inject.actor]
    if kind == _PATRON:
        group.pledge = b
        break_circle(world, inject.actor, True)
    elif kind == _PROTECTOR:
        group.loyalty = group.loyalty if group.protector == b else 0.0
        group.protector = b
        break_circle(world, inject.actor, False)
    elif kind == _MOVE:
        if group.theatre != NOBODY and group.theatre != b:
            world.theatres[group.theatre].control[inject.actor] = 0.0
        group.theatre = b
        group.state = world.theatres[b].state
    elif kind == _LINE:
        group.line = inject.strength
        group.tenure = 0.0
    elif kind == _CLASH and are_together(world, inject.actor, b):
        world.theatres[group.theatre].clash = max(world.theatres[group.theatre].clash, inject.strength)
    elif kind == _TRUCE and are_together(world, inject.actor, b):
        world.theatres[group.theatre].truce = max(world.theatres[group.theatre].truce, inject.strength)
    elif kind == _DISAVOW:
        patron = world.patrons[inject.actor]
        patron.disavowed = max(patron.disavowed, inject.strength)
    elif kind == _STATE:
        group.state_order = 1.0


@compiled
def order_designation(world, inject):
    """List a group, or lift its designation, as an inject orders."""
    for designation in world.designations:
        if designation.power == inject.actor and designation.group == inject.target:
            if inject.strength < 0.5 and designation.listed > 0.5:
                designation.cum_lifted += 1.0
            designation.listed = 1.0 if inject.strength >= 0.5 else 0.0


@compiled
def give_group_order(world, inject, params, dice):
    """Carry out an order, or hand it to the rule that does."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    if kind == _CEASEFIRE:
        world.theatres[a].ceasefire = x
    elif kind == _OFFENSIVE:
        take_share(world, b, a, inject.sector, x, params)
    elif kind == _ABANDON:
        withdraw_support(world, b, a, x)
    elif kind == _INCIDENT:
        record_real(world, inject, dice)
    elif kind == _ACCUSE:
        world.accusers[a].declared[b] = x
    elif kind == _DENY:
        world.accusers[b].denial_declared[a] = x
    elif kind == _EXPOSURE:
        world.accusers[a].exposure_declared = x
    elif kind == _ACKNOWLEDGE:
        world.patrons[b].acknowledged = max(world.patrons[b].acknowledged, x)
    elif kind == _DESIGNATE:
        order_designation(world, inject)
    elif kind in (_PURGE, _DEFECTION, _MERGE, _ARREST, _TRANSFER, _BREAK, _REPATRIATION):
        order_people(world, inject, params)
    elif kind > _CEASEFIRE:
        order_ties(world, inject)


@compiled
def note_group_act(world, inject, ledger):
    """Write the line of an inject that begins; that of an incident names no group."""
    kind, a, b, x = inject.kind, inject.actor, inject.target, inject.strength
    state, group, theatre = NOBODY, NOBODY, NOBODY
    if kind == _WAR or kind == _CEASEFIRE:
        theatre = a
    elif kind == _SUPPORT or kind == _GUARANTEE or kind == _PRESSURE:
        state, theatre = a, inject.sector if kind == _SUPPORT else b
    elif kind == _VETO or kind == _ACKNOWLEDGE or kind == _DESIGNATE:
        state, group = a, b
    elif kind == _PROTEST:
        state = a
    elif kind == _OFFENSIVE or kind == _ABANDON:
        n = world.groups.shape[0]
        holder = a if kind == _OFFENSIVE else b
        theatre = b if kind == _OFFENSIVE else NOBODY
        group, state = (holder, NOBODY) if holder < n else (NOBODY, holder - n)
    elif kind == _INCIDENT:
        state, x = b, 0.0
    elif kind == _ACCUSE or kind == _EXPOSURE:
        state, group = world.accusers[a].state, b
    elif kind == _DENY:
        state, group = world.accusers[b].state, a
    elif kind == _TRANSFER or kind == _BREAK or kind == _REPATRIATION:
        group = b
    elif kind != _CONTENT:
        group = a
    note_act_on_group(ledger, state, group, theatre, kind, x)
