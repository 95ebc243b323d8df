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

NEVER = 100_000
"""Quarter that no run reaches: a date that has not been set."""

NOBODY = -1
"""Index that stands for no actor: test for it before indexing, since index -1 would wrap."""

FLOAT, INT, ID = "f8", "i8", "u8"

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
    instruments: int
    injects: int


@dataclass(frozen=True)
class Field:
    """One declared number (or array of numbers) of a record.

    `low` and `high` bound what is valid; the contract tests perturb within them. `shape` names dimensions of `Sizes`.
    """

    name: str
    kind: str
    low: float
    high: float
    unit: str
    meaning: str
    shape: tuple[str, ...] = ()


def _id(meaning: str) -> Field:
    return Field("id", ID, 0, 0, "hash", meaning)


def _share(name: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    return Field(name, FLOAT, 0.0, 1.0, "0-1", meaning, shape)


def _quarter(name: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    return Field(name, INT, -1, NEVER, "quarters since 1991Q1", meaning, shape)


def _index(name: str, of: str, meaning: str, shape: tuple[str, ...] = ()) -> Field:
    return Field(name, INT, NOBODY, NEVER, f"index in {of}", meaning, shape)


CLOCK = (
    _quarter("quarter", "the quarter being computed"),
    _quarter("first_reported", "first quarter that outcomes count"),
    _quarter("history_end", "last quarter of the documents' horizon"),
    Field("is_replay", INT, 0, 1, "flag", "1: documented events happen on their dates until `history_end`"),
)

POLITICS = (
    _share("pandemic_declared", "severity of a pandemic set from outside"),
    _share("contact_restriction", "how far contact has moved online"),
    _share("tension_declared", "great-power tension set from outside"),
    _share("tension", "great-power tension over technology"),
)

STATE = (
    _id("hash of the ISO code"),
    Field("is_focus", INT, 0, 1, "flag", "1: reported singly"),
    Field("population_class", FLOAT, 1, 5, "class 1-5", "size of the population"),
    Field("economy_class", FLOAT, 1, 5, "class 1-5", "income a head"),
    Field("purse", FLOAT, 0, 60, "quarters of usual digital spending", "money in hand for digital purchases"),
    _share("ambition", "digital ambition of the government"),
    _share("leader_base", "the leader's demand for digitalisation as it began"),
    _share("leader_demand", "the leader's demand in force: base and injects"),
    _share("drive", "effort at own capacity ordered from outside"),
    _share("local_capacity", "skill and industry to build and run systems at home"),
    _share("hedging_base", "wish to spread suppliers, as it began"),
    _share("hedging", "wish to spread suppliers"),
    _share("openness_base", "usual readiness to take foreign offers"),
    _share("openness", "readiness to take foreign offers, 1 without limits"),
    _share("aid_dependence", "reliance on aid"),
    _share("western_base", "what the state stands to lose in the West, as it began"),
    _share("western_ties", "what the state stands to lose in the West"),
    _share("opacity", "how little is told of public deals"),
    _share("trained", "trained people at work"),
    _share("foreign_purchases", "share of recent purchases bought abroad"),
    _share("local_producers", "traders and producers not yet displaced"),
    _share("expelled_industry", "industry arriving because another state expelled it"),
    _share("grid_stress", "strain on the power grid"),
    _share("operators", "share of mobile service run by operators that are free to buy"),
    _share("online_demand", "demand that moved online"),
    _share("agreement", "strongest agreement in effect among institutions it belongs to", ("domains",)),
    _share("service_lost", "service lost to an outage at present"),
    Field("lost_investment", FLOAT, 0, 1000, "project values", "running total of investment lost with foreign firms"),
    _share("dependence", "dependence on each foreign home: supply × (1 − local capacity)", ("homes",)),
    _share("supply", "Σ criticality × penetration × share of each home, as last measured", ("homes",)),
    _share("concentration", "Herfindahl index of homes in the installed base"),
    _share("outage_exposure", "service that a failure of the largest home's firms would cost"),
    _share("capacity_gap", "what is installed beyond what own skill could run"),
    Field("bidders", FLOAT, 0, 64, "bidders a tender", "mean number of viable bidders so far"),
    Field("exit_cost", FLOAT, 0, 1000, "quarters of usual digital spending", "cost of replacing the largest home"),
    Field("exit_time", FLOAT, 0, 1000, "quarters", "time that replacing the largest home would take"),
    Field("cum_tenders", FLOAT, 0, 10000, "tenders", "running number of tenders"),
    Field("cum_bidders", FLOAT, 0, 100000, "bidders", "running number of viable bidders over all tenders"),
    Field("cum_awards", FLOAT, 0, 10000, "awards", "running number of awards by home", ("homes",)),
    Field("supplier_dyad", INT, NOBODY, NEVER, "index in dyads", "the dyad towards each home", ("homes",)),
)

HOME = (
    _id("hash of the ISO code"),
    _index("state", "states", "the state that is home"),
    _share("subsidy_base", "state subsidy to exporters, as it began"),
    _share("subsidy", "state subsidy in force: base and injects"),
    Field("price_shift", FLOAT, -1, 1, "share of price", "change of its firms' prices set from outside"),
    _share("credit", "readiness to lend for its firms' exports"),
    _share("sender", "readiness to sanction other homes' firms"),
    _share("motive", "how far it values surveillance abroad for its own security at home"),
    _share("isolation", "isolation by war and sanctions, set from outside"),
    _share("industry", "health of its technology industry"),
    _share("showcase", "success in the reported states, shown to others"),
    _share("goodwill", "goodwill from donations in a pandemic"),
    _share("stalled", "how far its proposals at summits were blocked of late"),
)

DYAD = (
    _id("mixed hash of client and partner"),
    _index("state", "states", "the client"),
    _index("partner", "states", "the partner"),
    _index("home", "homes", "the partner as home of firms, or nobody"),
    _share("interest", "the partner's interest in supplying the client"),
    _share("similarity", "likeness of institutions and aims"),
    Field("debt", FLOAT, 0, 60, "quarters of usual digital spending", "debt outstanding to the partner"),
    _share("trust_base", "trust in the partner's restraint, as it began"),
    _share("trust", "trust in the partner's restraint towards its own firms and clients"),
    _share("alignment", "fit of standards, laws and skills with the partner's"),
    _share("law", "how far the client's law on interception copies the partner's"),
    _share("harmony", "agreements in effect that both belong to, as of the last summit"),
    _share("bank", "common bank in effect that both belong to, as of the last summit"),
    _share("training_order", "training by the partner's firms ordered from outside"),
    _share("training", "intensity of the partner's training programmes"),
    _share("leverage", "leverage from debt and bundled projects"),
    _share("energy_tie", "usual reliance on the partner's energy"),
    _share("energy_leverage", "leverage from energy purchases"),
    _share("quarrel", "bilateral quarrel set from outside"),
    _index("offer_sector", "sectors", "sector of the gift or loan offered this quarter, or nobody"),
    Field("offer_mode", INT, 0, 3, "code of MODES", "mode of what was offered this quarter"),
    Field("offer_value", FLOAT, -1000, 1000, "utility", "what the offer is worth to the client beyond taking nothing"),
    Field("cum_gifts", FLOAT, 0, 10000, "gifts", "running number of gifts accepted"),
    Field("cum_loans", FLOAT, 0, 10000, "loans", "running number of tied loans accepted"),
    Field("cum_bundles", FLOAT, 0, 10000, "bundles", "running number of bundles accepted"),
)

FIRM = (
    _id("hash of the name"),
    _index("home", "homes", "home of the firm"),
    _quarter("founded", "quarter of its foundation, 0 where that lies before 1991"),
    Field("price", FLOAT, 0.1, 2, "ratio to the mean vendor", "list price before subsidy"),
    _share("quality", "quality as buyers see it, before the industry's health"),
    _share("credit", "subsidised credit that it brings"),
    _share("exposure", "exposure to its own government's hand"),
    _share("prominence", "prominence: smoothed share of all markets"),
    _share("sanction_declared", "strength of Western sanctions set from outside"),
    _share("sanction_own", "strength of Western sanctions decided in the model"),
    _share("sanction", "strength of Western sanctions in force: the stronger of both"),
    _quarter("suspended_until", "quarter up to which it makes no offers"),
    _share("crackdown_order", "severity of a crackdown at home set from outside this quarter"),
    _share("failing_declared", "share of its equipment that fails, set from outside"),
    _share("failing", "share of its equipment that is failing"),
    _share("project_base", "usual value of its investment projects abroad"),
    _share("project_value", "value of its investment projects abroad"),
    _share("presence", "how much of its investment each state stands to lose", ("states",)),
    _share("service", "share of mobile service that it runs in each state", ("states",)),
    Field("is_operator", INT, 0, 1, "flag", "1: runs mobile service somewhere"),
    Field("offer_price", FLOAT, 0, 4, "ratio to the mean vendor", "price offered this quarter"),
    _share("offer_quality", "quality offered this quarter"),
    _share("offer_credit", "credit offered this quarter"),
    _quarter("entry", "quarter of entry into each state", ("states",)),
    _share("ban_declared", "part of each state's market closed to it from outside", ("states",)),
    _share("ban", "part of each state's market that is closed to it", ("states",)),
    _share("ban_own", "ban that a state decided on in the model", ("states",)),
    _quarter("programme", "quarter in which training begins in each state", ("states",)),
    _share("programme_size", "intensity of its training programmes"),
)

SECTOR = (
    _id("hash of the name"),
    _share("criticality", "weight of the sector in dependence and outages"),
    Field("is_tendered", INT, 0, 1, "flag", "1: bought by governments; 0: consumer market"),
    _share("lock_in", "how much an installed base binds"),
    Field("renewal", FLOAT, 4, 80, "quarters", "usual life of an installation"),
    Field("cost", FLOAT, 0, 40, "quarters of usual digital spending", "cost of a full build"),
    _share("operators", "how far operators buy in it, beside governments"),
    _share("displaces", "how far its foreign sales displace local traders and producers"),
    _share("by_law", "how far it is bought because a law asks for it"),
    _share("watches", "how far it lets a supplier's home watch"),
    _quarter("opens", "quarter from which it is sold anywhere"),
    _index("lower", "sectors", "sector of the layer below, or nobody"),
    Field("n_sellers", INT, 0, 64, "firms", "number of sellers"),
    _index("seller", "firms", "the seller in each slot, or nobody", ("slots",)),
    _index("seller_home", "homes", "home of the seller in each slot, or nobody", ("slots",)),
    _quarter("seller_from", "quarter from which each slot's seller sells in the sector anywhere", ("slots",)),
)

CELL = (
    _share("penetration", "share of the full build installed"),
    Field("age", FLOAT, 0, 1000, "quarters", "time since the last award"),
    _share("share", "share of each slot's seller in the installed base", ("slots",)),
    _share("hold", "penetration × share of the largest home, as last measured"),
    Field("taste", FLOAT, -6, 6, "utility", "taste of consumers for each slot's seller", ("slots",)),
    _index("order_slot", "slots", "award ordered from outside this quarter, or nobody"),
    Field("order_mode", INT, 0, 3, "code of MODES", "mode of the ordered award"),
    Field("order_size", FLOAT, 0, 1, "share of what is still to build", "size of the ordered award"),
    _index("award_slot", "slots", "who won this quarter, or nobody"),
    Field("award_mode", INT, 0, 3, "code of MODES", "mode of this quarter's award"),
    Field("cum_awards", FLOAT, 0, 10000, "awards", "running number of awards by slot", ("slots",)),
)

INSTITUTION = (
    _id("hash of the name"),
    _quarter("joins", "quarter in which each state joins", ("states",)),
    _quarter("leaves", "quarter in which each state leaves", ("states",)),
    Field("is_veto", INT, 0, 1, "flag", "1: may veto while a member", ("states",)),
    _quarter("opens", "quarter from which a domain can be proposed", ("domains",)),
    _share("zeal", "probability that a member proposes in a domain at a summit", ("states", "domains")),
    _share("benefit", "benefit that members expect of a domain", ("domains",)),
    _share("bindingness", "how far a domain binds members", ("domains",)),
    Field("level_order", FLOAT, -1, 1, "0-1, or -1 for none", "level set from outside this quarter", ("domains",)),
    _share("level", "level of agreement", ("domains",)),
    _share("implementation", "share of what was agreed that is done and known", ("domains",)),
    _share("effect", "level × implementation", ("domains",)),
    Field("cum_blocked", FLOAT, 0, 10000, "proposals", "running number of vetoed proposals", ("domains",)),
)

GROUP = (_id("hash of the name"), _index("theatre", "theatres", "theatre, or nobody"))
THEATRE = (_id("hash of the name"),)
INSTRUMENT = (
    _id("hash of parties and kind"),
    _index("dyad", "dyads", "the dyad that it binds"),
    _quarter("signed", "quarter of signature"),
    _quarter("in_force", "quarter of entry into force"),
)

INJECT = (
    Field("kind", INT, 0, 64, "code of scenario kinds", "what it does; 0: an empty row"),
    _quarter("start", "first quarter"),
    _quarter("end", "first quarter in which it no longer holds"),
    Field("strength", FLOAT, -1, 1, "as its kind says", "strength"),
    _index("actor", "the kind's table", "actor"),
    _index("target", "the kind's table", "target, or nobody"),
    _index("sector", "sectors, domains or slots", "sector or domain, or nobody"),
)

MEASURES = (
    _share("dependence_focus", "mean dependence of the reported states on each home", ("homes",)),
    _share("dependence_other", "mean dependence of all other states on each home", ("homes",)),
    _share("market", "share of each home in all installed bases, weighed by criticality", ("homes",)),
    _share("supply_focus", "mean over the reported states of what all homes supply"),
    Field("cum_gifts", FLOAT, 0, 100000, "gifts", "running number of gifts accepted by reported states"),
    Field("cum_loans", FLOAT, 0, 100000, "loans", "running number of tied loans accepted by reported states"),
    Field("cum_bundles", FLOAT, 0, 100000, "bundles", "running number of bundles accepted by reported states"),
    Field("cum_crackdowns", FLOAT, 0, 100000, "crackdowns", "running number of crackdowns of homes on own firms"),
    Field("cum_bans", FLOAT, 0, 100000, "bans", "running number of bans put in force"),
    _share("service_lost", "mean service lost in the reported states"),
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
    "instruments": (INSTRUMENT, ("instruments",)),
    "injects": (INJECT, ("injects",)),
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
