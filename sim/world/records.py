"""The world of one run as one nested NumPy record: its fields, their units and ranges.

Every number that a rule may read or write is a field of `world`. Each field is declared once, here, with its range,
unit and meaning; the dtypes, the checks of invariants, the contract tests and the generated documentation all come
from these tables. Every field is eight bytes wide, so that the whole world is also one flat vector (`flat_view`) in
which any number has a fixed offset: trajectories, traces and comparisons work on that vector.

Shapes are named (`"homes"`, `"slots"` …) and become numbers in `Sizes`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from sim.world.conditions import CONDITION, INJECT, STRATEGY
from sim.world.conflict import (
    ACCUSER,
    AUDIENCE,
    CUSTODY,
    DESIGNATION,
    GROUP,
    INCIDENT,
    MIGRANT,
    PATRON,
    POOL,
    THEATRE,
)
from sim.world.cooperation import CHANNEL, LEG, NODE, ORIGIN
from sim.world.fields import FLOAT, INT, NEVER, NOBODY, Field, identity, index, quarter, share
from sim.world.surveillance import DYAD_FIELDS, HOME_FIELDS, SECTOR_FIELDS, STATE_FIELDS

DOMAINS = ("digital", "trade", "finance", "transport", "customs")
"""Domains in which an institution can agree, in the order of `institutions.level`."""

MODES = ("none", "gift", "tied_loan", "tender")
"""Modes of procurement, in the order of their codes in `cells.award_mode`."""

NO_AWARD, GIFT, TIED_LOAN, TENDER = range(4)


@dataclass(frozen=True)
class Sizes:
    """How many of each there are: the named dimensions of the record."""

    states: int
    firms: int
    homes: int
    sectors: int
    slots: int
    dyads: int
    institutions: int
    domains: int
    groups: int
    theatres: int
    origins: int
    nodes: int
    legs: int
    channels: int
    corridors: int
    kinds: int
    answers: int
    statuses: int
    holders: int
    patrons: int
    custodies: int
    designations: int
    pools: int
    incidents: int
    accusers: int
    audiences: int
    migrants: int
    severities: int
    models: int
    conditions: int
    strategies: int
    injects: int


CLOCK = (
    quarter("quarter", "the quarter being computed"),
    quarter("first_reported", "first quarter that outcomes count"),
    quarter("history_end", "last quarter of the documents' horizon"),
    Field("is_replay", INT, 0, 1, "flag", "1: documented events happen on their dates until `history_end`"),
)

POLITICS = (
    share("pandemic_declared", "severity of a pandemic set from outside"),
    share("contact_restriction", "how far contact has moved online"),
    share("tension_declared", "great-power tension set from outside"),
    share("tension", "great-power tension over technology"),
    share("alert", "alert of the great powers after incidents"),
    share("content_declared", "wave of content online after an incident, set from outside"),
    share("content_wave", "wave of content online after an incident"),
    Field("next_incident", INT, 0, NEVER, "row", "row that the next incident is written to"),
)

STATE = (
    identity("hash of the ISO code"),
    Field("is_focus", INT, 0, 1, "flag", "1: reported singly"),
    Field("population_class", FLOAT, 1, 5, "class 1-5", "size of the population"),
    Field("economy_class", FLOAT, 1, 5, "class 1-5", "income a head"),
    Field("purse", FLOAT, 0, 60, "quarters of usual digital spending", "money in hand for digital purchases"),
    share("ambition", "digital ambition of the government"),
    share("leader_base", "the leader's demand for digitalisation as it began"),
    share("leader_demand", "the leader's demand in force: base and injects"),
    share("drive", "effort at own capacity ordered from outside"),
    share("local_capacity", "skill and industry to build and run systems at home"),
    share("hedging_base", "wish to spread suppliers, as it began"),
    share("hedging", "wish to spread suppliers"),
    share("openness_base", "usual readiness to take foreign offers"),
    share("openness", "readiness to take foreign offers, 1 without limits"),
    share("aid_dependence", "reliance on aid"),
    share("western_base", "what the state stands to lose in the West, as it began"),
    share("western_ties", "what the state stands to lose in the West"),
    share("opacity", "how little is told of public deals"),
    share("trained", "trained people at work"),
    share("foreign_purchases", "share of recent purchases bought abroad"),
    share("local_producers", "traders and producers not yet displaced"),
    share("expelled_industry", "industry arriving because another state expelled it"),
    share("grid_stress", "strain on the power grid"),
    share("operators", "share of mobile service run by operators that are free to buy"),
    share("online_demand", "demand that moved online"),
    share("agreement", "strongest agreement in effect among institutions it belongs to", ("domains",)),
    share("service_lost", "service lost to an outage at present"),
    Field("lost_investment", FLOAT, 0, 1000, "project values", "running total of investment lost with foreign firms"),
    share("dependence", "dependence on each foreign home: supply × (1 − local capacity)", ("homes",)),
    share("supply", "Σ criticality × penetration × share of each home, as last measured", ("homes",)),
    share("concentration", "Herfindahl index of homes in the installed base"),
    share("outage_exposure", "service that a failure of the largest home's firms would cost"),
    share("capacity_gap", "what is installed beyond what own skill could run"),
    Field("bidders", FLOAT, 0, 64, "bidders a tender", "mean number of viable bidders so far"),
    Field("exit_cost", FLOAT, 0, 1000, "quarters of usual digital spending", "cost of replacing the largest home"),
    Field("exit_time", FLOAT, 0, 1000, "quarters", "time that replacing the largest home would take"),
    Field("cum_tenders", FLOAT, 0, 10000, "tenders", "running number of tenders"),
    Field("cum_bidders", FLOAT, 0, 100000, "bidders", "running number of viable bidders over all tenders"),
    Field("cum_awards", FLOAT, 0, 10000, "awards", "running number of awards by home", ("homes",)),
    Field("supplier_dyad", INT, NOBODY, NEVER, "index in dyads", "the dyad towards each home", ("homes",)),
    share("rights", "commitment to rights in dealing with persons asked for"),
    share("voice", "how far its public is heard by the government"),
    share("threat", "threat that its government sees in persons there"),
    share("informers", "use of informers"),
    share("detection", "how much of what moves through it its services see"),
    share("protest_declared", "protest at home, set from outside"),
    share("protest", "protest at home"),
    share("insecurity", "fear after incidents on its soil"),
    share("capability", "capability of its services against attempts"),
    share("use_of_force", "its reputation for force abroad"),
    share("rally", "support for the government out of fear"),
    Field("returnees", FLOAT, 0, 1e7, "index", "fear of members of groups that aim at it who went home"),
    *STATE_FIELDS,
)

HOME = (
    identity("hash of the ISO code"),
    index("state", "states", "the state that is home"),
    share("subsidy_base", "state subsidy to exporters, as it began"),
    share("subsidy", "state subsidy in force: base and injects"),
    Field("price_shift", FLOAT, -1, 1, "share of price", "change of its firms' prices set from outside"),
    share("credit", "readiness to lend for its firms' exports"),
    share("sender", "readiness to sanction other homes' firms"),
    share("motive", "how far it values surveillance abroad for its own security at home"),
    share("isolation", "isolation by war and sanctions, set from outside"),
    share("industry", "health of its technology industry"),
    share("showcase", "success in the reported states, shown to others"),
    share("goodwill", "goodwill from donations in a pandemic"),
    share("stalled", "how far its proposals at summits were blocked of late"),
    *HOME_FIELDS,
)

DYAD = (
    identity("mixed hash of client and partner"),
    index("state", "states", "the client"),
    index("partner", "states", "the partner"),
    index("home", "homes", "the partner as home of firms, or nobody"),
    share("interest", "the partner's interest in supplying the client"),
    share("similarity", "likeness of institutions and aims"),
    Field("debt", FLOAT, 0, 60, "quarters of usual digital spending", "debt outstanding to the partner"),
    share("trust_base", "trust in the partner's restraint, as it began"),
    share("trust", "trust in the partner's restraint towards its own firms and clients"),
    share("alignment", "fit of standards, laws and skills with the partner's"),
    share("law", "how far the client's law on interception copies the partner's"),
    share("harmony", "agreements in effect that both belong to, as of the last summit"),
    share("bank", "common bank in effect that both belong to, as of the last summit"),
    share("training_order", "training by the partner's firms ordered from outside"),
    share("training", "intensity of the partner's training programmes"),
    share("leverage", "leverage from debt and bundled projects"),
    share("energy_tie", "usual reliance on the partner's energy"),
    share("energy_leverage", "leverage from energy purchases"),
    share("quarrel", "bilateral quarrel set from outside"),
    index("offer_sector", "sectors", "sector of the gift or loan offered this quarter, or nobody"),
    index("ordered_sector", "sectors", "sector of an offer ordered from outside this quarter, or nobody"),
    Field("ordered_mode", INT, 0, 3, "code of MODES", "mode of an offer ordered from outside this quarter"),
    Field("offer_mode", INT, 0, 3, "code of MODES", "mode of what was offered this quarter"),
    Field("offer_value", FLOAT, -1000, 1000, "utility", "what the offer is worth to the client beyond taking nothing"),
    Field("cum_gifts", FLOAT, 0, 10000, "gifts", "running number of gifts accepted"),
    Field("cum_loans", FLOAT, 0, 10000, "loans", "running number of tied loans accepted"),
    Field("cum_bundles", FLOAT, 0, 10000, "bundles", "running number of bundles accepted"),
    *DYAD_FIELDS,
)

FIRM = (
    identity("hash of the name"),
    index("home", "homes", "home of the firm"),
    quarter("founded", "quarter of its foundation, 0 where that lies before 1991"),
    Field("price", FLOAT, 0.1, 2, "ratio to the mean vendor", "list price before subsidy"),
    share("quality", "quality as buyers see it, before the industry's health"),
    share("credit", "subsidised credit that it brings"),
    share("exposure", "exposure to its own government's hand"),
    share("prominence", "prominence: smoothed share of all markets"),
    share("sanction_declared", "strength of Western sanctions set from outside"),
    share("sanction_own", "strength of Western sanctions decided in the model"),
    share("sanction", "strength of Western sanctions in force: the stronger of both"),
    quarter("suspended_until", "quarter up to which it makes no offers"),
    share("crackdown_order", "severity of a crackdown at home set from outside this quarter"),
    share("failing_declared", "share of its equipment that fails, set from outside"),
    share("failing", "share of its equipment that is failing"),
    share("project_base", "usual value of its investment projects abroad"),
    share("project_value", "value of its investment projects abroad"),
    share("presence", "how much of its investment each state stands to lose", ("states",)),
    share("service", "share of mobile service that it runs in each state", ("states",)),
    Field("is_operator", INT, 0, 1, "flag", "1: runs mobile service somewhere"),
    Field("offer_price", FLOAT, 0, 4, "ratio to the mean vendor", "price offered this quarter"),
    share("offer_quality", "quality offered this quarter"),
    share("offer_credit", "credit offered this quarter"),
    quarter("entry", "quarter of entry into each state", ("states",)),
    share("ban_declared", "part of each state's market closed to it from outside", ("states",)),
    share("ban", "part of each state's market that is closed to it", ("states",)),
    share("ban_own", "ban that a state decided on in the model", ("states",)),
    quarter("programme", "quarter in which training begins in each state", ("states",)),
    share("programme_size", "intensity of its training programmes"),
)

SECTOR = (
    identity("hash of the name"),
    share("criticality", "weight of the sector in dependence and outages"),
    Field("is_tendered", INT, 0, 1, "flag", "1: bought by governments; 0: consumer market"),
    share("lock_in", "how much an installed base binds"),
    Field("renewal", FLOAT, 4, 80, "quarters", "usual life of an installation"),
    Field("cost", FLOAT, 0, 40, "quarters of usual digital spending", "cost of a full build"),
    share("operators", "how far operators buy in it, beside governments"),
    share("displaces", "how far its foreign sales displace local traders and producers"),
    share("by_law", "how far it is bought because a law asks for it"),
    share("watches", "how far it lets a supplier's home watch"),
    quarter("opens", "quarter from which it is sold anywhere"),
    index("lower", "sectors", "sector of the layer below, or nobody"),
    Field("n_sellers", INT, 0, 64, "firms", "number of sellers"),
    index("seller", "firms", "the seller in each slot, or nobody", ("slots",)),
    index("seller_home", "homes", "home of the seller in each slot, or nobody", ("slots",)),
    quarter("seller_from", "quarter from which each slot's seller sells in the sector anywhere", ("slots",)),
    *SECTOR_FIELDS,
)

CELL = (
    share("penetration", "share of the full build installed"),
    Field("age", FLOAT, 0, 1000, "quarters", "time since the last award"),
    share("share", "share of each slot's seller in the installed base", ("slots",)),
    share("hold", "penetration × share of the largest home, as last measured"),
    Field("taste", FLOAT, -6, 6, "utility", "taste of consumers for each slot's seller", ("slots",)),
    share("ask_order", "asked for from outside this quarter: 1, else 0"),
    index("order_slot", "slots", "award ordered from outside this quarter, or nobody"),
    Field("order_mode", INT, 0, 3, "code of MODES", "mode of the ordered award"),
    Field("order_size", FLOAT, 0, 1, "share of what is still to build", "size of the ordered award"),
    index("award_slot", "slots", "who won this quarter, or nobody"),
    Field("award_mode", INT, 0, 3, "code of MODES", "mode of this quarter's award"),
    Field("cum_awards", FLOAT, 0, 10000, "awards", "running number of awards by slot", ("slots",)),
)

INSTITUTION = (
    identity("hash of the name"),
    quarter("joins", "quarter in which each state joins", ("states",)),
    quarter("leaves", "quarter in which each state leaves", ("states",)),
    Field("is_veto", INT, 0, 1, "flag", "1: may veto while a member", ("states",)),
    quarter("security_from", "quarter from which its members share data on security"),
    quarter("opens", "quarter from which a domain can be proposed", ("domains",)),
    share("zeal", "probability that a member proposes in a domain at a summit", ("states", "domains")),
    share("benefit", "benefit that members expect of a domain", ("domains",)),
    share("bindingness", "how far a domain binds members", ("domains",)),
    Field("level_order", FLOAT, -1, 1, "0-1, or -1 for none", "level set from outside this quarter", ("domains",)),
    index("proposal_order", "states", "who proposes by order from outside this quarter, or nobody", ("domains",)),
    share("refusal_declared", "how surely a state blocks a domain, set from outside", ("states", "domains")),
    share("level", "level of agreement", ("domains",)),
    share("implementation", "share of what was agreed that is done and known", ("domains",)),
    share("effect", "level × implementation", ("domains",)),
    Field("cum_blocked", FLOAT, 0, 10000, "proposals", "running number of vetoed proposals", ("domains",)),
)

MEASURES = (
    share("dependence_focus", "mean dependence of the reported states on each home", ("homes",)),
    share("dependence_other", "mean dependence of all other states on each home", ("homes",)),
    share("market", "share of each home in all installed bases, weighed by criticality", ("homes",)),
    share("supply_focus", "mean over the reported states of what all homes supply"),
    Field("cum_gifts", FLOAT, 0, 100000, "gifts", "running number of gifts accepted by reported states"),
    Field("cum_loans", FLOAT, 0, 100000, "loans", "running number of tied loans accepted by reported states"),
    Field("cum_bundles", FLOAT, 0, 100000, "bundles", "running number of bundles accepted by reported states"),
    Field("cum_crackdowns", FLOAT, 0, 100000, "crackdowns", "running number of crackdowns of homes on own firms"),
    Field("cum_bans", FLOAT, 0, 100000, "bans", "running number of bans put in force"),
    share("service_lost", "mean service lost in the reported states"),
    Field("in_force", FLOAT, 0, 1e5, "instruments", "instruments in force by kind", ("kinds",)),
    Field("signed", FLOAT, 0, 1e5, "instruments", "instruments signed by kind", ("kinds",)),
    Field("cum_answers", FLOAT, 0, 1e6, "answers", "running number of answers by kind", ("answers",)),
    Field("cum_exposed", FLOAT, 0, 1e8, "person-quarters", "persons abroad, summed over quarters", ("statuses",)),
    Field("cum_returned", FLOAT, 0, 1e7, "persons", "running number of persons returned", ("statuses",)),
    share("control", "mean control of all legs"),
    Field("cum_hazard", FLOAT, 0, 1e6, "attempts", "sum of rates of attempts abroad in open history", ("theatres",)),
    Field("cum_hazard_clients", FLOAT, 0, 1e6, "attempts", "the same for groups whose patron is near", ("theatres",)),
    Field("cum_hazard_all", FLOAT, 0, 1e6, "attempts", "the same for all groups"),
    Field("cum_external", FLOAT, 0, 1e6, "attempts", "running number of attempts abroad"),
    Field("cum_failures", FLOAT, 0, 1e6, "attempts", "running number of attempts abroad by groups with a patron"),
    Field("cum_severity", FLOAT, 0, 1e6, "incidents", "running number of incidents abroad by class", ("severities",)),
    Field("cum_near", FLOAT, 0, 1e6, "group-quarters", "calm quarters of groups that nearly saw an attempt"),
    Field("cum_calm", FLOAT, 0, 1e6, "group-quarters", "quarters of groups without an attempt"),
    Field("cum_accused", FLOAT, 0, 1e6, "accusations", "running number of accusations of groups"),
    Field("cum_right", FLOAT, 0, 1e6, "accusations", "running number of right ones, of simulated incidents"),
    Field("cum_wrong", FLOAT, 0, 1e6, "accusations", "running number of wrong ones, of simulated incidents"),
    Field("cum_unsettled", FLOAT, 0, 1e6, "accusations", "running number on record, or with an unknown author"),
    Field("cum_bare", FLOAT, 0, 1e6, "accusations", "running number about no incident at all"),
    Field("cum_defected", FLOAT, 0, 1e7, "persons", "running number of members who left for another group"),
    Field("members", FLOAT, 0, 1e8, "persons", "members of all groups, true"),
    Field("rep_members", FLOAT, 0, 1e9, "persons", "members of all groups, as reported"),
    share("pressure", "mean pressure on migrants"),
    share("wrong", "mean index of migrants wrongly suspected"),
)

TABLES = {
    "clock": (CLOCK, ()),
    "politics": (POLITICS, ()),
    "states": (STATE, ("states",)),
    "homes": (HOME, ("homes",)),
    "dyads": (DYAD, ("dyads",)),
    "firms": (FIRM, ("firms",)),
    "sectors": (SECTOR, ("sectors",)),
    "cells": (CELL, ("states", "sectors")),
    "institutions": (INSTITUTION, ("institutions",)),
    "groups": (GROUP, ("groups",)),
    "theatres": (THEATRE, ("theatres",)),
    "origins": (ORIGIN, ("origins",)),
    "nodes": (NODE, ("nodes",)),
    "legs": (LEG, ("legs",)),
    "channels": (CHANNEL, ("channels",)),
    "patrons": (PATRON, ("patrons",)),
    "custodies": (CUSTODY, ("custodies",)),
    "designations": (DESIGNATION, ("designations",)),
    "pools": (POOL, ("pools",)),
    "incidents": (INCIDENT, ("incidents",)),
    "accusers": (ACCUSER, ("accusers",)),
    "audiences": (AUDIENCE, ("audiences",)),
    "migrants": (MIGRANT, ("migrants",)),
    "injects": (INJECT, ("injects",)),
    "conditions": (CONDITION, ("conditions",)),
    "strategies": (STRATEGY, ("strategies",)),
    "measures": (MEASURES, ()),
}
"""Every table of the world: its fields and its dimensions, in the order of the record."""


def _dtype(fields: tuple[Field, ...], sizes: Sizes) -> np.dtype:
    lengths = asdict(sizes)
    return np.dtype([(f.name, f.kind, tuple(lengths[d] for d in f.shape)) for f in fields])


def world_dtype(sizes: Sizes) -> np.dtype:
    """Return the dtype of a whole world of these sizes; `dtype.itemsize` is a multiple of eight."""
    lengths = asdict(sizes)
    return np.dtype(
        [(name, _dtype(fields, sizes), tuple(lengths[d] for d in dims)) for name, (fields, dims) in TABLES.items()]
    )


def flat_view(world: np.ndarray) -> np.ndarray:
    """Return the world, shape (1,), as one float64 vector over the same memory; integers show as their bits."""
    return world.view(np.uint8).view(np.float64)


def field(path: str) -> Field:
    """Return the declaration of `table.field`, such as `states.ambition`; KeyError where there is none."""
    table, _, name = path.partition(".")
    for declared in TABLES[table][0]:
        if declared.name == name:
            return declared
    raise KeyError(path)


def paths() -> tuple[str, ...]:
    """Return every `table.field` of the world in the order of the record."""
    return tuple(f"{table}.{f.name}" for table, (fields, _) in TABLES.items() for f in fields)


def _assert_names_are_free() -> None:
    """Fields must not hide an attribute of ndarray: `record.size` would be read as the array's."""
    taken = {p for p in paths() if hasattr(np.ndarray, p.partition(".")[2])}
    if taken:
        raise AssertionError(f"fields named like attributes of ndarray: {sorted(taken)}")


_assert_names_are_free()
