"""`steppe status`: how far a sweep is, from any terminal, without disturbing it."""

from __future__ import annotations

import platform
import textwrap
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.call import CHECK_FAILED, DONE, Call
from sim.commands.progress import show, tell
from sim.errors import InputError
from sim.results.amounts import size, span

if TYPE_CHECKING:
    from sim.ensemble.progress import Standing

KEYS = {
    "check": "true: read every file and tell which are damaged",
    "watch": "seconds after which to tell anew, until the sweep is finished; Ctrl-C ends it",
}

_KEYS_TEXT = "\n".join(f"  {key:<6} {line}" for key, line in KEYS.items())

WIDTH = 100
"""Characters of a line that titles and questions keep to."""

FEW = 4
"""Factors of a design that are named."""

_FINISHED = ("finished", "done", "failed")

_CHECKED = {"finished": "every file is as it was written"}
_VOUCHED = "the data of all shards are as they were written; other files have no checksum before the whole is finished"

HELP = f"""
usage: steppe status FOLDER [key=value ...] [--json]

Tell of a folder of results, finished or not: what it asks, how many of its runs are done, running or failed, how fast
they come and when they will all be there, the command by which the same version and files resume it where it was
interrupted, and the end of its log. It only reads, and never keeps a run waiting. Of an experiment's folder, or a whole
folder for results, all results are listed; one that another version wrote is named and left out. The exit status is 1
where runs failed or files are damaged.

keys:
{_KEYS_TEXT}

examples:
  steppe status results/reference/4f0c2a91b7de
  steppe status results/reference/4f0c2a91b7de watch=5
  steppe status results/reference/4f0c2a91b7de.share-03-of-16 check=true
  steppe status results
"""


def main(call: Call) -> int:
    """Tell how far a folder is, or a list of them, once or again and again."""
    if len(call.words) != 1:
        raise InputError("steppe status needs one folder: steppe status results/reference/4f0c2a91b7de")
    with_check, watch = _keys(call)
    folder = Path(call.words[0]).expanduser()
    while True:
        found, is_list = _standings(folder, with_check)
        call.answer(_json(found, is_list), _table(found) if is_list else _lines(found[0]))
        status = CHECK_FAILED if any(one.failed or one.damage for one in found) else DONE
        if watch is None or all(one.state in _FINISHED for one in found):
            return status
        try:
            time.sleep(watch)
        except KeyboardInterrupt:
            return status
        if not call.as_json:
            show("")


def _keys(call: Call) -> tuple[bool, float | None]:
    """Return whether files are to be checked, and after how many seconds to tell anew; InputError for other values."""
    typed = call.options(KEYS)
    check = typed.get("check", "false")
    if check not in ("true", "false"):
        raise InputError(f"check: must be true or false, not {check!r}.")
    return check == "true", _seconds(typed["watch"]) if "watch" in typed else None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 86_400:
        raise InputError(f"watch: must be a number of seconds from 0.1 to 86400, not {text!r}.")
    return seconds


def _standings(folder: Path, with_check: bool) -> tuple[list[Standing], bool]:
    """Return how far each result in a folder is, and whether it is a folder of several."""
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of results.")
    from sim.ensemble.progress import results_in, standing

    paths = results_in(folder)
    if not paths:
        raise InputError(f"{folder}: holds no results, nor folders of them.")
    if paths == [folder]:
        return [standing(folder, with_check)], False
    found = []
    for path in paths:
        try:
            found.append(standing(path, with_check))
        except InputError as error:
            tell(f"steppe: left out: {error}")
    return found, True


def _json(found: Sequence[Standing], is_list: bool) -> dict[str, Any]:
    return {"count": len(found), "results": [one.as_json() for one in found]} if is_list else found[0].as_json()


def _table(found: Sequence[Standing]) -> list[str]:
    """Return a line for each result on where and how far it is, and one or two on what it is."""
    width = max((len(one.results) for one in found), default=0)
    most = max((len(f"{one.runs:,}") for one in found), default=0)
    lines = []
    for one in found:
        failed = f", {one.failed:,} failed" if one.failed else ""
        counts = f"{one.done:>{most},} of {one.runs:>{most},} runs{failed}"
        lines.append(f"{one.results:<{width}}  {one.state:<11}  {counts}, {size(one.bytes_used)}")
        over = f" over {_few(one.design['factors'])}" if one.design and one.design["method"] == "table" else ""
        lines += _wrapped("   ", one.title + over, most=2)
    return lines


def _few(factors: Sequence[str]) -> str:
    """Return the first factors of a design, and how many more there are."""
    more = f" and {len(factors) - FEW} more" if len(factors) > FEW else ""
    return ", ".join(factors[:FEW]) + more


def _wrapped(label: str, text: str, most: int | None = None) -> list[str]:
    """Return a line that begins with its label, or several, at most so many, where it is wider than a terminal."""
    first, others = f"{label} ", " " * (len(label) + 1)
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=others, max_lines=most, placeholder=" …")


def _lines(one: Standing) -> list[str]:
    share, design = [f"share      {one.share}"] if one.share else [], []
    if one.design:
        points, factors = one.design["points"], _few(one.design["factors"])
        points = f"{points:,} point{'' if points == 1 else 's'}"
        design = _wrapped("design    ", f"{one.design['method'].replace('_', ' ')}, {points} over {factors}")
    failed = f", {one.failed:,} failed" if one.failed else ""
    percent = f" ({100 * one.done / one.runs:.0f} %)" if one.runs else ""
    lines = [
        f"results    {one.results}",
        *_wrapped("experiment", f"{one.experiment}: {one.title}"),
        *_wrapped("question  ", one.question),
        *design,
        *share,
        f"state      {_state(one)}",
        f"runs       {one.done:,} of {one.runs:,} done{percent}{failed}",
    ]
    if one.runs_a_second and one.seconds_left is not None:
        lines.append(f"rate       {one.runs_a_second:.1f} runs a second; {span(one.seconds_left)} left")
    lines.append(f"used       {span(one.cpu_seconds)} of CPU, {size(one.bytes_used)} of disk")
    width = max((len(arm.scenario) for arm in one.arms), default=0)
    for arm in one.arms:
        points = f"  {arm.points:,} points" if arm.points > 1 else ""
        failed = f"  {arm.failed:,} failed" if arm.failed else ""
        counts = f"{arm.done:>9,} of {arm.runs:>9,}"
        lines.append(f"           {arm.scenario:<{width}}  {arm.history:<6}  {counts}{points}{failed}")
    lines += [f"resume     {one.resume} {one.typed_at}".rstrip()] if one.resume else []
    lines += [f"damaged    {line}" for line in one.damage or ()]
    lines += [f"checked    {_CHECKED.get(one.state, _VOUCHED)}"] if one.damage == () else []
    return lines + [f"log        {line}" for line in one.log]


def _state(one: Standing) -> str:
    if one.holder is None or one.state in _FINISHED:
        return one.state
    since = datetime.fromtimestamp(one.holder["since"], UTC)
    who = f"process {one.holder['pid']} on {one.holder['host']}"
    if one.state == "running":
        return f"{one.state}; held by {who} since {since:%Y-%m-%d %H:%M} UTC"
    return f"{one.state}; {who} held it from {since:%Y-%m-%d %H:%M} UTC on, and {_where_now(one.holder['host'])}"


def _where_now(host: str) -> str:
    """Return what is known of a process that left its mark and holds no lock: one of this machine has ended."""
    return "has ended" if host == platform.node() else "may have ended, which only that machine knows"
