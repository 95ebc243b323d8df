"""Random numbers with addresses: a draw is a hash of what it is for, never the next of a sequence.

    u = h(moment, a, b, c),   moment = h(dice, quarter, stream),   dice = h(seed, replication)

with h a chain of splitmix64 finalisers (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
`stream` names the decision, `a`, `b`, `c` are the stable ids of those it concerns (0 where there are fewer). Since
nothing is drawn in sequence, another actor, parameter, mechanism or replication leaves every other draw as it was.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from sim.numerics.compiled import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_TO_UNIT = 1.0 / 4503599627370496.0

NO_ID = np.uint64(0)
"""Stands for the absent ids of an address that concerns fewer than three."""


def stable_id(text: str) -> int:
    """Return the id of a name: the first eight bytes of its sha256, as an unsigned integer."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def stream(name: str) -> np.uint64:
    """Return the number of a stream of draws from its name, such as `technology/tenders/asks`."""
    return np.uint64(stable_id("stream:" + name))


@compiled
def mix(z):
    """Return the splitmix64 finaliser of a uint64."""
    z = z + _GOLDEN
    z = (z ^ (z >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@compiled
def throw_dice(seed, replication):
    """Return the dice of a run: the same for every scenario and parameter point.

    Within compiled code a uint64; called from Python an int, to be wrapped in `np.uint64` before it is passed on.
    """
    return mix(mix(np.uint64(seed)) + np.uint64(replication))


@compiled
def moment(dice, quarter, stream_id):
    """Return the part of an address that all draws of a stream share within a quarter, a uint64."""
    return mix(dice + mix(np.uint64(quarter) + stream_id))


@compiled
def place(when, a, b):
    """Return the part of an address that all draws of a moment with the same first two ids share, a uint64."""
    return mix(mix(when + a) + b)


@compiled
def address(when, a, b, c):
    """Return the hash of an address as a uint64: a moment and three stable ids, all uint64."""
    return mix(place(when, a, b) + c)


@compiled
def to_unit(hashed):
    """Return the number in the open interval (0, 1) that a hash stands for, with 52 random bits: k + 1/2 over 2^52."""
    return (np.float64(hashed >> _S12) + 0.5) * _TO_UNIT


@compiled
def uniform(when, a, b, c):
    """Return a number in the open interval (0, 1) from its address."""
    return to_unit(address(when, a, b, c))


@compiled
def gumbel(when, a, b, c):
    """Return a standard Gumbel variate: the random term of a utility."""
    return -math.log(-math.log(uniform(when, a, b, c)))


@compiled
def gumbel_at(where, c):
    """Return the Gumbel variate of a place and the last id: spares the hash of what many draws share."""
    return -math.log(-math.log(to_unit(mix(where + c))))
