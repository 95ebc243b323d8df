"""Questions that several rules ask: does history leave this open, who belongs to what, who shares security."""

from __future__ import annotations

from sim.numerics.compiled import compiled


@compiled
def is_open(clock):
    """Return whether the model's own rules decide events of the kinds that the record dates."""
    return clock.is_replay == 0 or clock.quarter > clock.history_end


@compiled
def is_member(institution, s, quarter):
    """Return whether state s belongs to the institution in this quarter."""
    return institution.joins[s] <= quarter < institution.leaves[s]


@compiled
def share_security(institutions, s, other, quarter):
    """Return whether both states belong by now to a body whose members share data on security."""
    for institution in institutions:
        is_at_work = institution.security_from <= quarter
        if is_at_work and is_member(institution, s, quarter) and is_member(institution, other, quarter):
            return True
    return False
