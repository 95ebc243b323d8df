"""Worlds in which nothing happened and nobody has said anything yet, for the tests of accusation and belief."""

from __future__ import annotations

import numpy as np

from sim.world.fields import NEVER, NOBODY
from tests.rules.made_world import QUARTER, index

SERIOUS = 1


def accuser_of(iso: str) -> int:
    """Return the row of the accuser whose state this is."""
    return index("accusers", iso)


def quiet(world: np.ndarray, active: int = 3) -> np.ndarray:
    """Level a blank world: the first groups are there, without aims or ties, and no state has a cause to accuse."""
    groups, accusers, audiences = world["groups"], world["accusers"], world["audiences"]
    for name in ("theatre", "pledge", "protector", "sponsor"):
        groups[name] = NOBODY
    for name in ("aim", "line", "rep_hold", "hard", "other"):
        groups[name] = 0.0
    groups["enters"] = NEVER
    groups["enters"][0, :active] = 0
    for name in accusers.dtype.names:
        if name not in ("id", "state"):
            accusers[name] = 0.0
    world["incidents"] = 0
    for name in ("quarter", "target", "accused", "accuser"):
        world["incidents"][name] = NOBODY
    world["politics"]["next_incident"] = 0
    world["designations"]["listed"] = 0.0
    world["theatres"]["pressure"] = 0.0
    for name in ("protest", "insecurity", "use_of_force", "rally", "detection", "voice"):
        world["states"][name] = 0.0
    audiences["independence"], audiences["prior"], audiences["belief"] = 0.5, 0.1, 0.1
    audiences["credibility"], audiences["false_alarm"] = 0.5, 0.0
    for name in ("blame", "legitimacy", "disavowed", "acknowledged"):
        world["patrons"][name] = 0.0
    world["theatres"]["support_declared"], world["theatres"]["kept"] = 0.0, 1.0
    world["theatres"]["backer"] = NOBODY
    return world


def incident(
    world: np.ndarray, iso: str, author: int, *, ago: int = 0, simulated: int = 1, severity: int = SERIOUS
) -> np.void:
    """Write an incident of so many quarters ago on a state's soil into the next row; return it."""
    politics = world["politics"][0]
    row = int(politics["next_incident"])
    found = world["incidents"][0, row]
    found["quarter"], found["target"], found["severity"] = QUARTER - ago, index("states", iso), severity
    found["author"], found["accused"], found["accuser"] = author, NOBODY, NOBODY
    found["is_simulated"] = simulated
    politics["next_incident"] = row + 1
    return found
