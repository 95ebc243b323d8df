"""One run of the compiled model, quarter by quarter."""

from __future__ import annotations

from sim.kernel.observe import observe, record
from sim.numerics.compiled import compiled
from sim.numerics.draws import throw_dice
from sim.numerics.ledger import make_ledger
from sim.rules.schedule import step

NO_LEDGER = make_ledger(0)
"""A ledger without rows: tracing is off."""


@compiled
def advance(world, flat, params, switches, dice, ledger, probes, columns, quarter, window, out, path):
    """Compute one quarter of a world, a record, and write what is observed of it.

    flat: float64 view of the world. out: float64 (p,); path: float32 (quarters reported, c). Otherwise as `simulate`.
    """
    first, n_quarters = window
    world.clock.quarter = quarter
    step(world, params, switches, dice, ledger)
    if quarter >= first:
        observe(flat, probes, quarter, first, n_quarters, out)
        record(flat, columns, path, quarter - first)


@compiled
def simulate(
    template, scratch, flat, params, switches, probes, columns, seed, replications, window, ledger, out, paths
):
    """Run one replication after another from a template, and write what is observed of each.

    template, scratch: world (1,), scratch being overwritten; flat: float64 view of scratch. probes: `PROBE` (p,);
    columns: int64 (c,), offsets in flat. replications: int64 (n,). window: first reported quarter and number of
    quarters. out: float64 (n, p). paths: float32 (n, quarters reported, c). Releases the GIL.
    """
    for r in range(replications.shape[0]):
        scratch[0] = template[0]
        world = scratch[0]
        dice = throw_dice(seed, replications[r])
        for quarter in range(window[1]):
            advance(world, flat, params, switches, dice, ledger, probes, columns, quarter, window, out[r], paths[r])
