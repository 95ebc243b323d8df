"""Two questions that several rules ask: does history leave this open, and who belongs to what."""

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
