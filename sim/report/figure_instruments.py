"""Figure: the network of instruments that stand at the end of the run, on the map of Eurasia.

A line joins China to each state with which an extradition treaty (whole line) or an agreement on the three evils
(dashed, bent the other way) stands; its width is the share of runs in which it does. States with a treaty are shaded,
so that shade, dashes and side tell the two kinds apart in grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch

from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.map import LAND, SUPPLIER, VIEW, draw_land, draw_state, is_visible, middle, new_map, project
from sim.report.study import Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXTRADITION, THREE_EVILS = "map_extradition", "map_three_evils"
"""Stems of the outcomes: 1 where the instrument stands at the end of a run, else 0."""

WORDS = {EXTRADITION: "extradition treaty", THREE_EVILS: "agreement on the three evils"}

WIDEST, FAINTEST = 1.9, 0.4
"""Widths of a line that stands in every run and of one that stands in hardly any, points."""

SHADED = 0.5
"""A state is shaded where its treaty stands in at least this share of runs."""

CERTAIN = 0.995
"""From this share of runs on a line needs no number beside it."""

SELDOM = 0.1
"""What stands in a smaller share of runs than this is not drawn."""

MOVED = 0.1
"""A scenario is said to change a treaty where it changes the share of runs by at least this much."""

MOST_NAMED = 12
"""States named after each scenario; the others are counted."""

ENDS = {"MYS": (102.0, 4.0), "IDN": (105.0, -4.0)}
"""Longitude and latitude where lines end, degrees, of states whose middle lies on an island that they share."""

LABEL_AT = {
    "KAZ": (-0.01, 0.03), "UZB": (-0.034, 0.0), "TKM": (-0.03, -0.012), "KGZ": (0.012, 0.024), "TJK": (0.03, -0.02),
    "ARM": (-0.046, 0.014), "AZE": (0.045, 0.012), "BGR": (0.0, -0.024), "BIH": (-0.034, -0.004), "BEL": (0.034, 0.01),
    "FRA": (-0.03, 0.014), "MYS": (-0.034, 0.006), "LAO": (-0.032, 0.01), "VNM": (0.036, 0.012), "KHM": (0.036, -0.008),
    "THA": (-0.036, 0.0), "SYR": (-0.06, -0.004), "IRQ": (-0.06, -0.012), "MAR": (0.02, 0.026), "ROU": (0.034, 0.008),
    "PHL": (0.0, -0.026),
}  # fmt: skip
"""Where a code stands, in radii from its state's dot; others stand above it."""

EDGE = 0.06
"""States so near to the left edge have their code at the edge itself, so that no number is cut off."""

_KINDS: dict[str, dict[str, Any]] = {
    EXTRADITION: {"color": style.MEDIAN, "linestyle": "solid", "bend": -0.13},
    THREE_EVILS: {"color": style.SCENARIOS[1], "linestyle": (0, (3, 1.4)), "bend": 0.24},
}
_TREATY: dict[str, Any] = {"facecolor": style.BAND_50, "edgecolor": "#6f8fa5"}
_PLAIN: dict[str, Any] = {"facecolor": "#fbfbfb", "edgecolor": "#a8a8a8"}
_CENTRE: dict[str, Any] = {"facecolor": style.PAPER, "edgecolor": "#6b6b6b"}


def sketch(study: Study) -> Sketch:
    """Return the map; needs outcomes `map_extradition.<state>` and `map_three_evils.<state>`, else Cannot."""
    shares = {stem: standing_shares(study, stem, study.baseline) for stem in WORDS}
    if not all(shares.values()):
        missing = next(stem for stem, found in shares.items() if not found)
        raise Cannot(f"the result has no outcomes {missing}.<state>")
    unseen = _unseen(study, shares)
    return Sketch(
        key="instruments",
        title="Instruments in force at the end of the run",
        figure=_draw(study, shares, unseen),
        caption=_caption(study, shares),
        alt=_alt(study, shares),
    )


def standing_shares(study: Study, stem: str, scenario: str) -> dict[str, float]:
    """Return state to the share of runs at whose end its instrument with China stands; empty without outcomes."""
    found = {}
    for state in study.names.states:
        values = study.values(f"{stem}.{state}", scenario)
        if len(values):
            found[state] = float((values > 0.5).mean())
    return found


def width(share: float) -> float:
    """Return the width of a line that stands in a share of runs, points; its area grows with the share."""
    return FAINTEST + (WIDEST - FAINTEST) * share


def _draw(study: Study, shares: Mapping[str, Mapping[str, float]], unseen: str) -> Figure:
    title = "Instruments of law-enforcement cooperation with China in force in the last quarter"
    figure, axes = new_map(study, title, unseen)
    draw_land(axes)
    for state in study.names.states:
        if state == SUPPLIER:
            draw_state(axes, state, _CENTRE["facecolor"], _CENTRE["edgecolor"], "////")
            continue
        look = _TREATY if shares[EXTRADITION].get(state, 0.0) >= SHADED else _PLAIN
        draw_state(axes, state, look["facecolor"], look["edgecolor"])
    for stem, found in shares.items():
        for state, share in found.items():
            _line(axes, state, stem, share)
    for state in study.names.states:
        _dot(axes, state, *(found.get(state, 0.0) for found in shares.values()))
    _name_centre(axes, study)
    _legend(axes)
    return figure


def place(state: str) -> tuple[float, float] | None:
    """Return where a state's lines end: its middle, drawn into the view; None where it is not in view."""
    if not is_visible(state) or (at := middle(state)) is None:
        return None
    if state in ENDS:
        x, y, _ = project(*(np.array([degrees]) for degrees in ENDS[state]))
        at = float(x[0]), float(y[0])
    left, right, bottom, top = VIEW
    return min(max(at[0], left + 0.03), right - 0.03), min(max(at[1], bottom + 0.03), top - 0.03)


def _line(axes: Axes, state: str, stem: str, share: float) -> None:
    start, end = place(SUPPLIER), place(state)
    if share < SELDOM or start is None or end is None:
        return
    look = _KINDS[stem]
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-", connectionstyle=f"arc3,rad={look['bend']}", color=look["color"],
            linestyle=look["linestyle"], linewidth=width(share), shrinkA=0, shrinkB=0, zorder=3,
        )
    )  # fmt: skip


def _dot(axes: Axes, state: str, treaty: float, agreement: float) -> None:
    """Mark the end of a state's lines with its code, and with shares of runs (an agreement's in brackets) below all."""
    at = place(state)
    if at is None or max(treaty, agreement) < SELDOM:
        return
    axes.plot(*at, marker="o", markersize=2.6, color=style.INK, zorder=4)
    numbers = [f"{treaty:.2f}"] if SELDOM <= treaty < CERTAIN else []
    numbers += [f"({agreement:.2f})"] if SELDOM <= agreement < CERTAIN else []
    dx, dy = LABEL_AT.get(state, (0.0, 0.024))
    is_at_edge = at[0] < VIEW[0] + EDGE
    x, side = (VIEW[0] + 0.008, "left") if is_at_edge else (at[0] + dx, "center")
    axes.text(
        x, at[1] + dy, " ".join([state, *numbers]), fontsize=6.8, ha=side, va="center", zorder=5,
        bbox={"boxstyle": "round,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.72},
    )  # fmt: skip


def _name_centre(axes: Axes, study: Study) -> None:
    at = place(SUPPLIER)
    if at is not None:
        axes.text(
            *at, study.label(SUPPLIER), fontsize=8.5, fontweight="bold", ha="center", va="center", zorder=6,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": style.MUTED, "linewidth": 0.6},
        )  # fmt: skip


def _legend(axes: Axes) -> None:
    shown: list[Line2D | Patch] = [
        Line2D([], [], label=f"{WORDS[stem]}, in all runs", linewidth=width(1.0), **_look(stem)) for stem in WORDS
    ]
    shown.append(Line2D([], [], label="a treaty in a quarter of the runs", linewidth=width(0.25), **_look(EXTRADITION)))
    shown.append(Patch(**_TREATY, linewidth=0.5, label="treaty in half of the runs or more"))
    shown.append(Patch(**_PLAIN, linewidth=0.5, label="no treaty, or in fewer runs"))
    shown.append(Patch(**LAND, linewidth=0.5, label="not in the model"))
    axes.legend(
        handles=shown, loc="lower left", bbox_to_anchor=(0.262, 0.012), ncol=2, frameon=True, facecolor="white",
        edgecolor="none", framealpha=0.92, handlelength=2.4, handleheight=1.0, fontsize=7.8,
    )  # fmt: skip


def _look(stem: str) -> dict[str, Any]:
    return {key: _KINDS[stem][key] for key in ("color", "linestyle")}


def _unseen(study: Study, shares: Mapping[str, Mapping[str, float]]) -> str:
    """Name the states with an instrument that the view leaves out."""
    told = []
    for state in study.names.states:
        found = {stem: shares[stem].get(state, 0.0) for stem in WORDS}
        if not is_visible(state) and max(found.values()) >= SELDOM:
            parts = [f"{WORDS[stem]} {share:.2f}" for stem, share in found.items() if share >= SELDOM]
            told.append(f"{study.label(state)} ({', '.join(parts)})")
    return ", ".join(told)


def _caption(study: Study, shares: Mapping[str, Mapping[str, float]]) -> str:
    n = n_runs_text(len(study.runs(study.baseline)))
    replay = (
        "In replay what the documents date is the same in every run until their horizon; what was signed and not in "
        "force then, and what is signed later, is the model's. "
        if study.history == "replay"
        else ""
    )
    return (
        f"Instruments between China and each state that stand in the last quarter: in force and not suspended. "
        f"{study.title(study.baseline)}, {n}. A line's width is the share of runs in which the instrument stands; a "
        "number beside a code is a treaty's share where that is not all runs, one in brackets an agreement's. What "
        f"stands in fewer than {SELDOM:.0%} of the runs is left out. Lines are no routes. {replay}"
        f"{_of_scenarios(study)}"
    ).strip()


def _of_scenarios(study: Study) -> str:
    """Say for each other scenario which treaties it sets, and the share of runs of which others it changes."""
    told = []
    for scenario in study.compared[1:]:
        all_names = [f"{EXTRADITION}.{s}" for s in study.names.states if f"{EXTRADITION}.{s}" in study.outcomes]
        names = [name for name in all_names if not study.is_set(scenario, name)]
        decreed = [study.label(name.partition(".")[2]) for name in all_names if name not in names]
        before, after = study.against_baseline(scenario)
        if not len(before):
            continue
        gaps = [np.mean(after[name] > 0.5) - np.mean(before[name] > 0.5) for name in names]
        moved = [(study.label(n.partition(".")[2]), g) for n, g in zip(names, gaps, strict=True) if abs(g) >= MOVED]
        moved.sort(key=lambda one: (-abs(one[1]), one[0]))
        listed = ", ".join(f"{label} {gap:+.2f}".replace("-", "\N{MINUS SIGN}") for label, gap in moved[:MOST_NAMED])
        more = f" and {len(moved) - MOST_NAMED} more" if len(moved) > MOST_NAMED else ""
        given = f" (set by the scenario: {', '.join(sorted(decreed))})" if decreed else ""
        told.append(f"{study.title(scenario)}: {listed + more if moved else 'none'}{given}")
    if not told:
        return ""
    return f"Change of a treaty's share of runs of at least {MOVED:g}, on the same dice: {'; '.join(told)}."


def _alt(study: Study, shares: Mapping[str, Mapping[str, float]]) -> str:
    parts = []
    for stem, found in shares.items():
        order = sorted((s for s in found if found[s] >= SELDOM), key=lambda s: (-found[s], study.label(s)))
        sure = [study.label(s) for s in order if found[s] >= CERTAIN]
        rest = [f"{study.label(s)} {found[s]:.2f}" for s in order if found[s] < CERTAIN]
        more = f" and {len(rest) - MOST_NAMED} more" if len(rest) > MOST_NAMED else ""
        listed = ", ".join(rest[:MOST_NAMED]) or "none"
        parts.append(f"{WORDS[stem].capitalize()} in all runs: {', '.join(sure) or 'none'}; in some: {listed}{more}.")
    return f"Map of Eurasia with lines from China to the states that have an instrument in force. {' '.join(parts)}"
