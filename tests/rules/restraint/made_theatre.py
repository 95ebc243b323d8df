"""A theatre with a hub, its client, a rival and a state, for the tests of who is tied to whom and who holds what."""

from __future__ import annotations

import numpy as np

from tests.rules.made_world import index

HUB, CLIENT, RIVAL = (index("groups", n) for n in ("Hayat Tahrir al-Sham", "Katibat Imam al-Bukhari", "Hurras al-Din"))
AFAR, ELSEWHERE = index("groups", "al-Qaeda"), index("groups", "Taliban")
IDLIB, BORDER = index("theatres", "Idlib"), index("theatres", "Afghanistan-Pakistan border")
SYRIA = index("holders", "SYR")


def populate(world: np.ndarray, **members: float) -> np.ndarray:
    """Put members, a quarter of them hard, into groups of a blank world: `hub`, `client`, `rival`, `elsewhere`."""
    places = {"hub": HUB, "client": CLIENT, "rival": RIVAL, "afar": AFAR, "elsewhere": ELSEWHERE}
    groups = world["groups"][0]
    groups["pool"][:, 0] = 1.0
    groups["leaning_hard"], groups["leaning_other"] = 0.8, 0.2
    for name, number in members.items():
        groups["hard"][places[name]] = 0.25 * number
        groups["other"][places[name]] = 0.75 * number
        groups["orientation"][places[name]] = 0.35
    return world


def protect(world: np.ndarray, client: int = CLIENT, protector: int = HUB) -> None:
    world["groups"]["protector"][0, client] = protector


def people(world: np.ndarray) -> float:
    """All persons of groups: members, in custody, and those whom the areas count."""
    pools, groups, custodies = world["pools"], world["groups"], world["custodies"]
    counted = sum(pools[name].sum() for name in ("left", "gone", "fallen", "returned"))
    return float(counted + sum(table[name].sum() for table in (groups, custodies) for name in ("hard", "other")))


def members_of(world: np.ndarray, g: int) -> float:
    return float(world["groups"]["hard"][0, g] + world["groups"]["other"][0, g])
