"""What a scenario does to opinion on surveillance and to what is known of it: the part of scenario acts for these."""

from sim.numerics.compiled import compiled
from sim.world.fields import NOBODY
from sim.world.injects import CODES

READS = ("states.opacity_base", "states.civil_base")
WRITES = (
    "states.opacity",
    "states.civil_society",
    "states.opposition_declared",
    "states.suspension_declared",
    "states.localised",
    "dyads.audit_declared",
    "dyads.scandal_order",
)

_OPINION, _SUSPEND, _SCANDAL, _OPACITY, _CIVIL = (
    CODES[name] for name in ("opinion", "suspend", "scandal", "opacity", "civil_society")
)
_AUDIT, _LOCALISE = CODES["audit"], CODES["localise"]


@compiled
def is_of_surveillance(kind):
    """Return whether an inject of this kind concerns surveillance."""
    return _OPINION <= kind <= _CIVIL or kind == _AUDIT or kind == _LOCALISE


@compiled
def set_audit(world, inject, level):
    """Let a state audit what a home's firms supplied, 0 for no longer; nothing where the state is that home."""
    d = world.states[inject.actor].supplier_dyad[inject.target]
    if d != NOBODY:
        world.dyads[d].audit_declared = max(world.dyads[d].audit_declared, level) if level > 0.0 else 0.0


@compiled
def set_scandal(world, inject, level):
    """Let it be found out that a home reads data in a state, 0 for no longer; nothing where the state is that home."""
    d = world.states[inject.actor].supplier_dyad[inject.target]
    if d != NOBODY:
        world.dyads[d].scandal_order = max(world.dyads[d].scandal_order, level) if level > 0.0 else 0.0


@compiled
def release_surveillance(world, inject):
    """Put the level that an inject sets back to its base, and withdraw the scandal that it ordered."""
    kind, state = inject.kind, world.states[inject.actor]
    if kind == _OPINION:
        state.opposition_declared[inject.sector] = 0.0
    elif kind == _SUSPEND:
        state.suspension_declared[inject.sector] = 0.0
    elif kind == _OPACITY:
        state.opacity = state.opacity_base
    elif kind == _CIVIL:
        state.civil_society = state.civil_base
    elif kind == _SCANDAL:
        set_scandal(world, inject, 0.0)
    elif kind == _AUDIT:
        set_audit(world, inject, 0.0)
    elif kind == _LOCALISE:
        state.localised = 0.0


@compiled
def hold_surveillance(world, inject):
    """Put in force an inject that holds a level; of several that set opacity or civil society the last counts."""
    kind, state, x = inject.kind, world.states[inject.actor], inject.strength
    if kind == _OPINION:
        state.opposition_declared[inject.sector] = max(state.opposition_declared[inject.sector], x)
    elif kind == _SUSPEND:
        state.suspension_declared[inject.sector] = max(state.suspension_declared[inject.sector], x)
    elif kind == _OPACITY:
        state.opacity = x
    elif kind == _CIVIL:
        state.civil_society = x
    elif kind == _AUDIT:
        set_audit(world, inject, x)
    elif kind == _LOCALISE:
        state.localised = max(state.localised, x)


@compiled
def give_surveillance_order(world, inject):
    """Hand a scandal to the rule that lets suspicion follow; of several the strongest counts."""
    if inject.kind == _SCANDAL:
        set_scandal(world, inject, inject.strength)
