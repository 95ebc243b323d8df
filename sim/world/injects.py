"""Kinds of inject: what a scenario may do, to whom, and within which range of strength.

An inject either holds a level from its first quarter until its end (`once` False) or gives an order in its first
quarter (`once` True). The code of a kind is its place in `KINDS`; code 0 marks an empty row.
"""

from __future__ import annotations

from dataclasses import dataclass

EMPTY = 0


@dataclass(frozen=True)
class Kind:
    """What an inject of this kind names: `actor`, `target` and `sector` are tables of names, or None."""

    name: str
    meaning: str
    actor: str | None
    target: str | None = None
    sector: str | None = None
    once: bool = False
    low: float = 0.0
    high: float = 1.0


KINDS = (
    Kind("empty", "no inject", None),
    Kind("pandemic", "contact restrictions of this severity", None),
    Kind("tension", "what happens outside drives great-power tension this hard", None),
    Kind("leader_demand", "the leader's demand for digitalisation is set to this level", "states"),
    Kind("capacity_drive", "effort at own capacity, beyond what ambition brings", "states"),
    Kind("subsidy", "change of the home's subsidy to its exporters", "homes", low=-1.0),
    Kind("price", "change of the prices of the home's firms, as a share", "homes", low=-0.9),
    Kind("isolation", "isolation of the home by war and sanctions", "homes"),
    Kind("quarrel", "quarrel of a state with a home of firms", "states", "homes"),
    Kind("sanction", "Western sanctions on a firm", "firms"),
    Kind("ban", "ban of a firm in a state", "firms", "states"),
    Kind("crackdown", "the home government acts against its own firm", "firms", once=True),
    Kind("outage", "this share of the firm's equipment fails", "firms"),
    Kind("expelled_industry", "an industry expelled elsewhere arrives in the state", "states"),
    Kind("training", "training by the firm in the state", "firms", "states"),
    Kind(
        "gift",
        "the firm's home builds this share of what is missing in the sector",
        "firms",
        "states",
        "sectors",
        once=True,
    ),
    Kind("tied_loan", "the same on a loan tied to the firm", "firms", "states", "sectors", once=True),
    Kind(
        "award", "the firm is awarded a build of this share of what is missing", "firms", "states", "sectors", once=True
    ),
    Kind(
        "agreement",
        "the institution's agreement in the domain is set to this level",
        "institutions",
        None,
        "domains",
        True,
    ),
    Kind("join", "the state joins the institution", "institutions", "states", once=True),
    Kind("leave", "the state leaves the institution", "institutions", "states", once=True),
    Kind("salience", "attention abroad to policy at home is at least this", "origins"),
    Kind("repression", "change of what policy at home aims at", "origins", low=-1.0),
    Kind("pull", "a war draws people to the node this hard", "nodes"),
    Kind("hunt", "effort of hunts abroad for other fugitives", "origins"),
    Kind("deploy_law", "how far law at home allows a mission abroad", "origins"),
    Kind("treaty", "the instrument with the origin's state enters into force", "states", "origins", "kinds", once=True),
    Kind(
        "answer",
        "the state gives this answer over as many thousand persons as this, if so many are there",
        "states",
        "origins",
        "answers",
        once=True,
    ),
    Kind(
        "border", "control of the borders with which the corridor begins is at least this", "origins", None, "corridors"
    ),
    Kind("accusation", "the origin's state accuses the state of aiding those who left", "states", "origins", once=True),
)

CODES = {kind.name: code for code, kind in enumerate(KINDS)}
"""Code of each kind by its name."""
