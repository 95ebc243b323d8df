"""States: what governments, operators, consumers and producers in them do, except for buying (see `buying.py`)."""

from __future__ import annotations

import math

from tests.oracle.arithmetic import added, clip, moved, towards
from tests.oracle.bases import Base, Sector
from tests.oracle.buying import Buyer
from tests.oracle.homes import Dyad, Home
from tests.oracle.institutions import DOMAINS
from tests.oracle.luck import hashed
from tests.oracle.mesa_alone import Agent
from tests.oracle.tables import yes

TRAITS = (
    "population_class", "economy_class", "purse", "ambition", "leader_demand", "local_capacity", "hedging",
    "openness", "aid_dependence", "western_ties", "opacity", "voice",
)  # fmt: skip
STOCKS = (
    "drive", "trained", "foreign_purchases", "expelled_industry", "grid_stress", "operators", "online_demand",
    "service_lost", "lost_investment", "concentration", "outage_exposure", "capacity_gap", "bidders", "exit_cost",
    "exit_time", "cum_tenders", "cum_bidders",
)  # fmt: skip
MODELS = ("technical", "legal")
"""Models of surveillance."""


class State(Buyer, Agent):
    """A state with its government, its operators and its consumers.

    What is wanted, opposed and suspended of each model of surveillance is given: the rules that move it are not here.
    """

    def __init__(self, model, row: dict[str, str], place: int):
        super().__init__(model)
        self.name, self.place = row["iso"], place
        self.id = hashed("state", self.name)
        self.is_focus = yes(row["reported"])
        for trait in TRAITS:
            setattr(self, trait, float(row[trait]))
        for stock in STOCKS:
            setattr(self, stock, 0.0)
        for usual in ("hedging", "openness", "opacity"):
            setattr(self, f"{usual}_base", getattr(self, usual))
        self.leader_base, self.western_base = self.leader_demand, self.western_ties
        self.local_producers = 1.0
        self.agreement = dict.fromkeys(DOMAINS, 0.0)
        self.demand, self.opposition = dict.fromkeys(MODELS, 0.0), dict.fromkeys(MODELS, 0.0)
        self.suspended_until = dict.fromkeys(MODELS, 0)
        self.home: Home | None = None
        self.ties: dict[Home, Dyad] = {}
        self.bases: dict[Sector, Base] = {}
        self.supply: dict[Home, float] = {}
        self.dependence: dict[Home, float] = {}
        self.cum_awards: dict[Home, float] = {}

    def forget_acts(self) -> None:
        self.drive = self.expelled_industry = 0.0
        self.leader_demand, self.opacity = self.leader_base, self.opacity_base
        for base in self.bases.values():
            base.order = None

    def market(self) -> float:
        return 0.0 if self.home is None else self.model.measures.market[self.home]

    # --- politics ------------------------------------------------------------------------------------

    def move_online(self) -> None:
        p = self.model.p.pandemic
        gain = p.rate_online * self.model.politics.contact_restriction
        self.online_demand = moved(self.online_demand, gain, p.rate_return)

    def take_effects(self) -> None:
        mine = [i for i in self.model.institutions if i.has(self)]
        self.agreement = {domain: max([0.0, *(i.effect[domain] for i in mine)]) for domain in DOMAINS}

    def strain_western_ties(self) -> None:
        p, supply = self.model.p.sanctions, 0.0
        for sector, base in self.bases.items():
            for firm, share in base.share.items():
                weight = sector.criticality * firm.sanction
                if weight > 0.0 and firm.home is not self.home:
                    supply += (weight * base.penetration) * share
        ties = towards(self.western_ties, self.western_base, p.rate_return)
        self.western_ties = clip(ties - (p.rate_strain * supply) * self.western_ties)

    def remove_banned(self) -> None:
        p = self.model.p.sanctions
        for sector, base in self.bases.items():
            for firm in sector.sellers:
                if base.share[firm] > 0.0 and firm.ban[self] > 0.0:
                    removed = base.remove(firm, p.rate_removal * firm.ban[self])
                    if sector.is_tendered:
                        self.purse = max(0.0, self.purse - p.cost_removal * sector.cost * removed)

    # --- consumers -----------------------------------------------------------------------------------

    def consume(self) -> None:
        """Let every consumer market choose and grow, upper layers first, then see what it does to local traders."""
        below = {sector: self.bases[sector.lower].penetration if sector.lower else 0.0 for sector in self.bases}
        for sector in reversed(self.bases):
            if not sector.is_tendered:
                self._change_tastes(self.bases[sector])
                chose = sector.opens <= self.model.quarter and self._choose(self.bases[sector])
                self._grow(self.bases[sector], below[sector], chose)
        self._displace_producers()

    def _change_tastes(self, base: Base) -> None:
        if self.model.quarter % 4 != 0:
            return
        p = self.model.p.consumer_markets
        for firm, taste in base.taste.items():
            luck = self.model.luck.gumbel("technology/consumer_markets/tastes", self.id, base.sector.id, firm.id)
            base.taste[firm] = max(-6.0, min(6.0, p.taste_persistence * taste + p.taste_size * luck))

    def _choose(self, base: Base) -> bool:
        """Move shares towards what consumers would choose now; return whether they had any choice."""
        appeal = dict.fromkeys(base.share, 0.0)
        p, pulls = self.model.p.consumer_markets, {}
        weight = p.weight_price * (1.0 + p.weight_poverty * (5.0 - self.economy_class) / 4.0)
        for firm, share in base.share.items():
            if not firm.may_offer(self, base.sector):
                continue
            if firm.home not in pulls:
                pulls[firm.home] = self._pull_of(firm.home, base.sector.lower)
            merit = p.weight_quality * firm.offer_quality - weight * firm.offer_price
            value = ((merit + p.weight_network * share) + pulls[firm.home]) + base.taste[firm]
            appeal[firm] = (1.0 - firm.ban[self]) * math.exp(value)
        whole = added(appeal.values())
        if whole <= 0.0:
            return False
        rate = p.rate_choice if base.penetration > 0.0 else 1.0
        for firm in base.share:
            base.share[firm] = (1.0 - rate) * base.share[firm] + (rate / whole) * appeal[firm]
        return True

    def _pull_of(self, home: Home, lower: Sector | None) -> float:
        p = self.model.p.consumer_markets
        pull = p.weight_alignment * (self.ties[home].alignment if home in self.ties else 1.0)
        if lower is not None:
            for firm, share in self.bases[lower].share.items():
                if firm.home is home:
                    pull += p.weight_layer * share
        return pull

    def _grow(self, base: Base, below: float, chose: bool) -> None:
        p, gain = self.model.p.consumer_markets, 0.0
        if chose:
            pull = 1.0 + p.weight_online * self.online_demand + p.weight_agreement * self.agreement["digital"]
            gain = p.rate_growth * (p.base_reach + below) * pull * (1.0 - p.weight_grid * self.grid_stress)
        base.penetration = moved(base.penetration, gain, p.rate_fade)

    def _displace_producers(self) -> None:
        p = self.model.p.consumer_markets
        foreign = 0.0
        for sector, base in self.bases.items():
            if sector.displaces > 0.0:
                for firm, share in base.share.items():
                    if firm.home is not self.home:
                        foreign += sector.displaces * base.penetration * share
        loss = p.rate_displaced * min(1.0, foreign) * (1.0 - p.weight_customs * self.agreement["customs"])
        self.local_producers = moved(self.local_producers, p.rate_revival, loss)

    # --- skills, outages, energy ---------------------------------------------------------------------

    def employ_trained(self) -> None:
        p = self.model.p.training
        courses = added(self.ties[home].training for home in self.model.homes if home in self.ties)
        self.trained = moved(self.trained, p.rate_people * courses, p.rate_leave)

    def build_capacity(self) -> None:
        p = self.model.p.local_capacity
        self.ambition = towards(self.ambition, self.leader_demand, p.rate_ambition)
        effort = clip(self.ambition * (p.effort_base + p.weight_bonus * self.leader_demand) + self.drive)
        own = p.rate_effort * effort * (1.0 - p.crowding * self.foreign_purchases)
        self.local_capacity = moved(self.local_capacity, own + p.rate_spillover * self.trained, p.rate_decay)

    def lose_service(self) -> None:
        p, simple, squares = self.model.p.outage, 0.0, 0.0
        for sector, base in self.bases.items():
            failing = added(firm.failing * share for firm, share in base.share.items())
            part = (sector.criticality * failing) * base.penetration
            simple, squares = simple + part, squares + part * part
        self.service_lost = self.loss(simple, squares)
        learnt = self.hedging + p.gain_hedging * self.service_lost * (1.0 - self.hedging)
        self.hedging = clip(learnt - p.rate_forget * (self.hedging - self.hedging_base))

    def loss(self, simple: float, squares: float) -> float:
        common = self.model.p.outage.common_mode * (0.5 * (simple * simple - squares))
        return min(1.0, (1.0 - self.local_capacity) * (simple + common))

    def strain_grid(self) -> None:
        p = self.model.p.displacement
        tie = max((dyad.energy_tie for dyad in self.ties.values()), default=0.0)
        relief = p.rate_relief + p.rate_purchase * tie
        self.grid_stress = moved(self.grid_stress, p.rate_strain * self.expelled_industry, relief)

    # --- what is measured at the end of a quarter ------------------------------------------------------

    def measure(self) -> None:
        """Measure supply, dependence and concentration; what it would cost to lose the largest supplier."""
        self.supply = dict.fromkeys(self.model.homes, 0.0)
        for sector, base in self.bases.items():
            held = {home: base.held_by(home) for home in self.model.homes}
            base.hold = max(held.values()) if base.penetration > 0.0 else 0.0
            for home in self.supply:
                self.supply[home] += sector.criticality * held[home]
        outside = 1.0 - self.local_capacity
        self.dependence = {home: 0.0 if home is self.home else supply * outside for home, supply in self.supply.items()}
        total = added(self.supply.values())
        squared = added(supply * supply for supply in self.supply.values())
        self.concentration = squared / (total * total) if total > 0.0 else 0.0
        self.capacity_gap = max(0.0, total - self.local_capacity)
        self.bidders = self.cum_bidders / self.cum_tenders if self.cum_tenders > 0.0 else 0.0
        self._measure_exit()

    def _measure_exit(self) -> None:
        self.outage_exposure = self.exit_cost = self.exit_time = 0.0
        foreign = [home for home in self.model.homes if home is not self.home and self.supply[home] > 0.0]
        if not foreign:
            return
        largest, p = max(foreign, key=lambda home: self.supply[home]), self.model.p.dependence
        simple = squares = 0.0
        for sector, base in self.bases.items():
            held = base.held_by(largest)
            simple += sector.criticality * held
            squares += sector.criticality * held * sector.criticality * held
            self.exit_cost += sector.cost * held * (1.0 + p.weight_lock_in * sector.lock_in)
            self.exit_time = max(self.exit_time, sector.renewal * held * (2.0 - self.local_capacity))
        self.outage_exposure = self.loss(simple, squares)
