"""Fills the world: makes every agent from the tables and joins them up (section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.bases import Base, Sector
from tests.oracle.firms import Firm
from tests.oracle.homes import Dyad, Home
from tests.oracle.institutions import Institution
from tests.oracle.luck import hashed
from tests.oracle.states import State
from tests.oracle.tables import listed, quarter, rows, yes

if TYPE_CHECKING:
    from tests.oracle.oracle import Oracle

SECTOR_TRAITS = ("criticality", "lock_in", "renewal", "cost", "operators", "displaces", "by_law", "watches")


def populate(model: Oracle) -> None:
    model.states = [State(model, row, place) for place, row in enumerate(rows("states"))]
    model.state_named = {state.name: state for state in model.states}
    model.homes = [Home(model, row, model.state_named[row["iso"]]) for row in rows("homes")]
    model.home_named = {home.name: home for home in model.homes}
    model.firms = [Firm(model, row, model.home_named[row["home"]]) for row in rows("firms")]
    model.firm_named = {firm.name: firm for firm in model.firms}
    model.firms_of = {home: [firm for firm in model.firms if firm.home is home] for home in model.homes}
    _make_dyads(model)
    _date_firms(model)
    _make_sectors(model)
    _install_bases(model)
    _found_institutions(model)


def _make_dyads(model: Oracle) -> None:
    known = {(row["iso"], row["partner"]): row for row in rows("dyads")}
    pairs = {(state.name, home.name) for state in model.states for home in model.homes if home is not state.home}
    pairs |= {pair for pair in known if pair[0] != "*"}
    named = model.state_named
    places = sorted((named[client].place, named[partner].place) for client, partner in pairs)
    for client, partner in ((model.states[a], model.states[b]) for a, b in places):
        row = known.get((client.name, partner.name)) or known["*", partner.name]
        model.dyads.append(Dyad(model, row, client, partner))


def _date_firms(model: Oracle) -> None:
    """Date entries and programmes; place projects and the service of operators."""
    firm_named, state_named = model.firm_named, model.state_named
    for row in rows("entries"):
        firm_named[row["firm"]].entry[state_named[row["iso"]]] = quarter(row["entry"])
    for row in rows("programmes"):
        firm_named[row["firm"]].programme[state_named[row["iso"]]] = quarter(row["from"])
    for row in rows("operators"):
        firm = firm_named[row["firm"]]
        firm.service[state_named[row["iso"]]] = float(row["service"])
        firm.is_operator = True
    model.operators = [firm for firm in model.firms if firm.is_operator]
    for firm in model.firms:
        for dyad in firm.home.clients:
            firm.presence[dyad.state] = dyad.interest
    for row in sorted(rows("projects"), key=lambda row: row["iso"] != "*"):
        for state in model.states if row["iso"] == "*" else [state_named[row["iso"]]]:
            firm_named[row["firm"]].presence[state] = float(row["presence"])


def _make_sectors(model: Oracle) -> None:
    launches = {(row["firm"], row["sector"]): quarter(row["from"]) for row in rows("launches")}
    for row in rows("sectors"):
        traits = {trait: float(row[trait]) for trait in SECTOR_TRAITS}
        key, dates = row["key"], {}
        for firm in model.firms:
            if key in firm.sells:
                dates[firm] = launches.get((firm.name, key), 0)
        model.sector_named[key] = Sector(
            key, hashed("sector", key), is_tendered=yes(row["tendered"]), opens=quarter(row["opens"]),
            lower=model.sector_named.get(row["lower"]), model=row["model"], launches=dates, **traits,
        )  # fmt: skip
    model.sectors = list(model.sector_named.values())
    model.tendered = [sector for sector in model.sectors if sector.is_tendered]


def _install_bases(model: Oracle) -> None:
    named = {(row["iso"], row["sector"]): row for row in rows("bases")}
    for state in model.states:
        state.cum_awards = dict.fromkeys(model.homes, 0.0)
        state.supply = dict.fromkeys(model.homes, 0.0)
        state.dependence = dict.fromkeys(model.homes, 0.0)
        for sector in model.sectors:
            row = named.get((state.name, sector.name)) or named.get(("*", sector.name))
            base = state.bases[sector] = _base(model, state, sector, row)
            for firm, share in base.share.items():
                state.supply[firm.home] += sector.criticality * (base.penetration * share)


def _base(model: Oracle, state: State, sector: Sector, row: dict[str, str] | None) -> Base:
    base = Base(state, sector)
    base.share, base.taste = dict.fromkeys(sector.sellers, 0.0), dict.fromkeys(sector.sellers, 0.0)
    base.cum_awards = dict.fromkeys(sector.sellers, 0.0)
    if row is not None:
        base.penetration, base.age = float(row["penetration"]), float(row["age"])
        for part in listed(row["shares"]):
            name, share = part.rsplit("=", 1)
            base.share[model.firm_named[name.strip()]] = float(share)
    return base


def _found_institutions(model: Oracle) -> None:
    model.institutions = [Institution(model, row) for row in rows("institutions")]
    named = model.institution_named = {institution.name: institution for institution in model.institutions}
    for row in rows("members"):
        institution, state = named[row["institution"]], model.state_named[row["iso"]]
        institution.joins[state], institution.leaves[state] = quarter(row["joins"]), quarter(row["leaves"])
        if yes(row["veto"]):
            institution.vetoers.add(state)
    for row in rows("domains"):
        institution, domain = named[row["institution"]], row["domain"]
        institution.opens[domain] = quarter(row["opens"])
        institution.benefit[domain] = float(row["benefit"])
        institution.bindingness[domain] = float(row["bindingness"])
    for row in rows("proposers"):
        named[row["institution"]].zeal[row["domain"]][model.state_named[row["iso"]]] = float(row["zeal"])
