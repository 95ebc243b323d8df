"""All figures of a report, in their order: drawn, captioned, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sim.report import (
    figure_answers,
    figure_dependence,
    figure_differences,
    figure_instruments,
    figure_lifetimes,
    figure_routes,
    figure_supply,
    figure_vendors,
    style,
)
from sim.report import map as world_map
from sim.report.contrasts import Contrast
from sim.report.drawn import Cannot, Drawn, Left, Sketch
from sim.report.study import Study, n_runs_text
from sim.report.svg import described
from sim.results.files import write_text, write_whole


def draw_all(
    study: Study, found: Mapping[str, Sequence[Contrast]], tables: Path | None = None
) -> tuple[list[Drawn], list[Left]]:
    """Return the figures that the result allows, numbered, and those that it does not, with the reason.

    Where the experiment names its figures, no others are tried, and theirs come in its order. `tables`: the folder of
    the world's tables, for what is drawn from these alone.
    """
    makers: tuple[tuple[str, str, Callable[[], Sketch]], ...] = (
        ("dependence", "Dependence by supplier", lambda: figure_dependence.sketch(study)),
        ("supply", "Hold of the largest supplier", lambda: figure_supply.sketch(study)),
        ("vendors", "Vendors' shares", lambda: figure_vendors.sketch(study)),
        ("differences", "Paired differences", lambda: figure_differences.sketch(study, found)),
        ("map", "Map of dependence on China", lambda: world_map.sketch(study)),
        ("routes", "Ways out by corridor", lambda: figure_routes.routes(study)),
        ("stocks", "Persons by place", lambda: figure_routes.stocks(study)),
        ("answers", "Answers to requests", lambda: figure_answers.sketch(study)),
        ("instruments", "Instruments in force", lambda: figure_instruments.sketch(study)),
        ("lifetimes", "From signature to entry into force", lambda: figure_lifetimes.of_tables(study, tables)),
    )
    if study.figures:
        by_key = {maker[0]: maker for maker in makers}
        makers = tuple(by_key[key] for key in study.figures if key in by_key)
    drawn: list[Drawn] = []
    left: list[Left] = []
    with style.drawing():
        for _, title, make in makers:
            try:
                drawn.append(_finish(study, make(), len(drawn) + 1))
            except Cannot as reason:
                left.append(Left(title, str(reason)))
    return drawn, left


def _finish(study: Study, sketch: Sketch, number: int) -> Drawn:
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
