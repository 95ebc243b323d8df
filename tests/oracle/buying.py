"""The government as buyer: utilities, offers, tenders, awards (sections 9 and 10.9 of the model's page)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.oracle.arithmetic import added, clip, happens, moved, towards
from tests.oracle.bases import GIFT, NONE, TENDER, Base, Sector

if TYPE_CHECKING:
    from tests.oracle.firms import Firm
    from tests.oracle.homes import Home


class Buyer:
    """What a state does as a buyer."""

    # --- judging offers ------------------------------------------------------------------------------

    def bidders_for(self, sector: Sector) -> list[Firm]:
        return [firm for firm in sector.sellers if firm.may_offer(self, sector)]

    def has_suspended(self, sector: Sector) -> bool:
        """Return whether nothing of the sector's model of surveillance is bought this quarter."""
        return bool(sector.model) and self.model.quarter < self.suspended_until[sector.model]

    def best_offer(self, home: Home, sector: Sector) -> Firm | None:
        """Return the home's firm with the most quality for its price; of equals the first."""
        if self.has_suspended(sector):
            return None
        offers = [firm for firm in self.bidders_for(sector) if firm.home is home]
        return max(offers, key=lambda firm: firm.appeal, default=None)

    def utility(self, firm: Firm, sector: Sector, factor: float) -> float:
        """Return the systematic worth of an offer at a part `factor` of its price."""
        t, base = self.model.p.tenders, self.bases[sector]
        poverty = 1.0 + t.weight_poverty * (5.0 - self.economy_class) / 4.0
        merit = (
            t.weight_quality * firm.offer_quality
            - (t.weight_price * poverty) * (factor * firm.offer_price)
            + (t.weight_credit * self.aid_dependence) * firm.offer_credit
        )
        bond = t.weight_lock_in * sector.lock_in * base.share[firm] * base.wear()
        below = 0.0
        if sector.lower is not None:
            under = self.bases[sector.lower].share
            below = added(share for seller, share in under.items() if seller.home is firm.home)
        ban = firm.ban[self]
        closed = 0.0 if ban <= 0.0 else math.log(1.0 - ban)
        heard = t.weight_opposition * self.opposition[sector.model] * self.voice if sector.model else 0.0
        return ((((merit + bond) + self._foreignness(firm, sector)) + t.weight_layer * below) + closed) - heard

    def _foreignness(self, firm: Firm, sector: Sector) -> float:
        t = self.model.p.tenders
        legal = t.weight_law * sector.by_law
        if firm.home not in self.ties:
            return ((t.weight_alignment + t.weight_trust) + t.weight_similarity) + legal
        tie = self.ties[firm.home]
        return (
            t.weight_alignment * tie.alignment
            + t.weight_trust * tie.trust
            + t.weight_similarity * tie.similarity
            + legal * tie.law
            + t.weight_pressure * self.model.politics.tension * (tie.leverage + tie.energy_leverage)
            - t.weight_hedging * self.hedging * self.supply[firm.home]
            - t.weight_sanction * firm.sanction * self.western_ties
            - t.weight_closure * (1.0 - self.openness)
        )

    def worth(
        self, firm: Firm, sector: Sector, factor: float, premium: float, stream: str, carried: float = 0.0
    ) -> float:
        """Return what an offer is worth beyond taking nothing, chance included."""
        luck = self.model.luck
        decline = self.model.p.tenders.constant_none + luck.gumbel(stream, self.id, sector.id)
        accept = (self.utility(firm, sector, factor) + premium) + luck.gumbel(stream, self.id, sector.id, firm.id)
        accept += carried
        return accept - decline

    # --- the quarter ---------------------------------------------------------------------------------

    def begin_quarter(self) -> None:
        t = self.model.p.tenders
        self.purse = min(t.purse_limit, self.purse + 1.0)
        for sector, base in self.bases.items():
            order = base.order
            base.award, base.award_mode = (order.firm, order.mode) if order else (None, NONE)
            base.age = min(1000.0, base.age + 1.0)
            if sector.is_tendered:
                base.penetration *= 1.0 - t.rate_retire

    def open_up(self) -> None:
        t = self.model.p.tenders
        behind = max(0.0, self.model.measures.supply_focus - added(self.supply.values()))
        opened = moved(self.openness, t.rate_opening * behind, 0.0)
        self.openness = clip(opened - t.rate_closing * (self.openness - self.openness_base))

    def count_operators(self) -> None:
        self.operators = 0.0
        for firm in self.model.operators:
            served = firm.service[self] * (1.0 - firm.ban[self]) * firm.home.can_pay()
            self.operators = min(1.0, self.operators + served)

    def ask_for_tenders(self) -> None:
        now = self.model.quarter
        for sector in self.model.tendered:
            base = self.bases[sector]
            if sector.opens <= now and base.is_free and not self.has_suspended(sector) and self._asks(base):
                self._hold_tender(base)

    def _asks(self, base: Base) -> bool:
        t, sector = self.model.p.tenders, base.sector
        law = max((dyad.law for dyad in self.ties.values()), default=0.0)
        want = t.weight_ambition * self.ambition + t.weight_online * self.online_demand
        want += t.weight_gap * (1.0 - base.penetration)
        want += t.weight_age * min(2.0, base.age / sector.renewal)
        want += t.weight_operators * self.operators * sector.operators
        want += t.weight_demanded * law * sector.by_law
        if sector.model:
            want += t.weight_wanted * self.demand[sector.model]
        draw = self.model.luck.uniform("technology/tenders/asks", self.id, sector.id)
        return happens(t.rate_tender * math.exp(want), draw)

    def _hold_tender(self, base: Base) -> None:
        bidders = self.bidders_for(base.sector)
        self.cum_tenders += 1.0
        self.cum_bidders += len(bidders)
        winner = self._choose_among(bidders, base.sector)
        if winner is not None:
            base.award, base.award_mode = winner, TENDER

    def _choose_among(self, bidders: list[Firm], sector: Sector) -> Firm | None:
        """Choose a home, or nobody, and then one of its firms: a nested logit."""
        t, luck = self.model.p.tenders, self.model.luck
        utilities = {firm: self.utility(firm, sector, 1.0) for firm in bidders}
        nests: dict[Home | None, float] = {}
        for home in self.model.homes:
            inside = [utility for firm, utility in utilities.items() if firm.home is home]
            if inside:
                top = max(inside)
                mean = added(math.exp((u - top) / t.nest_scale) for u in inside) / len(inside)
                chance = luck.gumbel("technology/tenders/nests", self.id, sector.id, home.id)
                nests[home] = t.nest_scale * (top / t.nest_scale + math.log(mean)) + chance
        nests[None] = t.constant_none + luck.gumbel("technology/tenders/nests", self.id, sector.id)
        nest = max(nests, key=nests.get)
        if nest is None:
            return None
        wanted = {
            firm: utility / t.nest_scale + luck.gumbel("technology/tenders/options", self.id, sector.id, firm.id)
            for firm, utility in utilities.items()
            if firm.home is nest
        }
        return max(wanted, key=wanted.get)

    def settle_awards(self) -> None:
        for base in self.bases.values():
            if not base.is_free:
                self.settle(base)

    # --- what every award does -----------------------------------------------------------------------

    def settle(self, base: Base) -> None:
        """Carry out the award that stands in a base."""
        t, winner, mode = self.model.p.tenders, base.award, base.award_mode
        build = (base.order.size if base.order else t.build_size) * (1.0 - base.penetration)
        turned = t.turnover * base.wear()
        replaced = turned * base.penetration
        foreign_base = 1.0 + (t.cost_replacement - 1.0) * (1.0 - base.share[winner])
        cost = base.sector.cost * winner.offer_price * (build + replaced * foreign_base)
        part = 1.0
        if mode == TENDER and base.order is None and cost > 0.0:
            part = min(1.0, self.purse / cost)
        if part < t.least_share:
            base.award, base.award_mode = None, NONE
            return
        base.install(winner, part * build, part * turned)
        base.age = 0.0
        base.cum_awards[winner] += 1.0
        self.cum_awards[winner.home] += 1.0
        abroad = 0.0 if winner.home is self.home else 1.0
        self.foreign_purchases = towards(self.foreign_purchases, abroad, t.rate_purchases)
        if mode == TENDER:
            self.purse = max(0.0, self.purse - part * cost)
        elif winner.home in self.ties:
            self._owe(winner.home, base.sector, mode, part * cost)

    def _owe(self, home: Home, sector: Sector, mode: int, cost: float) -> None:
        dyad = self.ties[home]
        dyad.offer_sector, dyad.offer_mode = sector, mode
        if mode == GIFT:
            dyad.cum_gifts += 1.0
        else:
            dyad.cum_loans += 1.0
            dyad.debt = min(60.0, dyad.debt + cost * (1.0 - self.model.p.tenders.concession))
