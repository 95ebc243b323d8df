"""The technology module again, as an ordinary Mesa model with Python agents.

It was written from the model's page, the tables and the parameter files alone, without sight of the compiled rules, and
shares only the draws with them. So where both agree run by run, the page says what is computed.
"""

from __future__ import annotations

from types import SimpleNamespace

from tests.oracle import tables
from tests.oracle.acts import HISTORY_ENDS, act, injects_of
from tests.oracle.arithmetic import added, moved, towards
from tests.oracle.bases import Sector
from tests.oracle.firms import Firm
from tests.oracle.homes import Dyad, Home
from tests.oracle.institutions import Institution
from tests.oracle.luck import Luck
from tests.oracle.mesa_alone import Model
from tests.oracle.people import populate
from tests.oracle.states import State


class Oracle(Model):
    """The world of one run; a step is a quarter.

    `parameters` replaces values by hand, as `{"tenders.weight_price": 1.0}`; `injects` come after the scenario's.
    """

    states: list[State]
    homes: list[Home]
    firms: list[Firm]
    institutions: list[Institution]
    sectors: list[Sector]

    def __init__(self, case="baseline", history="replay", seed=1, replication=0, parameters=None, injects=()):
        super().__init__(rng=seed)
        told, changes = tables.scenario(case)
        self.p = tables.parameters({**(parameters or {}), **changes})
        self.luck = Luck(seed, replication)
        self.is_replay = history == "replay"
        self.quarter = -1
        self.dyads: list[Dyad] = []
        self.sector_named: dict[str, Sector] = {}
        self.politics = SimpleNamespace(
            pandemic_declared=0.0, contact_restriction=0.0, tension_declared=0.0, tension=0.0
        )
        populate(self)
        self.measures = SimpleNamespace(
            dependence_focus=dict.fromkeys(self.homes, 0.0), dependence_other=dict.fromkeys(self.homes, 0.0),
            market=dict.fromkeys(self.homes, 0.0), supply_focus=0.0, service_lost=0.0,
            cum_gifts=0.0, cum_loans=0.0, cum_bundles=0.0, cum_crackdowns=0.0, cum_bans=0.0,
        )  # fmt: skip
        self.injects = injects_of(self, [*told, *injects], self.is_replay)

    @property
    def is_open(self) -> bool:
        """Whether the model's own events of documented kinds may happen."""
        return not self.is_replay or self.quarter > HISTORY_ENDS

    def step(self) -> None:
        """Compute a quarter: every rule in turn, each complete before the next begins."""
        self.quarter += 1
        self.luck.begin(self.quarter)
        self.act_from_outside()
        self.raise_tension()
        self.live_with_pandemic()
        self.meet_at_summits()
        self.revive_blocs()
        self.agents_by_type[Home].do("grow_industry")
        self.agents_by_type[Firm].do("set_offer")
        self.govern_firms()
        self.sanction()
        self.buy()
        self.bundle()
        self.agents_by_type[Dyad].do("serve_debt")
        self.agents_by_type[State].do("consume")
        self.train()
        self.agents_by_type[State].do("build_capacity")
        self.agents_by_type[Firm].do("break_down")
        self.agents_by_type[State].do("lose_service")
        self.agents_by_type[Dyad].do("buy_energy")
        self.agents_by_type[State].do("strain_grid")
        self.measure_dependence()
        self.sum_up()

    @property
    def supplier_dyads(self) -> list[Dyad]:
        return [dyad for dyad in self.dyads if dyad.home is not None]

    # --- world politics and institutions ---------------------------------------------------------------

    def act_from_outside(self) -> None:
        self.politics.pandemic_declared = self.politics.tension_declared = 0.0
        self.agents.do("forget_acts")
        for inject in self.injects:
            if inject.holds(self.quarter):
                act(self, inject)

    def raise_tension(self) -> None:
        p, politics = self.p.tension, self.politics
        lead = max(self.measures.market.values())
        gain = p.rate_declared * politics.tension_declared + p.rate_contest * lead
        politics.tension = moved(politics.tension, gain, p.rate_decay)

    def live_with_pandemic(self) -> None:
        politics = self.politics
        restriction, declared = politics.contact_restriction, politics.pandemic_declared
        politics.contact_restriction = towards(restriction, declared, self.p.pandemic.rate_response)
        self.agents_by_type[State].do("move_online")

    def meet_at_summits(self) -> None:
        is_season, met = self.quarter % 4 == 1, self.agents_by_type[Institution]
        if is_season and self.is_open:
            met.do("hold_summit")
            self.agents_by_type[Home].do("remember_summits")
        met.do("implement")
        if is_season:
            self.agents_by_type[State].do("take_effects")
            self.agents_by_type[Dyad].do("share_effects")

    def revive_blocs(self) -> None:
        if self.is_open:
            self.agents_by_type[Institution].do("revive")

    # --- governments of homes, sanctions ---------------------------------------------------------------

    def govern_firms(self) -> None:
        for dyad in self.supplier_dyads:
            dyad.restore_trust()
        self.agents_by_type[Firm].do("face_home_government")

    def sanction(self) -> None:
        self.agents_by_type[Firm].do("face_sanctions")
        self.agents_by_type[State].do("strain_western_ties")
        if self.is_open:
            for dyad in self.supplier_dyads:
                if dyad.quarrel > 0.0:
                    dyad.quarrel_into_ban()
        self.agents_by_type[Firm].do("face_bans")
        self.agents_by_type[State].do("remove_banned")

    # --- buying ----------------------------------------------------------------------------------------

    def buy(self) -> None:
        buyers = self.agents_by_type[State]
        buyers.do("begin_quarter")
        self.agents_by_type[Dyad].do("forget_offer")
        buyers.do("open_up")
        buyers.do("count_operators")
        if self.is_open:
            self.take_offers()
        buyers.do("ask_for_tenders")
        buyers.do("settle_awards")

    def take_offers(self) -> None:
        """Let all homes offer; of rival offers for a cell the one worth most is taken."""
        taken = {}
        for dyad in self.supplier_dyads:
            firm = dyad.make_offer()
            if firm is None or dyad.offer_value <= 0.0:
                continue
            base = dyad.state.bases[dyad.offer_sector]
            if base not in taken or dyad.offer_value > taken[base][0].offer_value:
                taken[base] = (dyad, firm)
        for base, (dyad, firm) in taken.items():
            base.award, base.award_mode = firm, dyad.offer_mode

    def bundle(self) -> None:
        if not self.is_open:
            return
        chosen = {}
        for dyad in self.supplier_dyads:
            second, value = dyad.second_part() or (None, 0.0)
            if value > 0.0 and value > chosen.get((dyad.state, second), (None, 0.0))[1]:
                chosen[dyad.state, second] = (dyad, value)
        for state, sector in sorted(chosen, key=lambda at: (at[0].place, self.sectors.index(at[1]))):
            if state.bases[sector].is_free:
                chosen[state, sector][0].deliver_bundle(sector)

    # --- training, measures ------------------------------------------------------------------------------

    def online_training(self) -> float:
        return 1.0 + self.p.training.weight_online * self.politics.contact_restriction

    def train(self) -> None:
        for dyad in self.dyads:
            dyad.training = min(1.0, dyad.training_order * self.online_training())
        self.agents_by_type[Firm].do("train")
        for dyad in self.supplier_dyads:
            dyad.learn_standards()
        self.agents_by_type[State].do("employ_trained")

    def measure_dependence(self) -> None:
        sold = dict.fromkeys(self.firms, 0.0)
        for state in self.states:
            state.measure()
            for sector, base in state.bases.items():
                for firm, share in base.share.items():
                    sold[firm] += sector.criticality * (base.penetration * share)
        whole, market = added(sold.values()), dict.fromkeys(self.homes, 0.0)
        for firm in self.firms:
            part = sold[firm] / whole if whole > 0.0 else 0.0
            market[firm.home] += part
            firm.prominence = towards(firm.prominence, part, self.p.dependence.rate_prominence)
        self.measures.market = market

    def sum_up(self) -> None:
        measures, focus = self.measures, [state for state in self.states if state.is_focus]
        others = [state for state in self.states if not state.is_focus]
        for home in self.homes:
            for means, group in ((measures.dependence_focus, focus), (measures.dependence_other, others)):
                found = [state.dependence[home] for state in group if state is not home.state]
                means[home] = _mean(found)
        supplies = added(supply for state in focus for supply in state.supply.values())
        measures.supply_focus = supplies / len(focus) if focus else 0.0
        ties = [dyad for dyad in self.dyads if dyad.state.is_focus]
        for count in ("cum_gifts", "cum_loans", "cum_bundles"):
            setattr(measures, count, added(getattr(dyad, count) for dyad in ties))
        measures.service_lost = _mean([state.service_lost for state in focus])


def _mean(numbers: list[float]) -> float:
    return added(numbers) / len(numbers) if numbers else 0.0
