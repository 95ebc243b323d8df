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
    optional: str = ""
    """Which of the three may be left out: `actor`, `target` or `sector`."""


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
    Kind("war", "how hard the war in the theatre is fought", "theatres"),
    Kind("support", "support of the group or state by the state in the theatre", "states", "holders", "theatres"),
    Kind(
        "guarantee",
        "how far the state guarantees a cease-fire there; the last in the list counts",
        "states",
        "theatres",
    ),
    Kind("pressure", "demand of the state to remove foreign groups from the theatre", "states", "theatres"),
    Kind("veto", "1: the state blocks lifting the group's designation; 0: it no longer does", "states", "groups"),
    Kind("protest", "protest at home is at least this", "states"),
    Kind("content", "a wave of content online after an incident", None),
    Kind("ceasefire", "a cease-fire of this strength begins in the theatre", "theatres", once=True),
    Kind(
        "offensive",
        "this share of the theatre's land is taken, from the other first",
        "holders",
        "theatres",
        "holders",
        once=True,
        optional="sector",
    ),
    Kind("abandon", "the state withdraws this share of its support", "states", "holders", once=True),
    Kind(
        "patron",
        "the group pledges itself to the other, or to nobody",
        "groups",
        "groups",
        once=True,
        optional="target",
    ),
    Kind("protector", "the other shelters the group, or nobody does", "groups", "groups", once=True, optional="target"),
    Kind("move", "the group moves to the theatre", "groups", "theatres", once=True),
    Kind("line", "a new leadership of the group with this line: 0 local, 1 abroad", "groups", once=True),
    Kind("purge", "the group pushes this share of the other's hardliners out", "groups", "groups", once=True),
    Kind("defection", "this share of the group's hardliners goes over to the other", "groups", "groups", once=True),
    Kind("arrest", "the group takes this share of the other's hardliners into custody", "groups", "groups", once=True),
    Kind("merge", "this share of the other's members joins the group", "groups", "groups", once=True),
    Kind("clash", "clash of two groups of one theatre", "groups", "groups", once=True),
    Kind("truce", "truce between two groups of one theatre", "groups", "groups", once=True),
    Kind("transfer", "this share of those held is moved to another custody", "holders", "groups", once=True),
    Kind("prison_break", "this share of those held gets out", "holders", "groups", once=True),
    Kind(
        "incident",
        "an incident on record; strength: prior chance that the group named is behind it",
        "groups",
        "states",
        "severities",
        once=True,
        optional="actor",
    ),
    Kind("accuse", "the state accuses the group, rightly or not", "accusers", "groups", once=True),
    Kind("deny", "the group denies what the state accuses it of", "groups", "accusers", once=True),
    Kind("exposure", "an accusation by the state is found to be wrong", "accusers", once=True),
    Kind("disavow", "the group disowns aims abroad in public", "groups", once=True),
    Kind("acknowledge", "the state says that it sees no attacks abroad by the group", "states", "groups", once=True),
    Kind("designate", "1: the state designates the group; 0: it lifts the designation", "states", "groups", once=True),
    Kind("become_state", "the group takes the state's place", "groups", "states", once=True),
    Kind("opinion", "public opposition to the model of surveillance is at least this", "states", None, "models"),
    Kind("suspend", "the state buys nothing of the model of surveillance", "states", None, "models", low=1.0),
    Kind("scandal", "it is found out that the home reads data in the state", "states", "homes", once=True),
    Kind("opacity", "how little is told of public deals is set to this level", "states"),
    Kind("civil_society", "how far civil groups can contest what the government does is set to this level", "states"),
    Kind("negotiate", "talks on the instrument begin", "states", "origins", "kinds", once=True),
    Kind("sign", "the instrument is signed, and waits to enter into force", "states", "origins", "kinds", once=True),
    Kind("break_off", "cooperation under every instrument is broken off", "states", "origins"),
    Kind("request", "the origin's state asks for persons, and the state answers", "states", "origins", once=True),
    Kind("swap", "the origin's state offers a swap, if the state holds anybody", "states", "origins", once=True),
    Kind("papers", "the state's missions give papers to at least this share a quarter", "states", "origins"),
    Kind("guard", "control of the borders that the state guards is at least this", "states"),
    Kind(
        "proposal",
        "the state proposes to agree on the domain, and the others vote at once",
        "institutions",
        "states",
        "domains",
        once=True,
    ),
    Kind("refusal", "the state blocks proposals in the domain, this surely", "institutions", "states", "domains"),
    Kind("repatriation", "their states take this share of those held home", "holders", "groups", once=True),
    Kind("audit", "the state audits what the partner's firms supplied, this closely", "states", "homes"),
    Kind("localise", "data have to stay in the state, as far as this", "states"),
    Kind("ask", "the state asks for tenders in the sector, and chooses", "states", None, "sectors", once=True),
    Kind("offer_gift", "the home offers a gift, and the state decides", "homes", "states", "sectors", True),
    Kind("offer_loan", "the same of a loan tied to the home's firms", "homes", "states", "sectors", once=True),
)

CODES = {kind.name: code for code, kind in enumerate(KINDS)}
"""Code of each kind by its name."""
