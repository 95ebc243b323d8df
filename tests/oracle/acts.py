"""What happens from outside: leaders, documented history and the scenario, as injects (section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.oracle import tables
from tests.oracle.arithmetic import NEVER, clip
from tests.oracle.bases import GIFT, LOAN, TENDER, Order

if TYPE_CHECKING:
    from tests.oracle.oracle import Oracle

HISTORY_ENDS = 126
AWARDS = {"gift": GIFT, "tied_loan": LOAN, "award": TENDER}
ORDERS = {"crackdown", "agreement", "join", "leave", *AWARDS}
NAMES = {
    "pandemic": (), "tension": (), "leader_demand": ("state",), "capacity_drive": ("state",), "subsidy": ("home",),
    "price": ("home",), "isolation": ("home",), "quarrel": ("state", "partner"), "sanction": ("firm",),
    "ban": ("firm", "state"), "crackdown": ("firm",), "outage": ("firm",), "expelled_industry": ("state",),
    "training": ("firm", "state"), "gift": ("firm", "state", "sector"), "tied_loan": ("firm", "state", "sector"),
    "award": ("firm", "state", "sector"), "agreement": ("institution", None, "domain"),
    "join": ("institution", "state"), "leave": ("institution", "state"), "opacity": ("state",),
}  # fmt: skip
"""What the places actor, target and sector of each kind hold."""


@dataclass(frozen=True)
class Inject:
    """Something that happens from outside: to whom, from when, until when, how strongly."""

    kind: str
    start: int
    end: int
    strength: float
    to: dict[str, Any]

    def holds(self, quarter: int) -> bool:
        return self.start == quarter if self.kind in ORDERS else self.start <= quarter < self.end


def injects_of(model: Oracle, told: list[dict], is_replay: bool) -> list[Inject]:
    """Return all injects of a run in the order in which they act, but those of cooperation, groups and surveillance."""
    known = [row for row in tables.rows("history") if row["kind"] in NAMES]
    history = [row for row in known if row["mode"] == "given" or is_replay]
    listed = _leaders(model)
    for row in history:
        named = dict(zip(NAMES[row["kind"]], (row["actor"], row["target"], row["sector"]), strict=False))
        listed += _read(model, {**row, **{word: text for word, text in named.items() if word}})
    for inject in told:
        listed += _read(model, inject)
    return listed


def _leaders(model: Oracle) -> list[Inject]:
    leaders = [(row, tables.quarter(row["from"])) for row in tables.rows("leaders")]
    listed = []
    for row, start in leaders:
        later = [other for who, other in leaders if who["iso"] == row["iso"] and other > start]
        state = {"state": model.state_named[row["iso"]]}
        listed.append(Inject("leader_demand", start, min(later, default=NEVER), float(row["leader_demand"]), state))
    return listed


def _read(model: Oracle, told: dict) -> list[Inject]:
    """Return one inject, or one for each firm of a home where it says `all:HOME`."""
    kind = told["kind"]
    start, end = tables.quarter(told["start"]), tables.quarter(told.get("end"))
    strength = 1.0 if kind in {"join", "leave"} else float(told["strength"])
    words = [word for word in NAMES[kind] if word]
    firms = [None]
    if "firm" in words:
        whole = told["firm"].startswith("all:")
        home = model.home_named[told["firm"].removeprefix("all:")] if whole else None
        firms = model.firms_of[home] if whole else [model.firm_named[told["firm"]]]
    to = {word: _find(model, word, told[word]) for word in words if word != "firm"}
    return [Inject(kind, start, end, strength, {**to, "firm": firm}) for firm in firms]


def _find(model: Oracle, word: str, name: str) -> Any:
    if word == "domain":
        return name
    return getattr(model, f"{'home' if word == 'partner' else word}_named")[name]


def act(model: Oracle, inject: Inject) -> None:
    """Let an inject do what its kind says."""
    if inject.kind in AWARDS:
        _order_award(inject)
    elif inject.kind in {"join", "leave"}:
        _change_membership(model, inject)
    elif inject.kind in {"quarrel", "training"}:
        _burden_tie(inject)
    elif inject.kind in {"subsidy", "price"}:
        _change_terms(inject)
    elif inject.kind in {"leader_demand", "opacity"}:
        setattr(inject.to["state"], inject.kind, inject.strength)
    elif inject.kind == "agreement":
        inject.to["institution"].level_order[inject.to["domain"]] = inject.strength
    elif inject.kind == "ban":
        closed, state = inject.to["firm"].ban_declared, inject.to["state"]
        closed[state] = max(closed[state], inject.strength)
    else:
        _raise_level(model, inject)


def _order_award(inject: Inject) -> None:
    firm, state, sector = inject.to["firm"], inject.to["state"], inject.to["sector"]
    if firm in sector.sellers:
        state.bases[sector].order = Order(firm, AWARDS[inject.kind], inject.strength)


def _change_membership(model: Oracle, inject: Inject) -> None:
    institution, state = inject.to["institution"], inject.to["state"]
    if inject.kind == "join":
        institution.joins[state], institution.leaves[state] = model.quarter, NEVER
    else:
        institution.leaves[state] = model.quarter


def _burden_tie(inject: Inject) -> None:
    home = inject.to["partner"] if inject.kind == "quarrel" else inject.to["firm"].home
    dyad = inject.to["state"].ties.get(home)
    if dyad is not None:
        field = "quarrel" if inject.kind == "quarrel" else "training_order"
        setattr(dyad, field, max(getattr(dyad, field), inject.strength))


def _change_terms(inject: Inject) -> None:
    home = inject.to["home"]
    if inject.kind == "subsidy":
        home.subsidy = clip(home.subsidy + inject.strength)
    else:
        home.price_shift = max(-0.9, min(1.0, home.price_shift + inject.strength))


def _raise_level(model: Oracle, inject: Inject) -> None:
    """Raise what is otherwise 0 to the strongest of all that hold."""
    to = inject.to
    whom, field = {
        "pandemic": (model.politics, "pandemic_declared"),
        "tension": (model.politics, "tension_declared"),
        "capacity_drive": (to.get("state"), "drive"),
        "expelled_industry": (to.get("state"), "expelled_industry"),
        "isolation": (to.get("home"), "isolation"),
        "sanction": (to["firm"], "sanction_declared"),
        "crackdown": (to["firm"], "crackdown_order"),
        "outage": (to["firm"], "failing_declared"),
    }[inject.kind]
    setattr(whom, field, max(getattr(whom, field), inject.strength))
