"""`steppe rerun`: one run of results again, alone, with its decision ledger, beside what was kept of it."""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import Progress, tell
from sim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from sim.analysis.verify import Mode
    from sim.ensemble.reopen import Reopened

KEYS = {"into": "folder for ledger.parquet; ./rerun-<id>-<run> unless told otherwise"}

HELP = f"""
usage: steppe rerun DIR RUN [into=FOLDER] [--json]

Make one run of results again, alone, by the model as it is installed here: its decision ledger is written to
ledger.parquet, and those outcomes that differ from the ones kept are printed (with --json all). DIR, finished or not,
is only read. RUN is the number in the column `run` of outcomes/, or point/scenario/history/replication, where
the point p7 is short for p0000007.

A run that failed in its sweep shows the whole traceback here; one that ended its worker ends this process the same way.
The exit status is 0 where the run gives what was kept of it; 1 where it gives something else, or fails.

keys:
  into   {KEYS["into"]}

examples:
  steppe rerun results/reference/4f0c2a91b7de 10000007
  steppe rerun results/reference/4f0c2a91b7de default/baseline/replay/7 into=seven
  steppe rerun results/reference/4f0c2a91b7de 7 --json

--json           print run, outcomes, kept, differing, ledger and mode as one JSON object
"""


def main(call: Call) -> int:
    """Make the run again and say what it gives."""
    if len(call.words) != 2:
        raise InputError("steppe rerun takes a folder of results and a run: steppe rerun results/reference/<id> 7")
    folder = Path(call.words[0]).expanduser()
    into = _into(call, folder)
    answer = rerun(folder, call.words[1], into, call.as_json)
    call.answer(answer, lines(answer))
    return int(answer["status"])


def _into(call: Call, folder: Path) -> Path | None:
    """Return the folder that was named for the ledger; InputError for another key, or a place in the results."""
    typed = call.options(KEYS)
    found = Path(typed["into"]).expanduser() if typed else None
    if found is not None:
        _check_target(found, folder)
    return found


def _check_target(into: Path, folder: Path) -> None:
    """Raise InputError unless a folder for the ledger lies outside the results and holds no ledger yet."""
    from sim.results.schema import LEDGER

    if into.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"into=: {into} lies in the results, which are only read; name another folder.")
    if into.exists() and not into.is_dir():
        raise InputError(f"into=: {into} is a file; name a folder.")
    if (into / LEDGER).exists():
        raise InputError(f"into=: {into} holds a {LEDGER} already; name another folder.")


def rerun(folder: Path, run: str, into: Path | None, plain: bool) -> dict[str, Any]:
    """Make one run again and return what `--json` prints; InputError where there is no such run."""
    import numpy as np

    from sim.ensemble.reopen import reopen
    from sim.ensemble.warming import warm
    from sim.results.schema import MOST_RUNS

    reopened = reopen(folder)
    number = _number(run, reopened)
    arm, replication = divmod(number, MOST_RUNS)
    planned, prepared = reopened.plan.arms[arm], reopened.prepared
    kept = _kept(reopened, number)
    who = {"point": planned.point, "scenario": planned.scenario, "history": planned.history}
    answer = {"run": number, **who, "replication": replication, "seed": reopened.config.seed, "results": str(folder)}
    with Progress(plain) as progress:
        warm(prepared, progress.say)
        progress.say(f"Run {number} ({', '.join(who.values())}, replication {replication}), alone.")
        try:
            outcomes = prepared.simulate(arm, np.array([replication])).outcomes[0]
        except InputError:
            raise
        except Exception as error:
            text = traceback.format_exc()
            tell(text.rstrip())
            return {**answer, "error": _of_error(error), "traceback": text, "status": CHECK_FAILED}
        place = into or Path(f"rerun-{folder.resolve().name}-{number}")
        answer |= _with_ledger(reopened, arm, replication, place)
    return answer | _beside(reopened, number, outcomes, *kept)


def _of_error(error: Exception) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _number(text: str, reopened: Reopened) -> int:
    """Return the number of the run that a number or a path of keys names; InputError where there is none."""
    from sim.results.schema import MOST_RUNS

    plan = reopened.plan
    if text.isdecimal():
        arm, replication = divmod(int(text), MOST_RUNS)
        if arm >= len(plan.arms):
            raise InputError(f"{reopened.folder}: there is no run {text}: the column `run` of outcomes/ has all.")
    else:
        name, _, last = text.rpartition("/")
        names = [f"{arm.point}/{arm.scenario}/{arm.history}" for arm in plan.arms]
        meant = [name] if name in names else [known for known in names if _plain(known) == _plain(name)]
        if len(meant) != 1 or not last.isdecimal():
            hint = "" if meant else did_you_mean(text, [f"{known}/{last}" for known in _at_its_point(name, names)])
            raise InputError(f"{text!r} is no run: write its number, or point/scenario/history/replication.{hint}")
        arm, replication = names.index(meant[0]), int(last)
    there = max(plan.replications[arm], reopened.config.runs)
    if replication >= there:
        raise InputError(f"{reopened.folder}: there is no run {text}: that arm has replications 0 to {there - 1}.")
    return arm * MOST_RUNS + replication


def _plain(name: str) -> str:
    """Return the name of an arm without the leading zeros of its point: `p7/...` for `p0000007/...`."""
    return re.sub(r"^p0*(?=\d)", "p", name)


def _at_its_point(name: str, names: Sequence[str]) -> list[str]:
    """Return the arms at the point of a name; all where there is no such point, none where it is one by number."""
    point = _plain(name).partition("/")[0]
    here = [known for known in names if _plain(known).partition("/")[0] == point]
    return here or ([] if re.fullmatch(r"p\d+", point) else list(names))


def _with_ledger(reopened: Reopened, arm: int, replication: int, into: Path) -> dict[str, Any]:
    """Write the decision ledger of a run, and say where and how long it is."""
    from sim.results.files import storing
    from sim.results.ledger import write_ledger
    from sim.results.schema import LEDGER
    from sim.rules.schedule import NAMES

    traced = reopened.prepared.trace(arm, replication)
    with storing(into, "into="):
        into.mkdir(parents=True, exist_ok=True)
    write_ledger(into / LEDGER, [traced], NAMES, reopened.prepared.world.names)
    return {"ledger": str(into / LEDGER), "lines": len(traced.entries)}


def _beside(
    reopened: Reopened, run: int, outcomes: np.ndarray, kept: Mapping[str, float], failure: str | None
) -> dict[str, Any]:
    """Return the outcomes beside those that were kept, how they are compared, and the exit status."""
    import numpy as np

    from sim.analysis.moved import differ

    names = reopened.prepared.outcome_names
    now = dict(zip(names, map(float, outcomes), strict=True))
    mode, changed = _mode(reopened, run)
    known = [name for name in names if name in kept]
    other = differ(np.array([kept[n] for n in known]), np.array([now[n] for n in known]), mode.is_exact)
    differing = [name for name, differs in zip(known, other, strict=True) if differs]
    return {
        "mode": mode.told,
        "why": mode.why,
        "differences": changed,
        "failure": failure,
        "share": _share_of(reopened, run),
        "differing": differing,
        "outcomes": {name: _finite(value) for name, value in now.items()},
        "kept": {name: _finite(value) for name, value in kept.items()} or None,
        "status": CHECK_FAILED if differing else DONE,
    }


def _share_of(reopened: Reopened, run: int) -> str | None:
    """Return the share that a run belongs to, where the folder is that of another one; else None."""
    from sim.ensemble.plan import Shard
    from sim.ensemble.shares import Share, dealt
    from sim.results.schema import MOST_RUNS

    if reopened.config.shard is None:
        return None
    arm, replication = divmod(run, MOST_RUNS)
    own = Share.parse(reopened.config.shard)
    (share,) = dealt([Shard(arm, 1, replication, 1)], own.of)
    return None if share == own else str(share)


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value


def _kept(reopened: Reopened, run: int) -> tuple[dict[str, float], str | None]:
    """Return the outcomes that were kept of a run, and why it failed; both empty where it was not run yet.

    InputError where the file that holds them is not as its receipt says.
    """
    import pyarrow.parquet as pq

    from sim.results.files import unlike
    from sim.results.schema import KEYS as ROW_KEYS
    from sim.results.schema import part_name

    receipt = reopened.receipt_of(run)
    if receipt is None:
        return {}, None
    failure = next((f"{of.kind}: {of.error}" for of in receipt.failures if of.run == run), None)
    part = part_name(receipt.shard.name)
    path = reopened.folder / part
    for _, why in unlike(reopened.folder, {part: receipt.files[part]}):
        raise InputError(f"{path}: {why}; `steppe verify` checks all files.")
    rows = pq.read_table(str(path), filters=[("run", "=", run)]).drop_columns(list(ROW_KEYS)).to_pylist()
    return (rows[0] if rows else {}), failure


def _mode(reopened: Reopened, run: int) -> tuple[Mode, list[str]]:
    """Return how the outcomes are compared, and what of the model is otherwise than when they were made."""
    from sim.analysis.verify import mode_of
    from sim.ensemble.reopen import differences
    from sim.results.schema import MANIFEST
    from sim.results.store import open_result

    path = reopened.folder / MANIFEST
    manifest: Mapping[str, Any] = open_result(reopened.folder).manifest if path.is_file() else {}
    found = differences(manifest, reopened.prepared) if manifest else []
    receipt = reopened.receipt_of(run)
    if not found and receipt is not None and not reopened.is_of_today(receipt):
        found = ["It was made of other values of the sampled points, or of another scenario, tables or sources."]
    is_same = manifest["source_hash"] == reopened.prepared.source_hash if manifest else not found
    return mode_of({} if receipt is None else receipt.made_by, is_same), found


def lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer as lines: which run it is, and those outcomes that differ from the ones kept."""
    told = ", ".join(str(answer[key]) for key in ("point", "scenario", "history"))
    found = [f"run      {answer['run']}: {told}, replication {answer['replication']}, seed {answer['seed']}"]
    found.append(f"results  {answer['results']}")
    if "error" in answer:
        return [*found, f"failed   {answer['error']}"]
    found += [f"ledger   {answer['ledger']} ({answer['lines']} lines)"]
    kept, now = answer["kept"] or {}, answer["outcomes"]
    rows = [["outcome", "kept", "again"]] + [
        [name, _shown(kept.get(name)), _shown(now[name])] for name in answer["differing"]
    ]
    if len(rows) > 1:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        found += ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    found += [f"outcomes {_verdict(answer)}"]
    return [*found, *(f"         {line}" for line in answer["differences"]), "         all of them with --json"]


def _shown(value: float | None) -> str:
    return "-" if value is None else repr(value)


def _verdict(answer: Mapping[str, Any]) -> str:
    how = f"{answer['mode']} ({answer['why']})"
    if answer["failure"]:
        return f"none were kept: the run failed then ({answer['failure']}), and now it does not"
    if answer["kept"] is None and answer["share"]:
        return f"none are kept here: the run belongs to share {answer['share']}"
    if answer["kept"] is None:
        return "none are kept yet: the run was not reached"
    n, differing = len(answer["kept"]), len(answer["differing"])
    return f"{differing} of {n} differ, compared {how}" if differing else f"all {n} equal, compared {how}"
