"""`steppe verify`: check the files of results, make runs of them again, and tell what moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import Progress
from sim.commands.verified import is_reference, lines, markdown
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.analysis.again import Again, Comparison
    from sim.analysis.verify import Files
    from sim.ensemble.reopen import Reopened
    from sim.results.store import Result

KEYS = {
    "share": "share of the runs that is made again, 0.01 unless told otherwise: at least one run of each arm (of 200 "
    "arms where there are more); 1: all, and the digest; 0: only files and model",
    "seed": "another one draws other runs; 0 unless told otherwise",
    "report": "file for the same report in Markdown, such as a CI's summary",
    "engine.threads": "number of threads; one for each CPU unless told otherwise",
}

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

--json           print digest, results, mode, checked, differing, files, differences, moved and more as one JSON object
"""


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
    from sim.results.schema import CONFIG, DESIGN
    from sim.results.store import open_result

    result = open_result(asked.folder)
    with Progress(plain) as progress:
        files = check_files(result)
        answer = _of_files(result, files)
        of_model = {CONFIG, DESIGN} if result.manifest["config"]["design"]["method"] == "table" else {CONFIG}
        if damaged := files.damaged & of_model:
            answer["why"] = f"{' and '.join(sorted(damaged))} {'is' if len(damaged) == 1 else 'are'} damaged"
        else:
            answer |= _of_model(result, files, asked, progress)
    answer["mend"] = _mend(result, files, answer["differences"], is_same=not damaged)
    failed = any(answer[key] for key in ("problems", "differences", "differing", "moved", "unlike"))
    return {**answer, "status": CHECK_FAILED if failed or files.problems else DONE}


def _of_files(result: Result, files: Files) -> dict[str, Any]:
    """Return the answer as far as files alone give it."""
    return {
        "digest": result.manifest["digest"],
        "results": str(result.path),
        "runs": result.manifest["counts"]["runs"],
        "failed": files.failures,
        "mode": "files only",
        "why": "",
        "modes": [],
        "checked": 0,
        "differing": 0,
        "left_out": 0,
        "files": {"checked": files.checked, "problems": list(files.problems), "others": list(files.others)},
        "differences": [],
        "unlike": [],
        "problems": [],
        "arms": 0,
        "arms_of_series": 0,
        "moved": [],
        "moved_series": [],
        "first_run": None,
        "digest_again": None,
    }


def _of_model(result: Result, files: Files, asked: Asked, progress: Progress) -> dict[str, Any]:
    """Return what of the answer today's files give: of the model, and of runs where any are to be made again."""
    from sim.ensemble.reopen import reopen

    told: dict[str, Any] = {"mode": "files and model", "why": "only files and model were asked for"}
    try:
        reopened = reopen(result.path)
    except InputError as error:
        if asked.share > 0.0:
            raise
        return {**told, "differences": [f"The model cannot be made of today's files: {error}"]}
    told = {**told, "differences": _differences(result, reopened)}
    return told if asked.share == 0.0 else told | _of_runs(result, reopened, files, asked, progress)


def _differences(result: Result, reopened: Reopened) -> list[str]:
    """Return in sentences what of the model is otherwise today."""
    from sim.ensemble.reopen import differences

    found = differences(result.manifest, reopened.prepared)
    others = [receipt.shard.n_runs for receipt in reopened.receipts if not reopened.is_of_today(receipt)]
    if others and not found:
        found = [f"{sum(others)} runs were made of other values of sampled points, or of other scenarios or tables."]
    return found


def _of_runs(result: Result, reopened: Reopened, files: Files, asked: Asked, progress: Progress) -> dict[str, Any]:
    """Make runs again and return what of the answer they give."""
    from sim.analysis.again import Again
    from sim.ensemble.engines.threads import n_cpus
    from sim.ensemble.warming import warm

    warm(reopened.prepared, progress.say)
    is_same = result.manifest["source_hash"] == reopened.prepared.source_hash
    again = Again(result, reopened, is_same, files.damaged)
    compared = again.compare(asked.share, asked.seed, n_cpus(asked.threads), progress)
    return {**_told(compared), **_moved(compared, again)}


def _mend(result: Result, files: Files, differences: Sequence[str], is_same: bool) -> str | None:
    """Return the sentence on what makes damaged files again; None where none are, or nothing does.

    `is_same`: whether the model was looked at, so that it is known what it differs in.
    """
    from sim.ensemble.asked import Asked as Folder
    from sim.ensemble.merge import command_of
    from sim.results.outcomes import plan_about
    from sim.results.schema import DESIGN, PLAN

    manifest, folder = result.manifest, result.path
    if not files.damaged & manifest["files"].keys():
        return None
    if is_reference(folder):
        return "`make reference` makes them anew, or take them from the repository."
    if differences:
        return "Only the version and the files that made them can mend these results, or a copy of them."
    try:
        about = plan_about(folder / PLAN)
    except InputError:
        about = None
    if about is None:
        return "The command that made them makes what is damaged again, and keeps the rest."
    asked = Folder(folder, manifest["config"], about)
    place = asked.results_dir
    command = f"{asked.command(command_of(about), place)} {asked.typed_at}".rstrip()
    if not asked.is_in_place:
        return f"This makes the results again, in {place / about['experiment'] / about['id']}: {command}"
    if DESIGN in files.damaged and (folder / DESIGN).exists():
        return f"Take {folder / DESIGN} away; this makes it again, and keeps the rest: {command}"
    rest = ", and keeps the rest" if is_same else ", by the version and files that made them"
    return f"This makes what is damaged again{rest}: {command}"


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
        "arms": len(compared.outcomes.groups),
        "arms_of_series": len(compared.series.groups),
        "moved": compared.outcomes.moved(kept),
        "moved_series": compared.series.moved(compared.series),
        "unlike": list(again.unlike),
    }


def _write_report(path: Path, answer: Mapping[str, Any]) -> None:
    from sim.results.files import write_whole

    def write(temporary: Path) -> None:
        temporary.write_text("\n".join([*markdown(answer), ""]), encoding="utf-8")

    write_whole(path, write, "report=")
