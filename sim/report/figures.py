"""All figures of a report, in their order: drawn, captioned, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sim.analysis.pairs import Contrast
from sim.report import (
    figure_accusations,
    figure_answers,
    figure_beliefs,
    figure_dependence,
    figure_differences,
    figure_instruments,
    figure_lifetimes,
    figure_near_misses,
    figure_restraint,
    figure_routes,
    figure_strength,
    figure_supply,
    figure_survival,
    figure_vendors,
    style,
)
from sim.report import map as world_map
from sim.report.drawn import Cannot, Drawn, Left, Sketch
from sim.report.questions import of_figure, parts
from sim.report.study import Study, n_runs_text
from sim.report.svg import described
from sim.results.files import write_text, write_whole


def draw_all(
    study: Study, found: Mapping[str, Sequence[Contrast]], tables: Path | None = None
) -> tuple[list[Drawn], list[Left]]:
    """Return the figures that the result allows, numbered, and those that it does not, with the reason.

    Where the experiment names its figures, no others are tried, and theirs come in its order. A figure of one of
    several questions shows the scenarios that bear on it. `tables`: the folder of the world's tables, for what is drawn
    from these alone.
    """
    makers: tuple[tuple[str, str, Callable[[Study], Sketch]], ...] = (
        ("dependence", "Dependence by supplier", figure_dependence.sketch),
        ("supply", "Hold of the largest supplier", figure_supply.sketch),
        ("vendors", "Vendors' shares", figure_vendors.sketch),
        ("differences", "Paired differences", lambda study: figure_differences.sketch(study, found)),
        ("map", "Map of dependence on China", world_map.sketch),
        ("routes", "Ways out by corridor", figure_routes.routes),
        ("stocks", "Persons by place", figure_routes.stocks),
        ("answers", "Answers to requests", figure_answers.sketch),
        ("instruments", "Instruments in force", figure_instruments.sketch),
        ("lifetimes", "From signature to entry into force", lambda study: figure_lifetimes.of_tables(study, tables)),
        ("restraint", "Restraint by the patron", figure_restraint.sketch),
        ("survival", "Time without an attempt abroad", figure_survival.sketch),
        ("accusations", "Accusations and protest", figure_accusations.sketch),
        ("beliefs", "Belief by audience", figure_beliefs.sketch),
        ("strength", "Strength, true and reported", figure_strength.sketch),
        ("near_misses", "How close quiet quarters came", figure_near_misses.sketch),
    )
    if study.figures:
        by_key = {maker[0]: maker for maker in makers}
        makers = tuple(by_key[key] for key in study.figures if key in by_key)
    drawn: list[Drawn] = []
    left: list[Left] = []
    asked = parts(study)
    with style.drawing():
        for key, title, make in makers:
            shown = of_figure(study, asked, key)
            try:
                drawn.append(finish(shown, make(shown), len(drawn) + 1))
            except Cannot as reason:
                left.append(Left(title, str(reason)))
    return drawn, left


def finish(study: Study, sketch: Sketch, number: int) -> Drawn:
    """Return a figure as text for the page and as bytes for its PNG, with what stands beside it."""
    full = f"{sketch.caption} {standing(study)}"
    svg = style.to_svg(sketch.figure, sketch.key, sketch.alt)
    png = style.to_png(sketch.figure, f"{sketch.title}. {full}")
    return Drawn(sketch.key, number, sketch.title, sketch.caption, full, sketch.alt, svg, png)


def standing(study: Study) -> str:
    """Return what stands with a file that leaves the report: question, scenarios, runs, seed, version, caveats."""
    facts = study.provenance
    scenarios = ", ".join(study.title(name) for name in study.compared)
    return (
        f"Question: {facts.question} Scenarios: {scenarios}, history {study.history}, {facts.start} to {facts.end}; "
        f"{n_runs_text(len(study.runs(study.baseline)))} a scenario, seed {facts.seed}, model {facts.version}. "
        f"{' '.join(facts.caveats)}"
    )


def write_figures(drawn: Sequence[Drawn], folder: Path) -> None:
    """Write each figure as SVG and PNG, and their captions as one text, into `folder`, which is made where missing.

    Raises InputError where the disk refuses.
    """
    for figure in drawn:
        write_text(
            folder / f"{figure.key}.svg",
            '<?xml version="1.0" encoding="utf-8"?>\n' + described(figure.svg, figure.full),
        )
        write_bytes(folder / f"{figure.key}.png", figure.png)
    text = "".join(f"## Figure {f.number}. {f.title}\n\n![{f.alt}]({f.key}.png)\n\n{f.full}\n\n" for f in drawn)
    write_text(folder / "captions.md", "# Figures\n\n" + text)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; InputError where the disk refuses."""

    def write(temporary: Path) -> None:
        temporary.write_bytes(content)

    write_whole(path, write)
