"""The draws of a run: the one thing that the oracle shares with the compiled model."""

from __future__ import annotations

import numpy as np

from sim.numerics import draws

NOBODY = draws.NO_ID
_WRAP = (1 << 64) - 1


def hashed(kind: str, name: str) -> np.uint64:
    """Return the id of an entity, such as `state:KAZ`."""
    return np.uint64(draws.stable_id(f"{kind}:{name}"))


def paired(first: np.uint64, second: np.uint64) -> np.uint64:
    """Return mix(first + mix(second)), for addresses that concern four."""
    return np.uint64(draws.mix(np.uint64((int(first) + int(draws.mix(second))) & _WRAP)))


class Luck:
    """Answers "how does this turn out, this quarter?" for a run thrown by one pair of dice."""

    def __init__(self, seed: int, replication: int):
        self._dice = np.uint64(draws.throw_dice(seed, replication))
        self._quarter = np.uint64(0)
        self._moments: dict[str, np.uint64] = {}

    def begin(self, quarter: int) -> None:
        self._quarter = np.uint64(quarter)
        self._moments = {}

    def _moment(self, stream: str) -> np.uint64:
        if stream not in self._moments:
            self._moments[stream] = np.uint64(draws.moment(self._dice, self._quarter, draws.stream(stream)))
        return self._moments[stream]

    def uniform(self, stream: str, a: np.uint64, b: np.uint64 = NOBODY, c: np.uint64 = NOBODY) -> float:
        return draws.uniform(self._moment(stream), a, b, c)

    def gumbel(self, stream: str, a: np.uint64, b: np.uint64 = NOBODY, c: np.uint64 = NOBODY) -> float:
        return draws.gumbel(self._moment(stream), a, b, c)
