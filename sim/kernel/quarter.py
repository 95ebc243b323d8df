"""One run of the compiled model, quarter by quarter."""

from __future__ import annotations

from sim.kernel.conditions import judge
from sim.kernel.observe import observe, record
from sim.numerics.compiled import compiled
from sim.numerics.draws import throw_dice
from sim.numerics.feed import HELD, RECORDED
from sim.numerics.ledger import make_ledger
from sim.rules.schedule import step

NO_LEDGER = make_ledger(0)
"""A ledger without rows: tracing is off."""


@compiled
def advance(world, flat, params, switches, dice, ledger, feed, probes, columns, quarter, window, out, path):
    """Compute one quarter of a world, a record, and write what is observed of it.

    flat: float64 view of the world. out: float64 (p,); path: float32 (quarters reported, c). Otherwise as `simulate`.
    """
    first, n_quarters = window
    world.clock.quarter = quarter
    judge(world, flat)
    step(world, params, switches, dice, ledger, flat, feed)
    if quarter >= first:
        observe(flat, probes, quarter, first, n_quarters, out)
        record(flat, columns, path, quarter - first)


@compiled
def simulate(
    template,
    scratch,
    flat,
    params,
    switches,
    probes,
    columns,
    seed,
    replications,
    window,
    ledger,
    base,
    feed,
    out,
    paths,
):
    """Run one replication after another from a template, and write what is observed of each.

    template, scratch: world (1,), scratch being overwritten; flat: float64 view of scratch. probes: `PROBE` (p,);
    columns: int64 (c,), offsets in flat. replications: int64 (n,). window: first reported quarter and number of
    quarters. base: world (1,) and parameters of the run that `feed` is recorded from, in each replication anew; where
    nothing is fed it is not run. `step` is called in one place, since the model is compiled anew at each. out:
    float64 (n, p). paths: float32 (n, quarters reported, c). Releases the GIL.
    """
    first, n_quarters = window
    is_fed = feed.offsets.shape[0] > 0
    for r in range(replications.shape[0]):
        dice = throw_dice(seed, replications[r])
        for is_own in range(0 if is_fed else 1, 2):
            scratch[0] = template[0] if is_own else base[0][0]
            values = params if is_own else base[1]
            if is_fed:
                feed.mode[0] = HELD if is_own else RECORDED
            world = scratch[0]
            for quarter in range(n_quarters):
                world.clock.quarter = quarter
                judge(world, flat)
                step(world, values, switches, dice, ledger, flat, feed)
                if is_own and quarter >= first:
                    observe(flat, probes, quarter, first, n_quarters, out[r])
                    record(flat, columns, paths[r], quarter - first)
