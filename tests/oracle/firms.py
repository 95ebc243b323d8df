"""Firms: what they offer, and what governments and breakdowns do to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.oracle.arithmetic import NEVER, happens, towards
from tests.oracle.homes import Home, accident
from tests.oracle.luck import hashed
from tests.oracle.mesa_alone import Agent
from tests.oracle.tables import listed, quarter

if TYPE_CHECKING:
    from tests.oracle.bases import Sector
    from tests.oracle.states import State


class Firm(Agent):
    """A supplier, or a firm that only invests, trains or runs networks abroad."""

    def __init__(self, model, row: dict[str, str], home: Home):
        super().__init__(model)
        self.name = row["name"]
        self.id = hashed("firm", self.name)
        self.home = home
        self.sells = listed(row["sectors"])
        self.founded = max(0, quarter(row["founded"]))
        for trait in ("price", "quality", "credit", "exposure", "programme_size"):
            setattr(self, trait, float(row[trait]))
        self.project_base, self.project_value = float(row["project_value"]), 0.0
        self.prominence = self.sanction_declared = self.sanction_own = self.sanction = 0.0
        self.crackdown_order = self.failing_declared = self.failing = 0.0
        self.offer_price = self.offer_quality = self.offer_credit = 0.0
        self.suspended_until, self.is_operator, self.breakdowns = 0, False, 0
        self.entry = dict.fromkeys(model.states, quarter(row["default_entry"]))
        self.programme = dict.fromkeys(model.states, NEVER)
        self.presence = dict.fromkeys(model.states, 0.0)
        self.service = dict.fromkeys(model.states, 0.0)
        self.ban = dict.fromkeys(model.states, 0.0)
        self.ban_own, self.ban_declared = dict(self.ban), dict(self.ban)

    def forget_acts(self) -> None:
        self.sanction_declared = self.failing_declared = self.crackdown_order = 0.0
        for state in self.ban_declared:
            self.ban_declared[state] = 0.0

    def may_offer(self, state: State, sector: Sector) -> bool:
        now = self.model.quarter
        return (
            sector.opens <= now
            and sector.launches[self] <= now
            and self.entry[state] <= now
            and self.suspended_until <= now
            and self.ban[state] < 1.0
        )

    @property
    def appeal(self) -> float:
        return self.offer_quality - self.offer_price

    def set_offer(self) -> None:
        p, home = self.model.p.vendors, self.home
        at_home = (self.price * (1.0 - p.weight_subsidy * home.subsidy)) * (1.0 + home.price_shift)
        abroad = (1.0 + p.weight_sanction * self.sanction) * (1.0 + p.weight_isolation * home.isolation)
        self.offer_price = max(0.0, at_home * abroad)
        self.offer_quality = self.quality * (1.0 - p.weight_industry * (1.0 - home.industry))
        self.offer_credit = self.credit * home.credit * home.can_pay()

    def face_home_government(self) -> None:
        p, now = self.model.p.home_government, self.model.quarter
        exists = self.founded <= now
        if exists:
            self.project_value = towards(self.project_value, self.project_base, p.rate_rebuild)
        severity = self.crackdown_order
        if self.model.is_open and self.exposure > 0.0 and exists:
            size = max(self.prominence, self.project_value)
            rate = (p.rate_crackdown * self.exposure) * math.exp(p.weight_prominence * size)
            draw = self.model.luck.uniform("technology/home_government/crackdowns", self.id)
            severity = accident(rate, draw, p.severity, severity)
        if severity > 0.0:
            self.suffer_crackdown(severity)

    def suffer_crackdown(self, severity: float) -> None:
        p = self.model.p.home_government
        self.suspended_until = self.model.quarter + math.ceil(p.dur_suspension * severity)
        for state in self.model.states:
            state.lost_investment += severity * self.project_value * self.presence[state]
        for dyad in self.home.clients:
            dyad.trust *= 1.0 - p.weight_trust * severity * dyad.interest
        self.project_value *= 1.0 - severity
        self.model.measures.cum_crackdowns += 1.0

    def face_sanctions(self) -> None:
        p, luck = self.model.p.sanctions, self.model.luck
        self.sanction_own *= 1.0 - p.rate_fade
        if self.model.is_open and self.prominence > 0.0:
            for home in self.model.homes:
                if home.sender <= 0.0 or home is self.home:
                    continue
                rate = p.rate_sanction * home.sender * self.model.politics.tension * self.prominence
                if happens(rate, luck.uniform("technology/sanctions/sanctions", self.id, home.id)):
                    self.sanction_own = max(self.sanction_own, p.severity)
        self.sanction = max(self.sanction_own, self.sanction_declared)

    def face_bans(self) -> None:
        for state in self.model.states:
            before, self.ban[state] = self.ban[state], max(self.ban_own[state], self.ban_declared[state])
            if self.ban[state] > 0.0 and before <= 0.0:
                self.model.measures.cum_bans += 1.0

    def train(self) -> None:
        if self.programme_size <= 0.0:
            return
        online = self.model.online_training()
        for dyad in self.home.clients:
            if self.programme[dyad.state] <= self.model.quarter:
                dyad.training = min(1.0, dyad.training + self.programme_size * online)

    def break_down(self) -> None:
        p = self.model.p.outage
        still = max(self.failing_declared, self.failing * (1.0 - p.rate_repair))
        rate = p.rate_failure * (1.0 + p.weight_sanction * self.sanction)
        draw = self.model.luck.uniform("technology/outage/failures", self.id)
        failing = accident(rate, draw, p.severity, still)
        self.breakdowns += failing > still
        self.failing = failing if failing > 0.001 else 0.0
