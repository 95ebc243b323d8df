"""Homes of firms, and the ties between a client and a partner."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.oracle.arithmetic import added, clip, happens, moved, prob, towards
from tests.oracle.bases import GIFT, LOAN, NONE, Base, Sector
from tests.oracle.luck import hashed
from tests.oracle.mesa_alone import Agent

if TYPE_CHECKING:
    from tests.oracle.firms import Firm
    from tests.oracle.states import State


class Home(Agent):
    """A state as home of firms: the health of its industry, its means, and its memory of summits."""

    def __init__(self, model, row: dict[str, str], state: State):
        super().__init__(model)
        self.name = row["iso"]
        self.id = hashed("home", self.name)
        self.state = state
        state.home = self
        for trait in ("subsidy", "credit", "sender", "motive", "industry", "goodwill"):
            setattr(self, trait, float(row[trait]))
        self.subsidy_base = self.subsidy
        self.price_shift = self.isolation = self.showcase = self.stalled = 0.0
        self.clients: list[Dyad] = []
        self.proposed = self.blocked = 0

    def forget_acts(self) -> None:
        self.price_shift = self.isolation = 0.0
        self.subsidy = self.subsidy_base

    def remember_summits(self) -> None:
        """Learn from what share of its proposals was blocked this quarter, over all institutions."""
        if self.proposed:
            self.stalled = towards(self.stalled, self.blocked / self.proposed, self.model.p.summits.memory)
        self.proposed = self.blocked = 0

    def grow_industry(self) -> None:
        p, measures = self.model.p.vendors, self.model.measures
        foreign = added(supply for home, supply in self.state.supply.items() if home is not self)
        loss = (p.rate_ageing + p.rate_isolation * self.isolation) + p.rate_displaced * foreign
        self.industry = moved(self.industry, p.rate_growth * measures.market[self], loss)
        self.showcase = towards(self.showcase, measures.dependence_focus[self], p.rate_showcase)

    def can_pay(self) -> float:
        """Return how far isolation leaves its firms the means to act abroad."""
        return 1.0 - self.model.p.vendors.weight_retreat * self.isolation


class Dyad(Agent):
    """A client and a partner; where the partner is a home of firms, it makes its offers along this tie."""

    def __init__(self, model, row: dict[str, str], client: State, partner: State):
        super().__init__(model)
        self.name = f"{client.name}>{partner.name}"
        self.state, self.partner, self.home = client, partner, partner.home
        for trait in ("interest", "similarity", "debt", "trust", "alignment", "law", "energy_leverage"):
            setattr(self, trait, float(row[trait]))
        self.trust_base, self.energy_tie = self.trust, self.energy_leverage
        self.harmony = self.bank = self.training_order = self.training = self.leverage = self.quarrel = 0.0
        self.cum_gifts = self.cum_loans = self.cum_bundles = 0.0
        self.lapsed = 0
        self.forget_offer()
        if self.home is not None:
            client.ties[self.home] = self
            self.home.clients.append(self)

    def forget_acts(self) -> None:
        self.quarrel = self.training_order = 0.0

    def forget_offer(self) -> None:
        self.offer_sector: Sector | None = None
        self.offer_mode, self.offer_value = NONE, 0.0

    # --- institutions, trust, debt, training, energy -------------------------------------------------

    def share_effects(self) -> None:
        both = [i for i in self.model.institutions if i.has(self.state) and i.has(self.partner)]
        self.harmony = max([0.0, *(i.effect["digital"] for i in both)])
        self.bank = max([0.0, *(i.effect["finance"] for i in both)])

    def restore_trust(self) -> None:
        p = self.model.p.home_government
        thanks = p.rate_goodwill * self.home.goodwill * self.model.politics.contact_restriction
        self.trust = clip(towards(self.trust, self.trust_base, p.rate_return) + thanks * (1.0 - self.trust))

    def quarrel_into_ban(self) -> None:
        rate = self.model.p.sanctions.rate_ban * self.quarrel
        draw = self.model.luck.uniform("technology/sanctions/bans", self.state.id, self.home.id)
        if draw < prob(rate):
            for firm in self.model.firms_of[self.home]:
                firm.ban_own[self.state] = 1.0

    def serve_debt(self) -> None:
        p, client = self.model.p.debt, self.state
        self.leverage = moved(self.leverage, (p.rate_leverage * self.debt) / (1.0 + self.debt), p.rate_ebb)
        if self.debt > 0.0:
            paid = min(p.rate_amortise * self.debt, client.purse)
            client.purse -= paid
            self.debt -= paid

    def learn_standards(self) -> None:
        p = self.model.p.training
        gain = (
            p.rate_courses * self.training
            + p.rate_harmony * self.harmony
            + p.rate_equipment * self.state.supply[self.home]
        )
        self.alignment = moved(self.alignment, gain, p.rate_drift)

    def buy_energy(self) -> None:
        p, held = self.model.p.displacement, self.energy_leverage
        gain = p.rate_leverage * self.energy_tie * self.state.grid_stress * (1.0 - held)
        self.energy_leverage = clip((held + gain) - p.rate_ebb * (held - p.usual_leverage * self.energy_tie))

    # --- offers and bundles --------------------------------------------------------------------------

    def pull(self, sector: Sector) -> float:
        """Return how far the home is drawn to offer a sector here."""
        gap = 1.0 - self.state.bases[sector].penetration
        weight = self.model.p.tenders.weight_motive
        return gap * (1.0 + weight * self.home.motive * self.interest * sector.watches)

    def most_drawn(self, allowed: Callable[[Base], bool]) -> Sector | None:
        """Return the tendered sector that draws the home most, among those where it has something to offer."""
        chosen, most = None, -math.inf
        for sector in self.model.tendered:
            if not allowed(self.state.bases[sector]) or self.state.best_offer(self.home, sector) is None:
                continue
            if (drawn := self.pull(sector)) > most:
                chosen, most = sector, drawn
        return chosen

    def make_offer(self) -> Firm | None:
        """Decide whether to offer a gift or loan this quarter; return the firm that would deliver it."""
        t, luck, home, client = self.model.p.tenders, self.model.luck, self.home, self.state
        means = home.credit + t.weight_showcase * home.showcase + t.weight_bank * self.bank
        more = 1.0 + t.weight_stalled * home.stalled
        rate = t.rate_offer * self.interest * means * more * home.can_pay()
        draw = luck.uniform("technology/tenders/offers", client.id, home.id)
        if not (rate > 0.0 and draw < rate * (1.0 + t.weight_motive * home.motive * self.interest)):
            return None
        sector = self.most_drawn(lambda base: base.order is None)
        if sector is None or not draw < prob(rate * self.pull(sector)):
            return None
        generous = luck.uniform("technology/tenders/gifts", client.id, home.id) < t.share_gift * client.aid_dependence
        self.offer_sector, self.offer_mode = sector, GIFT if generous else LOAN
        firm = client.best_offer(home, sector)
        factor = 0.0 if generous else 1.0 - t.concession
        self.offer_value = client.worth(firm, sector, factor, 0.0, "technology/tenders/accepts")
        return firm

    def is_taken(self) -> bool:
        """Return whether the first part of a bundle was accepted by itself."""
        base = self.state.bases[self.offer_sector]
        return base.award is not None and base.award_mode == self.offer_mode and base.award.home is self.home

    def second_part(self) -> tuple[Sector, float] | None:
        """Return what could be bundled with this quarter's offer, and what the whole is worth to the client."""
        p, client, first = self.model.p.bundles, self.state, self.offer_sector
        if self.offer_mode == NONE or not (self.is_taken() or client.bases[first].is_free):
            return None
        sector = self.most_drawn(lambda base: base.sector is not first and base.is_free)
        if sector is None:
            return None
        promised = (p.weight_investment + p.conditionality * p.weight_condition) * client.aid_dependence
        premium = promised - p.weight_leverage * (p.per_bundle * (1.0 - self.leverage))
        lacking = 0.0 if self.is_taken() else self.offer_value
        factor = 1.0 - self.model.p.tenders.concession
        firm = client.best_offer(self.home, sector)
        return sector, client.worth(firm, sector, factor, premium, "technology/bundles/accepts", lacking)

    def deliver_bundle(self, second: Sector) -> None:
        first, mode, bases = self.offer_sector, self.offer_mode, self.state.bases
        if not self.is_taken():
            if not bases[first].is_free:
                self.lapsed += 1
                return
            self._deliver(first, mode)
        self._deliver(second, LOAN)
        self.cum_bundles += 1.0
        self.leverage = moved(self.leverage, self.model.p.bundles.per_bundle, 0.0)

    def _deliver(self, sector: Sector, mode: int) -> None:
        base = self.state.bases[sector]
        base.award, base.award_mode = self.state.best_offer(self.home, sector), mode
        self.state.settle(base)


def accident(rate: float, draw: float, severity: float, declared: float) -> float:
    """Return how hard something strikes that may come from within at a rate, or from outside."""
    return max(severity, declared) if happens(rate, draw) else declared
