"""`steppe verify`: check the files of results, make runs of them again, and tell what moved."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import Progress
from sim.errors import InputError
from sim.locations import CONFIGS

if TYPE_CHECKING:
    from sim.analysis.again import Again, Comparison
    from sim.analysis.verify import Files
    from sim.results.store import Result

KEYS = {
    "share": "share of the runs that is made again, 0.01 unless told otherwise: at least one run of each arm (of 200 "
    "arms where there are more); 1: all, and the digest; 0: only files",
    "seed": "another one draws other runs; 0 unless told otherwise",
    "report": "file for the same report in Markdown, such as a CI's summary",
    "engine.threads": "number of threads; one for each CPU unless told otherwise",
}

SHOWN = 40
"""Rows of what moved, and problems, that are shown; --json has all of them."""

_KEYS_TEXT = "\n".join(f"  {key:<15} {line}" for key, line in KEYS.items())

HELP = f"""
usage: steppe verify DIR [share=0.01] [seed=0] [report=FILE] [engine.threads=N] [--json]

Check finished results. Every file is held against the manifest, parts against receipts, outcomes against the digest;
then a sample of runs is made again by the model as it is installed here and compared with what was kept: bit for bit
where their receipt names this class of CPU and these versions of Python, numpy, numba and llvmlite, and the source of
the model is that of the results; else within a tolerance. DIR is only read.

The exit status is 0 where all is as it was; 1 where a file is damaged, a value moved, or the model is another one than
that which made the results. What moved is told outcome by outcome, the largest shift first.

keys:
{_KEYS_TEXT}

examples:
  steppe verify results/reference
  steppe verify results/reference share=1 report=verified.md
  steppe verify results/reference share=0.1 seed=3 --json

--json           print digest, results, mode, modes, checked, differing, left_out, files and moved as one JSON object
"""

_REFERENCE = CONFIGS.parent / "results" / "reference"
"""The maintainers' own results, which say what the model gives."""


@dataclass(frozen=True)
class Asked:
    """What was asked: the folder, and the values of the keys."""

    folder: Path
    share: float
    seed: int
    report: Path | None
    threads: int | None


def main(call: Call) -> int:
    """Verify one folder of results and say what was found."""
    asked = _asked(call)
    answer = verify(asked, call.as_json)
    if asked.report is not None:
        _write_report(asked.report, answer)
    call.answer(answer, lines(answer))
    return int(answer["status"])


def _asked(call: Call) -> Asked:
    """Return what was typed; InputError for an unknown key or a value out of range."""
    if len(call.words) != 1:
        raise InputError("steppe verify takes one folder of results: steppe verify results/reference")
    given = call.options(KEYS)
    folder = Path(call.words[0]).expanduser()
    report = _report(given["report"], folder) if "report" in given else None
    share = _number("share", given.get("share", "0.01"))
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share=: must be from 0 to 1, not {share:g}.")
    threads = _count("engine.threads", given["engine.threads"], 1) if "engine.threads" in given else None
    return Asked(folder, share, _count("seed", given.get("seed", "0"), 0), report, threads)


def _report(text: str, folder: Path) -> Path:
    """Return the file for the report; InputError where it lies in the results, or cannot be one."""
    report = Path(text).expanduser()
    if report.is_dir():
        raise InputError(f"report=: {report} is a folder; name a file, such as {report / 'verified.md'}.")
    if report.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"report=: {report} lies in the results, which are only read; name another place.")
    if not report.parent.is_dir():
        raise InputError(f"report=: there is no folder {report.parent}; make it first, or name another place.")
    return report


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{key}=: must be a number, not {text!r}.") from None


def _count(key: str, text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise InputError(f"{key}=: must be a whole number, at least {least}, not {text!r}.")
    return int(text)


def verify(asked: Asked, plain: bool) -> dict[str, Any]:
    """Verify results and return what `--json` prints; InputError where there are none, or a scenario file is gone."""
    from sim.analysis.verify import check_files
    from sim.results.schema import CONFIG
    from sim.results.store import open_result

    result = open_result(asked.folder)
    with Progress(plain) as progress:
        files = check_files(result)
        answer = _of_files(result, files)
        if asked.share > 0.0 and CONFIG not in files.damaged:
            answer |= _of_runs(result, files, asked, progress)
    failed = any(answer[key] for key in ("problems", "differences", "differing", "moved", "unlike"))
    return {**answer, "status": CHECK_FAILED if failed or files.problems else DONE}


def _of_files(result: Result, files: Files) -> dict[str, Any]:
    """Return the answer as far as files alone give it."""
    from sim.results.schema import CONFIG

    return {
        "digest": result.manifest["digest"],
        "results": str(result.path),
        "runs": result.manifest["counts"]["runs"],
        "failed": files.failures,
        "mode": "files only",
        "why": f"{CONFIG} is damaged" if CONFIG in files.damaged else "only files were asked for",
        "modes": [],
        "checked": 0,
        "differing": 0,
        "left_out": 0,
        "files": {"checked": files.checked, "problems": list(files.problems), "others": list(files.others)},
        "differences": [],
        "unlike": [],
        "problems": [],
        "moved": [],
        "moved_series": [],
        "first_run": None,
        "digest_again": None,
    }


def _of_runs(result: Result, files: Files, asked: Asked, progress: Progress) -> dict[str, Any]:
    """Make runs again and return what of the answer they give."""
    from sim.analysis.again import Again
    from sim.ensemble.engines.threads import n_cpus
    from sim.ensemble.reopen import differences, reopen
    from sim.ensemble.warming import warm

    reopened = reopen(result.path)
    found = differences(result.manifest, reopened.prepared)
    others = [receipt.shard.n_runs for receipt in reopened.receipts if not reopened.is_of_today(receipt)]
    if others and not found:
        found = [f"{sum(others)} runs were made of other values of sampled points, or of other scenarios or tables."]
    warm(reopened.prepared, progress.say)
    is_same = result.manifest["source_hash"] == reopened.prepared.source_hash
    again = Again(result, reopened, is_same, files.damaged)
    compared = again.compare(asked.share, asked.seed, n_cpus(asked.threads), progress)
    return {**_told(compared), **_moved(compared, again), "differences": found}


def _told(compared: Comparison) -> dict[str, Any]:
    from sim.analysis.verify import told

    mode, why = told(compared.modes) if compared.modes else ("none", "of no run that was drawn are the files whole")
    return {
        "mode": mode,
        "why": why,
        "modes": [{"mode": way.told, "why": way.why, "runs": n} for way, n in compared.modes.items()],
        "checked": compared.outcomes.runs,
        "differing": compared.differing,
        "left_out": compared.left_out,
        "first_run": compared.first_run,
        "digest_again": compared.digest,
        "problems": compared.problems,
    }


def _moved(compared: Comparison, again: Again) -> dict[str, Any]:
    kept = again.kept() if compared.outcomes.differing else compared.outcomes
    return {
        "moved": compared.outcomes.moved(kept),
        "moved_series": compared.series.moved(compared.series),
        "unlike": list(again.unlike),
    }


def _write_report(path: Path, answer: Mapping[str, Any]) -> None:
    from sim.results.files import write_whole

    def write(temporary: Path) -> None:
        temporary.write_text("\n".join([*markdown(answer), ""]), encoding="utf-8")

    write_whole(path, write, "report=")


def lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as lines for the terminal."""
    found = [f"results  {answer['results']}", f"files    {_files(answer)}"]
    found += [f"         {line}" for line in _few(answer["files"]["problems"])]
    found += [f"runs     {_runs(answer)}"] + [f"         {line}" for line in _remarks(answer)]
    for name, rows in _tables(answer):
        found += ["", f"{name} that moved, the largest shift first:", *_aligned(_cells(rows))]
    if answer["first_run"] is not None:
        found += ["", f"The first run that differs: {_rerun(answer)}", _what_to_do(answer)]
    return [*found, f"digest   {_digest(answer)}", f"verdict  {_verdict(answer)}"]


def markdown(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as a page in Markdown."""
    found = [f"# Results {_verdict(answer)}", "", f"`{answer['results']}`", ""]
    found += [f"- Files: {_files(answer)}"] + [f"  - {line}" for line in _few(answer["files"]["problems"])]
    found += [f"- Runs: {_runs(answer)}"] + [f"  - {line}" for line in _remarks(answer)]
    found += [f"- Digest: {_digest(answer)}"]
    for name, rows in _tables(answer):
        head, *body = _cells(rows)
        found += ["", f"## {name} that moved, the largest shift first", ""]
        found += [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body)]
    if answer["first_run"] is not None:
        found += ["", f"The first run that differs: `{_rerun(answer)}`", "", _what_to_do(answer)]
    return found


def _verdict(answer: Mapping[str, Any]) -> str:
    if answer["status"] != DONE:
        return "not verified"
    of = "files only" if not answer["checked"] else f"{answer['checked']} of {answer['runs']} runs"
    return f"verified ({of})"


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
            "holds them. The command that made the results makes them anew; before that, `steppe rerun` sets one of "
            "them against what is left."
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
    if Path(answer["results"]).resolve() == _REFERENCE.resolve():
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


def _tables(answer: Mapping[str, Any]) -> Iterable[tuple[str, Sequence[Mapping[str, Any]]]]:
    named = (("Outcomes", answer["moved"]), ("Trajectories", answer["moved_series"]))
    return [(name, rows) for name, rows in named if rows]


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the table of what moved as text, its head first."""
    head = ["outcome", "point", "scenario", "history", "runs", "mean was", "mean now", "shift in sd", "first run"]
    cells = [
        [
            *(row[key] for key in ("outcome", "point", "scenario", "history")),
            f"{row['runs']} of {row['compared']}",
            *(_shown(row[key]) for key in ("mean_was", "mean_now", "shift_in_sd")),
            str(row["first_run"]),
        ]
        for row in rows[:SHOWN]
    ]
    more = [[f"and {len(rows) - SHOWN} more", *[""] * (len(head) - 1)]] if len(rows) > SHOWN else []
    return [head, *cells, *more]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
