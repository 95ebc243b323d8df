"""`steppe merge`: join shares of a sweep that were run on machines that share nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import Progress
from sim.commands.run import told_failures, write_report
from sim.errors import InputError
from sim.results.schema import REPORT
from sim.results.store import check_outside

if TYPE_CHECKING:
    from sim.ensemble.asked import Asked
    from sim.ensemble.campaign import Campaign
    from sim.ensemble.merge import Joined
    from sim.ensemble.reopen import Reopened

KEYS = {"into": "folder for results; by default the one in which the first folder stands"}

NAMED = 5
"""Folders that are named where a folder above them was given."""

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
    into = _into(call)
    if not call.words:
        raise InputError("steppe merge needs the folders to join: steppe merge results/reference/4f0c2a91b7de.share-*")
    answer = merge(call.words, into, call.as_json)
    call.answer(answer, _lines(answer))
    return int(answer["status"])


def _into(call: Call) -> Path | None:
    typed = call.options(KEYS)
    if "into" not in typed:
        return None
    into = Path(typed["into"]).expanduser()
    check_outside(into, "into=")
    return into


def merge(folders: Sequence[str], into: Path | None, plain: bool) -> dict[str, Any]:
    """Join folders of results and return what `--json` prints; raises InputError for what does not fit together."""
    from sim.ensemble.merge import campaign_of, check_alike, join, largest_of

    asked = [_asked(Path(folder)) for folder in dict.fromkeys(folders)]
    check_alike(asked)
    if narrowed := [one.folder for one in asked if one.config["precision"]]:
        raise InputError(f"{narrowed[0]}: was run with precision=, which has to see all runs of an arm in one place.")
    reopened = _reopened(largest_of(asked))
    with Progress(plain) as progress:
        target = into or asked[0].results_dir
        with campaign_of(asked, reopened.config, reopened.prepared, target, progress).opened() as campaign:
            joined = join(campaign, [one.folder for one in sorted(asked, key=_share_of)])
            for folder, damage in joined.lost.items():
                for line in damage:
                    progress.say(f"{folder}: {line}.")
            if missing := campaign.plan.missing(joined.kept):
                return _told_missing(campaign, asked, joined, sum(shard.n_runs for shard in missing))
            return _told_whole(campaign, reopened, joined)


def _asked(folder: Path) -> Asked:
    """Return what was asked of a folder; InputError where it is none of results, naming those that stand below it."""
    from sim.ensemble.asked import read_asked
    from sim.ensemble.progress import is_result, results_in

    if folder.is_dir() and not is_result(folder) and (below := results_in(folder)):
        more = f" and {len(below) - NAMED} more" if len(below) > NAMED else ""
        named = ", ".join(map(str, below[:NAMED]))
        raise InputError(f"{folder}: is no folder of one result or share; name those below it: {named}{more}.")
    return read_asked(folder)


def _share_of(asked: Asked) -> int:
    """Return which share a folder holds; 0 for a whole."""
    from sim.ensemble.shares import Share

    return Share.parse(asked.about["share"]).number if asked.about["share"] else 0


def _reopened(asked: Asked) -> Reopened:
    """Return a folder opened again; InputError where it is of another model than that of today's files."""
    from sim.ensemble.reopen import differences, reopen

    reopened = reopen(asked.folder)
    if found := differences(dict(asked.about), reopened.prepared):
        raise InputError(
            f"{asked.folder}: is joined by the model that made it, and this is another. {' '.join(found[:5])}"
        )
    return reopened


def _told_whole(campaign: Campaign, reopened: Reopened, joined: Joined) -> dict[str, Any]:
    """Finish a folder that holds the whole plan, where that is not done yet."""
    from sim.ensemble.finalise import finish
    from sim.ensemble.sealed import is_told, sealed

    found = campaign.surveyed()
    manifest = sealed(campaign, found)
    if manifest is not None and is_told(campaign, manifest, is_exact=True):
        campaign.watcher.say(f"{campaign.folder} is whole already.")
    else:
        manifest = finish(campaign, campaign.run(found), write_report)
    return {
        "digest": manifest["digest"],
        "results": str(campaign.folder),
        "report": str(campaign.folder / REPORT) if REPORT in manifest["files"] else None,
        "runs": campaign.plan.n_runs,
        "failed": manifest["counts"]["failed"],
        "failures": manifest["failures"],
        "joined": joined.brought,
        "sources": _told_sources(joined),
        "damage": _told_damage(joined),
        "status": CHECK_FAILED if manifest["counts"]["failed"] else DONE,
    }


def _told_missing(campaign: Campaign, asked: Sequence[Asked], joined: Joined, missing: int) -> dict[str, Any]:
    from sim.ensemble.merge import missing_shares
    from sim.ensemble.shares import Share
    from sim.results.files import is_held

    parts = {Share.parse(one.about["share"]).of for one in asked if one.about["share"]}
    short = missing_shares(campaign.plan, joined.kept, parts.pop()) if len(parts) == 1 else {}
    runs = f"runs={campaign.config.runs}"
    there = {one.about["share"]: one for one in reversed(asked)}
    shares = [
        {"share": str(share), "missing": n, "running": str(share) in there and is_held(there[str(share)].folder),
         "command": asked[0].command(
             campaign.command, there.get(str(share), asked[0]).results_dir, runs, f"shard={share}")}
        for share, n in short.items()
    ]  # fmt: skip
    return {
        "results": str(campaign.folder),
        "runs": campaign.plan.n_runs,
        "joined": joined.brought,
        "sources": _told_sources(joined),
        "missing": missing,
        "shares": shares,
        "command": asked[0].command(campaign.command, campaign.folder.parent.parent, runs),
        "typed_at": asked[0].typed_at,
        "damage": _told_damage(joined),
        "status": CHECK_FAILED,
    }


def _told_sources(joined: Joined) -> list[dict[str, Any]]:
    return [{"folder": str(folder), "runs": n_runs} for folder, n_runs in joined.sources.items()]


def _told_damage(joined: Joined) -> list[dict[str, Any]]:
    return [{"folder": str(folder), "damage": list(lines)} for folder, lines in joined.lost.items()]


def _lines(answer: dict[str, Any]) -> list[str]:
    if "digest" in answer:
        lines = [f"results  {answer['results']}", f"digest   {answer['digest']}", *told_failures(answer)]
        return [f"report   {answer['report']}", *lines] if answer["report"] else lines
    lines = [f"results  {answer['results']}", f"missing  {answer['missing']} of {answer['runs']} runs"]
    lines += [
        f"         {row['missing']} of share {row['share']}: {'running just now' if row['running'] else row['command']}"
        for row in answer["shares"]
    ]
    running = [row["running"] for row in answer["shares"]]
    do = "Wait for these" if all(running) else "Run these, wait for what is running" if any(running) else "Run these"
    again = f"{do}, and merge again; or run them here" if running else "Run them here"
    return [*lines, f"{again}: {answer['command']} {answer['typed_at']}".rstrip()]
