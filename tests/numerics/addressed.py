"""Draws at many addresses at once, for the statistical tests beside this file."""

from __future__ import annotations

import numpy as np

from sim.numerics.compiled import compiled
from sim.numerics.draws import moment, stream, throw_dice, uniform

SEED = 20_260_101
STREAM = stream("tests/numerics")


@compiled
def _fill(seeds, replications, quarters, streams, a, b, c, out):
    for i in range(out.shape[0]):
        when = moment(throw_dice(seeds[i], replications[i]), quarters[i], streams[i])
        out[i] = uniform(when, a[i], b[i], c[i])


def draws(seed=SEED, replication=0, quarter=0, stream_id=STREAM, a=0, b=0, c=0) -> np.ndarray:
    """Return the draws (n,) at addresses whose parts are numbers or arrays (n,), broadcast against each other."""
    kinds = (np.int64, np.int64, np.int64, np.uint64, np.uint64, np.uint64, np.uint64)
    parts = (seed, replication, quarter, stream_id, a, b, c)
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(p, kind)) for p, kind in zip(parts, kinds, strict=True)))
    out = np.empty(arrays[0].shape)
    _fill(*(np.ascontiguousarray(array) for array in arrays), out)
    return out
