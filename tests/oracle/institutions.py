"""International institutions: summits, implementation, and the revival of blocs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.arithmetic import NEVER, added, clip, logistic, moved, prob
from tests.oracle.luck import hashed, paired
from tests.oracle.mesa_alone import Agent

if TYPE_CHECKING:
    from tests.oracle.states import State

DOMAINS = ("digital", "trade", "finance", "transport", "customs")
DOMAIN_IDS = {domain: hashed("domain", domain) for domain in DOMAINS}


class Institution(Agent):
    """An organisation of states, with a level of agreement in each domain."""

    def __init__(self, model, row: dict[str, str]):
        super().__init__(model)
        self.name = row["short"]
        self.id = hashed("institution", self.name)
        self.joins: dict[State, int] = {}
        self.leaves: dict[State, int] = {}
        self.vetoers: set[State] = set()
        self.opens = dict.fromkeys(DOMAINS, NEVER)
        self.zeal: dict[str, dict[State, float]] = {domain: {} for domain in DOMAINS}
        self.benefit, self.bindingness = dict.fromkeys(DOMAINS, 0.0), dict.fromkeys(DOMAINS, 0.0)
        self.level_order: dict[str, float | None] = dict.fromkeys(DOMAINS)
        self.level, self.implementation = dict.fromkeys(DOMAINS, 0.0), dict.fromkeys(DOMAINS, 0.0)
        self.effect, self.cum_blocked = dict.fromkeys(DOMAINS, 0.0), dict.fromkeys(DOMAINS, 0.0)

    def forget_acts(self) -> None:
        self.level_order = dict.fromkeys(DOMAINS)

    def has(self, state: State) -> bool:
        return self.joins.get(state, NEVER) <= self.model.quarter < self.leaves.get(state, NEVER)

    def members(self) -> list[State]:
        """Return the members of this quarter, in the order of states."""
        return sorted((state for state in self.joins if self.has(state)), key=lambda state: state.place)

    def zealots(self, domain: str) -> list[State]:
        """Return the members that may propose in a domain by now."""
        if self.model.quarter < self.opens[domain]:
            return []
        return [state for state in self.members() if self.zeal[domain].get(state, 0.0) > 0.0]

    # --- summits -------------------------------------------------------------------------------------

    def hold_summit(self) -> None:
        for domain in DOMAINS:
            if domain != "customs":
                self._negotiate(domain)

    def _negotiate(self, domain: str) -> None:
        luck, made, passed = self.model.luck, 0, 0
        for state in self.zealots(domain):
            draw = luck.uniform("institutions/summits/proposals", self.id, state.id, DOMAIN_IDS[domain])
            if draw >= self.zeal[domain][state]:
                continue
            voters = [m for m in self.members() if m is not state and m in self.vetoers]
            agreed = all(self._accepts(member, state, domain) for member in voters)
            made, passed = made + 1, passed + agreed
            if state.home is not None:
                state.home.proposed += 1
                state.home.blocked += not agreed
        if passed:
            self.level[domain] += self.model.p.summits.step * (1.0 - self.level[domain])
        self.cum_blocked[domain] += made - passed

    def _accepts(self, member: State, proposer: State, domain: str) -> bool:
        p = self.model.p.summits
        size = (
            proposer.population_class + proposer.economy_class - member.population_class - member.economy_class
        ) / 8.0
        gap = clip(max(0.0, size) + max(0.0, proposer.market() - member.market()))
        others = [o for o in self.model.institutions if o is not self and o.has(member)]
        rival = max([0.0, *(other.level["customs"] for other in others)])
        home = proposer.home
        firms = 0.0 if home is None else member.supply[home]
        quarrel = member.ties[home].quarrel if home in member.ties else 0.0
        gain = p.weight_benefit * (self.benefit[domain] * (1.0 + p.ratchet * self.level[domain]))
        support = (p.base_support - p.weight_quarrel * quarrel) + (gain + p.weight_firms * firms)
        against = (p.weight_gap * gap + p.weight_bloc * rival) * self.bindingness[domain]
        vote = paired(self.id, proposer.id)
        draw = self.model.luck.uniform("institutions/summits/votes", vote, member.id, DOMAIN_IDS[domain])
        return draw < logistic(support - against)

    def implement(self) -> None:
        p, members = self.model.p.summits, self.members()
        openness = 1.0 - added(state.opacity for state in members) / max(1, len(members))
        for domain in DOMAINS:
            if self.level_order[domain] is not None:
                self.level[domain] = self.level_order[domain]
            gain = p.rate_implementation * self.level[domain] * openness
            self.implementation[domain] = moved(self.implementation[domain], gain, p.rate_lapse)
            self.effect[domain] = self.level[domain] * self.implementation[domain]

    # --- blocs ---------------------------------------------------------------------------------------

    def revive(self) -> None:
        p, luck, members = self.model.p.blocs, self.model.luck, self.members()
        displaced = added(1.0 - state.local_producers for state in members) / max(1, len(members))
        revived = False
        for leader in self.zealots("customs"):
            want = p.rate_rivalry * self._progress_against(leader) + p.rate_demand * displaced
            draw = luck.uniform("institutions/blocs/revivals", self.id, leader.id)
            revived |= draw < prob(self.zeal["customs"][leader] * want)
        if revived:
            self.level["customs"] += p.step * (1.0 - self.level["customs"])

    def _progress_against(self, leader: State) -> float:
        """Return the furthest that another home, or another institution that the leader belongs to, has come."""
        markets = [self.model.measures.market[home] for home in self.model.homes if home.state is not leader]
        others = [o for o in self.model.institutions if o is not self and o.has(leader)]
        levels = [other.level[domain] for other in others for domain in DOMAINS if domain != "customs"]
        return max([0.0, *markets, *levels])
