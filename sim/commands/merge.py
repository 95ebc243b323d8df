"""`steppe merge`: join shares of a sweep that were run on machines that share nothing."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.interrupts import listen
from sim.commands.progress import Progress
from sim.commands.run import finish
from sim.errors import InputError, did_you_mean
from sim.results.schema import REPORT

if TYPE_CHECKING:
    from sim.ensemble.asked import Asked
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.merge import Joined
    from sim.ensemble.reopen import Reopened

KEYS = {"into": "folder for results; by default the one in which the first folder stands"}

HELP = f"""
usage: steppe merge FOLDER FOLDER ... [into=RESULTS_DIR] [--json]

Join the shares of a sweep (steppe run ... shard=3/16), or any folders with runs of one campaign, into
<into>/<experiment>/<id>/. Every receipt and checksum is looked at first; what is damaged is left out and named. Folders
of another plan, model or seed are refused, and so are two that have other values of the same run. Once all runs are
there, figures, report and manifest are made as steppe run makes them, and the digest is that of one undisturbed run.

Where runs are missing, what there is stays joined, the shares to be run again are named, and the exit status is 1. The
same command again, also after a kill, brings only what is missing.

keys:
  into   {KEYS["into"]}

examples:
  steppe merge results/reference/4f0c2a91b7de.share-*
  steppe merge here/results/reference/4f0c2a91b7de.share-1-of-2 there/4f0c2a91b7de.share-2-of-2 into=results
"""


def main(call: Call) -> int:
    """Join the folders, and finish the result where it is whole; 1 where runs are missing."""
    into = _into(call.overrides)
    if not call.words:
        raise InputError("steppe merge needs the folders to join: steppe merge results/reference/4f0c2a91b7de.share-*")
    listen(call.as_json)
    answer = merge(call.words, into, call.as_json)
    call.answer(answer, _lines(answer))
    return int(answer["status"])


def _into(overrides: Sequence[str]) -> Path | None:
    found = [text.partition("=") for text in overrides]
    for key, _, value in found:
        if key not in KEYS:
            raise InputError(f"steppe merge: unknown key {key!r}.{did_you_mean(key, KEYS)}")
        if not value:
            raise InputError("into: name a folder for results.")
    if len(found) > 1:
        raise InputError("into is given twice.")
    return Path(found[0][2]).expanduser() if found else None


def merge(folders: Sequence[str], into: Path | None, plain: bool) -> dict[str, Any]:
    """Join folders of results and return what `--json` prints; raises InputError for what does not fit together."""
    from sim.ensemble.asked import read_asked
    from sim.ensemble.merge import campaign_of, check_alike, join

    asked = [read_asked(Path(folder)) for folder in dict.fromkeys(folders)]
    check_alike(asked)
    if narrowed := [one.folder for one in asked if one.config["precision"]]:
        raise InputError(f"{narrowed[0]}: was run with precision=, which has to see all runs of an arm in one place.")
    largest = max(asked, key=lambda one: (len(one.plan.arms), one.plan.n_runs))
    reopened = _reopened(largest)
    with Progress(plain) as progress:
        target = into or _results_dir(asked[0])
        with campaign_of(asked, reopened.config, reopened.prepared, target, progress).opened() as campaign:
            joined = join(campaign, [one.folder for one in asked])
            for folder, damage in joined.lost.items():
                for line in damage:
                    progress.say(f"{folder}: {line}.")
            if missing := campaign.plan.missing(joined.kept):
                return _told_missing(campaign, asked, joined, sum(shard.n_runs for shard in missing))
            return _told_whole(campaign, reopened, joined)


def _reopened(asked: Asked) -> Reopened:
    """Return a folder opened again; InputError where it is of another model than that of today's files."""
    from sim.ensemble.reopen import differences, reopen

    reopened = reopen(asked.folder)
    if found := differences(dict(asked.about), reopened.prepared):
        raise InputError(
            f"{asked.folder}: is joined by the model that made it, and this is another. {' '.join(found[:5])}"
        )
    return reopened


def _results_dir(asked: Asked) -> Path:
    """Return the folder for results in which a folder stands: beside it, or above the folder of its experiment."""
    parent = asked.folder.absolute().parent
    found = parent.parent if parent.name == asked.about["experiment"] else parent
    return Path(".") / found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found


def _told_whole(campaign: Campaign, reopened: Reopened, joined: Joined) -> dict[str, Any]:
    """Finish a folder that holds the whole plan, where that is not done yet."""
    from sim.results.store import open_result

    if not joined.brought and campaign.settled() is not None:
        campaign.watcher.say(f"{campaign.folder} is whole already.")
        manifest = open_result(campaign.folder).manifest
    else:
        manifest = finish(campaign, campaign.run())
    return {
        "digest": manifest["digest"],
        "results": str(campaign.folder),
        "report": str(campaign.folder / REPORT) if REPORT in manifest["files"] else None,
        "runs": campaign.plan.n_runs,
        "failed": manifest["counts"]["failed"],
        "joined": joined.brought,
        "damage": _told_damage(joined),
        "status": CHECK_FAILED if manifest["counts"]["failed"] else DONE,
    }


def _told_missing(campaign: Campaign, asked: Sequence[Asked], joined: Joined, missing: int) -> dict[str, Any]:
    from sim.ensemble.merge import missing_shares
    from sim.ensemble.shares import Share

    parts = {Share.parse(one.about["share"]).of for one in asked if one.about["share"]}
    short = missing_shares(campaign.plan, joined.kept, parts.pop()) if len(parts) == 1 else {}
    typed = [text for text in campaign.command if not text.startswith(("results_dir=", "runs="))]
    command = shlex.join(["steppe", "run", *typed, f"runs={campaign.config.runs}"])
    there = shlex.quote(f"results_dir={asked[0].folder.parent.parent}")
    shares = [
        {"share": str(share), "missing": n, "command": f"{command} {there} shard={share}"} for share, n in short.items()
    ]
    here = shlex.quote(f"results_dir={campaign.folder.parent.parent}")
    return {
        "results": str(campaign.folder),
        "runs": campaign.plan.n_runs,
        "joined": joined.brought,
        "missing": missing,
        "shares": shares,
        "command": f"{command} {here}",
        "damage": _told_damage(joined),
        "status": CHECK_FAILED,
    }


def _told_damage(joined: Joined) -> list[dict[str, Any]]:
    return [{"folder": str(folder), "damage": list(lines)} for folder, lines in joined.lost.items()]


def _lines(answer: dict[str, Any]) -> list[str]:
    if "digest" in answer:
        lines = [f"results  {answer['results']}", f"digest   {answer['digest']}"]
        return [f"report   {answer['report']}", *lines] if answer["report"] else lines
    lines = [f"results  {answer['results']}", f"missing  {answer['missing']} of {answer['runs']} runs"]
    lines += [f"         {row['missing']} of share {row['share']}: {row['command']}" for row in answer["shares"]]
    again = "Run these, and merge again; or run them here" if answer["shares"] else "Run them here"
    return [*lines, f"{again}: {answer['command']}"]
