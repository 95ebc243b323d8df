"""What `steppe verify` found, in words: lines for the terminal, and a page in Markdown."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.commands.call import DONE
from sim.locations import CONFIGS

SHOWN = 40
"""Outcomes that moved, and problems, that are shown; --json has all of them."""

REFERENCE = CONFIGS.parent / "results" / "reference"
"""The maintainers' own results, which say what the model gives."""


def is_reference(folder: Path) -> bool:
    """Return whether results are the maintainers' own."""
    return folder.resolve() == REFERENCE.resolve()


def lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as lines for the terminal."""
    found = [f"results  {answer['results']}", f"files    {_files(answer)}"]
    found += [f"         {line}" for line in _problems(answer)]
    found += [f"runs     {_runs(answer)}"] + [f"         {line}" for line in _remarks(answer)]
    for name, rows, arms in _tables(answer):
        found += ["", f"{name} that moved, the largest shift first:", *_aligned(_cells(rows, arms))]
    if answer["first_run"] is not None:
        found += ["", f"The first run that differs: {_rerun(answer)}", _what_to_do(answer)]
    return [*found, f"digest   {_digest(answer)}", f"verdict  {_verdict(answer)}"]


def markdown(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as a page in Markdown."""
    found = [f"# Results {_verdict(answer)}", "", f"`{answer['results']}`", ""]
    found += [f"- Files: {_files(answer)}"] + [f"  - {line}" for line in _problems(answer)]
    found += [f"- Runs: {_runs(answer)}"] + [f"  - {line}" for line in _remarks(answer)]
    found += [f"- Digest: {_digest(answer)}"]
    for name, rows, arms in _tables(answer):
        head, *body = _cells(rows, arms)
        found += ["", f"## {name} that moved, the largest shift first", ""]
        found += [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body)]
    if answer["first_run"] is not None:
        found += ["", f"The first run that differs: `{_rerun(answer)}`", "", _what_to_do(answer)]
    return found


def _problems(answer: Mapping[str, Any]) -> list[str]:
    """Return sentences on files that are not as they were, and on what mends them."""
    return _few(answer["files"]["problems"]) + ([answer["mend"]] if answer["mend"] else [])


def _verdict(answer: Mapping[str, Any]) -> str:
    if answer["status"] == DONE:
        of = f"{answer['checked']} of {answer['runs']} runs" if answer["checked"] else answer["mode"]
        return f"verified ({of})"
    reasons = {
        "files are not as they were sealed": answer["files"]["problems"],
        "another model": answer["differences"] or answer["unlike"],
        "values moved": answer["differing"],
        "runs cannot be compared": answer["problems"],
    }
    return f"not verified ({', '.join(why for why, found in reasons.items() if found)})"


def _files(answer: Mapping[str, Any]) -> str:
    told = answer["files"]
    bad = len(told["problems"])
    others = f" Not in the manifest, and of no account: {', '.join(told['others'])}." if told["others"] else ""
    sound = "all as the manifest says" if not bad else f"{bad} problem{'' if bad == 1 else 's'}"
    return f"{told['checked']} checked, {sound}.{others}"


def _runs(answer: Mapping[str, Any]) -> str:
    n, differing = answer["checked"], answer["differing"]
    if not n:
        return f"none made again: {answer['why']}."
    how = f"compared {answer['mode']} ({answer['why']})"
    equal = "all equal within it" if answer["mode"] == "within a tolerance" else "all equal"
    verdict = equal if not differing else f"{differing} differ ({100 * differing / n:.3g} %)"
    return f"{n} of {answer['runs']} made again, {how}: {verdict}."


def _remarks(answer: Mapping[str, Any]) -> list[str]:
    """Return sentences on what else there is to say of the runs."""
    found = []
    if answer["differences"]:
        found += ["This is another model than that which made the results.", *answer["differences"]]
    if "tolerance" in answer["mode"]:
        found.append(_tolerance())
    if answer["unlike"]:
        found.append(f"Only in the results or only in today's model: {', '.join(_few(answer['unlike']))}.")
    if answer["failed"]:
        found.append(f"{answer['failed']} runs failed when the results were made and have no values to compare with.")
    if n := answer["left_out"]:
        found.append(
            f"{n} of the runs that were drawn {'is' if n == 1 else 'are'} left out, since a file is damaged that "
            "holds them. The command that made the results makes them anew."
        )
    return found + _few(answer["problems"])


def _tolerance() -> str:
    from sim.analysis.moved import ABSOLUTE, RELATIVE

    return (
        f"Tolerance: {RELATIVE:g} of a value, or {ABSOLUTE:g}. On another CPU exp may differ in its last bit; where a "
        "draw lies that near to a probability, a decision tips and its run differs far more."
    )


def _digest(answer: Mapping[str, Any]) -> str:
    kept, again = answer["digest"], answer["digest_again"]
    if again is None:
        return f"{kept} as kept"
    if again == kept:
        return f"{kept}, the same of the runs made again"
    return f"{kept} as kept, {again} of the runs made again: values moved{_how_far(answer)}"


def _how_far(answer: Mapping[str, Any]) -> str:
    return "" if answer["differing"] else " within the tolerance only"


def _rerun(answer: Mapping[str, Any]) -> str:
    return shlex.join(["steppe", "rerun", answer["results"], str(answer["first_run"])])


def _what_to_do(answer: Mapping[str, Any]) -> str:
    """Return what follows from a difference, for the maintainers' own results and for others."""
    if is_reference(Path(answer["results"])):
        return (
            "Where a change of the model was meant to move results: make them anew (`make reference`), and say in "
            "CHANGELOG.md what moved, and by which rule or table."
        )
    if answer["differences"]:
        return (
            "The command that made these results makes those of today's model, in a folder of their own. These can be "
            "made again only by the version and the files that made them."
        )
    return (
        "The model is the one that made them, so a value was changed since, or was computed wrongly, then or now: have "
        "another machine verify them, or run their command again with another results_dir= and compare the digests."
    )


def _few(sentences: Sequence[str]) -> list[str]:
    more = [f"... and {len(sentences) - SHOWN} more"] if len(sentences) > SHOWN else []
    return [*sentences[:SHOWN], *more]


def _tables(answer: Mapping[str, Any]) -> Iterable[tuple[str, Sequence[Mapping[str, Any]], int]]:
    """Return the tables there are: what they are of, their rows, and in how many arms that was compared."""
    arms, arms_of_series = answer["arms"], answer["arms_of_series"]
    named = (("Outcomes", answer["moved"], arms), ("Trajectories", answer["moved_series"], arms_of_series))
    return [(name, rows, of) for name, rows, of in named if rows]


def _cells(rows: Sequence[Mapping[str, Any]], arms: int) -> list[list[str]]:
    """Return the table of what moved as text, its head first: a row an outcome, by the arm in which it moved most."""
    of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        of.setdefault(row["outcome"], []).append(row)
    head = ["outcome", "in arms", "most in", "runs", "mean was", "mean now", "shift in sd", "first run"]
    cells = [
        [
            outcome,
            f"{len(found)} of {arms}",
            ", ".join(str(found[0][key]) for key in ("point", "scenario", "history")),
            f"{found[0]['runs']} of {found[0]['compared']}",
            *(_shown(found[0][key]) for key in ("mean_was", "mean_now", "shift_in_sd")),
            str(found[0]["first_run"]),
        ]
        for outcome, found in list(of.items())[:SHOWN]
    ]
    more = [[f"and {len(of) - SHOWN} more", *[""] * (len(head) - 1)]] if len(of) > SHOWN else []
    return [head, *cells, *more]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
