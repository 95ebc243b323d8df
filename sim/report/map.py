"""Figure: dependence on China at the end of the run, on a map centred on Eurasia.

The projection is Lambert's azimuthal of equal area on the sphere. Shades are classes of equal width whose luminance
falls as the value rises, so that the map reads in grey; states without a value are hatched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from sim.report import style
from sim.report.drawn import Cannot, Sketch
from sim.report.study import Study, n_runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTLINES = Path(__file__).resolve().parent / "outlines.json"

CENTRE = (68.0, 42.0)
"""Longitude and latitude of the projection's centre, degrees."""

VIEW = (-0.93, 1.06, -0.76, 0.60)
"""Left, right, bottom and top of the view, in radii of the globe."""

SUPPLIER = "CHN"
MOST_CLASSES = 7
LABEL_AT = {"UZB": (-0.09, 0.022), "TKM": (-0.105, -0.04), "KGZ": (0.225, 0.03), "TJK": (0.185, -0.055)}
"""Where the labels of small states stand, in radii from the centre: within them, or in the supplier's own land beside
them, which has no shade to cover. Other reported states are labelled in their middle."""

LAND: dict[str, Any] = {"facecolor": "#f3f3f3", "edgecolor": "#cccccc"}
"""How land looks that is not in the model."""

WITHIN = ("UZB", "TKM")
"""States of `LABEL_AT` whose label stands within them, in two lines and without a leader."""


def sketch(study: Study) -> Sketch:
    """Return the map; needs outcomes `map_dependence_china.<state>`, else Cannot."""
    values = {s: _median(study.values(f"map_dependence_china.{s}", study.baseline)) for s in study.names.states}
    values[SUPPLIER] = math.nan
    if all(math.isnan(value) for value in values.values()):
        raise Cannot("the result has no outcomes map_dependence_china.<state>")
    n = len(study.runs(study.baseline))
    unseen = _unseen(study, values)
    return Sketch(
        key="map",
        title="Dependence on China at the end of the run",
        figure=_draw(study, values, unseen),
        caption=(
            f"Dependence on suppliers whose home is China in the last quarter. {study.title(study.baseline)}: median "
            f"of {n_runs_text(n)}. Outside the reported states the model knows little: few sectors and vendors are "
            "documented there, and their shades rest on assumptions. Light grey land is not in the model; China, "
            "hatched, is the supplier itself. Outlines are Natural Earth's, thinned, and take no "
            "position on any border."
        ),
        alt=_alt(study, values),
    )


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else math.nan


@cache
def outlines() -> Mapping[str, Any]:
    """Return the outlines: `states` by ISO code and `land`, each a list of polygons of rings; see outlines.md."""
    data: Mapping[str, Any] = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return data


def project(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x and y in radii of the globe for degrees, and whether the point lies on the near hemisphere."""
    turn, north = np.radians(longitude - CENTRE[0]), np.radians(latitude)
    middle = math.radians(CENTRE[1])
    cos_c = math.sin(middle) * np.sin(north) + math.cos(middle) * np.cos(north) * np.cos(turn)
    scale = np.sqrt(2.0 / np.maximum(1.0 + cos_c, 1e-9))
    x = scale * np.cos(north) * np.sin(turn)
    y = scale * (math.cos(middle) * np.sin(north) - math.sin(middle) * np.cos(north) * np.cos(turn))
    return x, y, cos_c > -0.35


def shape(polygons: Iterable[Iterable[list[int]]]) -> Outline | None:
    """Return the polygons as one outline in the map's plane; None where nothing of them is in view."""
    points, codes = [], []
    for polygon in polygons:
        for ring in polygon:
            degrees = np.array(ring, dtype=np.float64).reshape(-1, 2) / 10.0
            x, y, near = project(degrees[:, 0], degrees[:, 1])
            if not near.all() or not _in_view(x, y):
                continue
            points.append(np.column_stack([x, y]))
            codes += [Outline.MOVETO] + [Outline.LINETO] * (len(x) - 2) + [Outline.CLOSEPOLY]
    return Outline(np.concatenate(points), codes) if points else None


def _in_view(x: np.ndarray, y: np.ndarray) -> bool:
    left, right, bottom, top = VIEW
    return bool(x.max() > left and x.min() < right and y.max() > bottom and y.min() < top)


def classes(values: Iterable[float]) -> np.ndarray:
    """Return the bounds of classes of equal, round width from 0 to above the largest value."""
    most = max((round(v, 2) for v in values if not math.isnan(v)), default=0.0)
    steps = (0.01, 0.02, 0.05, 0.1, 0.2)
    step = next((s for s in steps if math.floor(most / s + 1e-9) + 1 <= MOST_CLASSES), steps[-1])
    return np.arange(0, math.floor(most / step + 1e-9) + 2) * step


def class_of(value: float, bounds: np.ndarray) -> int:
    """Return the class of a value, rounded as its label is, so that label and shade agree."""
    return int(np.searchsorted(bounds, round(value, 2) + 1e-9, side="right")) - 1


def new_map(study: Study, title: str, unseen: str) -> tuple[Figure, Axes]:
    """Return a figure of the baseline with empty axes in the map's plane; `unseen` names what the view leaves out."""
    left, right, bottom, top = VIEW
    tall = style.WIDTH * (top - bottom) / (right - left)
    footer = study.standing(study.baseline)
    figure = style.new_figure(tall + 0.95, title, footer + (f"\nNot in view: {unseen}" if unseen else ""))
    axes = style.place(figure, 0.0, 0.5, style.WIDTH, tall)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return figure, axes


def _draw(study: Study, values: Mapping[str, float], unseen: str) -> Figure:
    figure, axes = new_map(study, "Dependence on suppliers from China, last quarter (0–1)", unseen)
    bounds = classes(values.values())
    _land(axes, values, bounds)
    for state in study.names.reported:
        _label(axes, study, state, values[state])
    _legend(axes, bounds)
    return figure


def _shades(n: int) -> list[Any]:
    ramp = matplotlib.colormaps["YlGnBu"]
    return [ramp(0.28 + 0.7 * i / max(1, n - 1)) for i in range(n)]


def draw_land(axes: Axes) -> None:
    """Draw the land that is not in the model, under everything else."""
    if background := shape(outlines()["land"]):
        axes.add_collection(PathCollection([background], **LAND, linewidth=0.3))


def draw_state(axes: Axes, state: str, colour: Any, edge: str, hatch: str | None = None) -> None:
    """Draw one state where it is in view, hatched where `hatch` says how."""
    outline = shape(outlines()["states"].get(state, ()))
    if outline is None:
        return
    patch = PathCollection([outline], facecolor=colour, edgecolor=edge, linewidth=0.55)
    if hatch:
        patch.set_hatch(hatch)
    axes.add_collection(patch)


def _land(axes: Axes, values: Mapping[str, float], bounds: np.ndarray) -> None:
    draw_land(axes)
    shades = _shades(len(bounds) - 1)
    for state, value in values.items():
        if math.isnan(value):
            draw_state(axes, state, style.PAPER, "#6b6b6b", "////")
        else:
            draw_state(axes, state, shades[class_of(value, bounds)], style.PAPER)


def middle(state: str) -> tuple[float, float] | None:
    """Return the middle of a state's largest piece in the map's plane; None where it has no outline."""
    polygons = outlines()["states"].get(state)
    if not polygons:
        return None
    ring = np.array(polygons[0][0], dtype=np.float64).reshape(-1, 2) / 10.0
    x, y, _ = project(ring[:, 0], ring[:, 1])
    return float((x.min() + x.max()) / 2), float((y.min() + y.max()) / 2)


def _label(axes: Axes, study: Study, state: str, value: float) -> None:
    at = middle(state)
    if at is None:
        return
    within = state in WITHIN
    text = f"{study.label(state)}{chr(10) if within else ' '}{'–' if math.isnan(value) else f'{value:.2f}'}"
    arrow = None if within else {"arrowstyle": "-", "color": style.INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate(
        text, xy=at, xytext=LABEL_AT.get(state, at), ha="center", va="center", fontsize=6.5 if within else 8,
        fontweight="bold", linespacing=1.0, arrowprops=arrow,
        bbox={"boxstyle": f"round,pad={0.1 if within else 0.22}", "facecolor": "white", "edgecolor": "none" if within
              else style.MUTED, "linewidth": 0.5, "alpha": 0.9},
    )  # fmt: skip


def _legend(axes: Axes, bounds: np.ndarray) -> None:
    shades = _shades(len(bounds) - 1)
    decimals = 2 if round(float(bounds[1]) * 100) % 10 else 1
    shown = [
        Patch(facecolor=shade, edgecolor="#8a8a8a", linewidth=0.5, label=f"{low:.{decimals}f}–{high:.{decimals}f}")
        for shade, low, high in zip(shades, bounds[:-1], bounds[1:], strict=True)
    ]
    shown.append(
        Patch(facecolor=style.PAPER, edgecolor="#6b6b6b", hatch="////", linewidth=0.5, label="China, the supplier")
    )
    shown.append(Patch(**LAND, linewidth=0.5, label="not in the model"))
    axes.legend(
        handles=shown, loc="lower left", bbox_to_anchor=(0.322, 0.015), ncol=2, frameon=True, facecolor="white",
        edgecolor="none", framealpha=0.92, handlelength=1.8, handleheight=1.1,
    )  # fmt: skip


def _unseen(study: Study, values: Mapping[str, float]) -> str:
    """Name the states with a value that the view leaves out."""
    missing = [s for s in study.names.states if not math.isnan(values[s]) and not is_visible(s)]
    return ", ".join(f"{study.label(s)} {values[s]:.2f}" for s in missing)


@cache
def is_visible(state: str) -> bool:
    """Return whether any of a state lies within the view."""
    return shape(outlines()["states"].get(state, ())) is not None


def _alt(study: Study, values: Mapping[str, float]) -> str:
    known = {s: v for s, v in values.items() if not math.isnan(v)}
    order = sorted(known, key=lambda s: (-known[s], s))
    first = ", ".join(f"{study.label(s)} {known[s]:.2f}" for s in order[:10])
    return f"Map of Eurasia shaded by dependence on China. The ten highest medians: {first}."
