"""Sectors, and what is installed of them in a state: things that agents work on, no agents themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.oracle.arithmetic import added

if TYPE_CHECKING:
    import numpy as np

    from tests.oracle.firms import Firm
    from tests.oracle.homes import Home
    from tests.oracle.states import State

NONE, GIFT, LOAN, TENDER = 0, 1, 2, 3


@dataclass(eq=False)
class Sector:
    """What firms sell; `launches` holds its sellers in the order of their slots, and since when each sells it.

    `model` names the model of surveillance that it belongs to, if any.
    """

    name: str
    id: np.uint64
    criticality: float
    is_tendered: bool
    lock_in: float
    renewal: float
    cost: float
    operators: float
    displaces: float
    by_law: float
    watches: float
    opens: int
    lower: Sector | None = None
    model: str = ""
    launches: dict[Firm, int] = field(default_factory=dict)

    @property
    def sellers(self):
        return self.launches.keys()


@dataclass(frozen=True)
class Order:
    """An award ordered from outside."""

    firm: Firm
    mode: int
    size: float


@dataclass(eq=False)
class Base:
    """The installed base of a sector in a state: a cell."""

    state: State
    sector: Sector
    penetration: float = 0.0
    age: float = 0.0
    share: dict[Firm, float] = field(default_factory=dict)
    taste: dict[Firm, float] = field(default_factory=dict)
    cum_awards: dict[Firm, float] = field(default_factory=dict)
    hold: float = 0.0
    order: Order | None = None
    award: Firm | None = None
    award_mode: int = NONE

    @property
    def is_free(self) -> bool:
        return self.award is None

    def held_by(self, home: Home) -> float:
        return added(self.penetration * share for firm, share in self.share.items() if firm.home is home)

    def wear(self) -> float:
        """Return how much of its usual life an installation has behind it, 1 at most."""
        return min(1.0, self.age / self.sector.renewal)

    def install(self, winner: Firm, build: float, turnover: float) -> None:
        old = self.penetration
        new = min(1.0, old + build)
        if new <= 0.0:
            return
        kept = old * (1.0 - turnover) / new
        for firm in self.share:
            self.share[firm] *= kept
        self.share[winner] += 1.0 - kept
        self.penetration = new

    def remove(self, banned: Firm, fraction: float) -> float:
        """Take a fraction of a firm's equipment out; return how much was taken."""
        taken = self.penetration * self.share[banned] * fraction
        bases = {firm: share * self.penetration for firm, share in self.share.items()}
        bases[banned] -= taken
        left = added(bases.values())
        alive = left > 1e-12
        self.penetration = min(1.0, left) if alive else 0.0
        for firm, base in bases.items():
            self.share[firm] = base / left if alive else 0.0
        return taken
